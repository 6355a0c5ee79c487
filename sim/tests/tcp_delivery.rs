//! Whatever the network does, exactly the bytes that were sent are delivered.

mod common;

use std::time::Duration;

use common::*;
use proptest::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sim::tcp::{Algorithm, Config, Connection, Reader, RecoveryRule, Transfer};

/// Everything that changes how losses are found and repaired.
fn variants() -> Vec<Config> {
    let mut variants = vec![];
    for algorithm in [Algorithm::NewReno, Algorithm::Cubic] {
        for sack in [true, false] {
            for recovery in [RecoveryRule::Classic, RecoveryRule::Proportional] {
                for timestamps in [true, false] {
                    variants.push(Config { algorithm, sack, recovery, timestamps, ..config() });
                }
            }
        }
    }
    variants
}

#[test]
fn a_transfer_without_losses_is_one_handshake_and_its_segments() {
    for config in variants() {
        let mut net = Dumbbell::new(config, Transfer::Bytes(1_000_000), bottleneck(1000));
        net.run(secs(10.0));
        net.assert_delivered(1_000_000);
        let sender = net.server.stats().sender;
        assert_eq!((sender.segments_retransmitted, sender.timeouts), (0, 0));
    }
}

#[test]
fn nothing_but_a_close_can_be_sent() {
    let mut net = Dumbbell::new(config(), Transfer::Bytes(0), bottleneck(10));
    net.run(secs(10.0));
    net.assert_delivered(0);
}

#[test]
fn any_one_of_the_first_packets_may_be_lost_in_either_direction() {
    for config in variants() {
        for lost in 0..40 {
            for down in [true, false] {
                let mut net =
                    Dumbbell::new(config.clone(), Transfer::Bytes(100_000), bottleneck(100));
                let path = if down { &mut net.down } else { &mut net.up };
                path.judge = Box::new(
                    move |number, _, _| if number == lost { Fate::Drop } else { Fate::Pass },
                );
                net.run(secs(60.0));
                net.assert_delivered(100_000);
                let sender = net.server.stats().sender;
                assert!(sender.segments_retransmitted <= 80, "{config:?} {lost}: {sender:?}");
            }
        }
    }
}

#[test]
fn one_lost_segment_in_mid_stream_costs_no_timeout() {
    for config in variants() {
        // Data begins with packet 1; a full window has three duplicates to come until the last.
        for lost in 1..60 {
            let mut net = Dumbbell::new(config.clone(), Transfer::Bytes(70 * MSS), bottleneck(200));
            net.down.judge =
                Box::new(move |number, _, _| if number == lost { Fate::Drop } else { Fate::Pass });
            net.run(secs(60.0));
            net.assert_delivered(70 * MSS);
            let sender = net.server.stats().sender;
            assert_eq!(sender.timeouts, 0, "{config:?} {lost}: {sender:?}");
            assert_eq!(sender.fast_recoveries, 1, "{config:?} {lost}");
            // One more may go out to the rescue of the tail (RFC 6675 section 4, rule 4).
            let rescued = u64::from(config.sack && lost > 20);
            assert!(sender.segments_retransmitted <= 1 + rescued, "{config:?} {lost}");
        }
    }
}

#[test]
fn several_losses_in_a_window_are_repaired_in_one_recovery() {
    for recovery in [RecoveryRule::Classic, RecoveryRule::Proportional] {
        let config = Config { recovery, ..config() };
        let mut net = Dumbbell::new(config, Transfer::Bytes(200 * MSS), bottleneck(200));
        net.down.judge = Box::new(|number, _, _| match number {
            60 | 62 | 63 | 64 | 70 | 75 => Fate::Drop,
            _ => Fate::Pass,
        });
        net.run(secs(60.0));
        net.assert_delivered(200 * MSS);
        let sender = net.server.stats().sender;
        assert_eq!(
            (sender.timeouts, sender.fast_recoveries, sender.segments_retransmitted),
            (0, 1, 6)
        );
    }
}

#[test]
fn a_lost_retransmission_waits_for_the_timer_or_is_found_by_rack() {
    for rack in [true, false] {
        let config = Config { rack, ..config() };
        let mut net = Dumbbell::new(config, Transfer::Bytes(300 * MSS), bottleneck(200));
        let mut lost = None;
        let mut times = 0;
        net.down.judge = Box::new(move |number, segment, _| {
            if number == 60 {
                lost = Some(segment.seq);
            }
            times += u32::from(lost == Some(segment.seq));
            if lost == Some(segment.seq) && times <= 2 { Fate::Drop } else { Fate::Pass }
        });
        net.run(secs(60.0));
        net.assert_delivered(300 * MSS);
        let sender = net.server.stats().sender;
        assert_eq!(sender.timeouts, u64::from(!rack), "{sender:?}");
    }
}

#[test]
fn a_lost_tail_waits_for_the_timer() {
    let mut net = Dumbbell::new(config(), Transfer::Bytes(100 * MSS), bottleneck(200));
    net.down.judge = Box::new(|number, _, _| if number == 100 { Fate::Drop } else { Fate::Pass });
    net.run(secs(60.0));
    net.assert_delivered(100 * MSS);
    let sender = net.server.stats().sender;
    assert_eq!((sender.timeouts, sender.segments_retransmitted), (1, 1));
}

#[test]
fn random_losses_duplicates_and_delays_lose_no_byte() {
    for (index, config) in variants().into_iter().enumerate() {
        for percent in 0..=5 {
            let mut net = Dumbbell::new(config.clone(), Transfer::Bytes(500_000), bottleneck(50));
            for (direction, path) in [&mut net.down, &mut net.up].into_iter().enumerate() {
                let mut rng = ChaCha8Rng::seed_from_u64(
                    1000 * index as u64 + 10 * percent + direction as u64,
                );
                path.judge = Box::new(move |_, _, _| match rng.random_range(0..100) {
                    dice if dice < percent => Fate::Drop,
                    dice if dice < percent + 1 => Fate::Twice,
                    dice if dice < percent + 3 => {
                        Fate::Late(Duration::from_micros(u64::from(rng.next_u32() % 20_000)))
                    }
                    _ => Fate::Pass,
                });
            }
            net.run(secs(1000.0));
            net.assert_delivered(500_000);
        }
    }
}

#[test]
fn lost_acks_matter_little_for_the_next_says_the_same() {
    let mut net = Dumbbell::new(config(), Transfer::Bytes(1_000_000), bottleneck(1000));
    net.up.judge = Box::new(
        |number, _, _| if number > 5 && number % 3 != 0 { Fate::Drop } else { Fate::Pass },
    );
    net.run(secs(10.0));
    net.assert_delivered(1_000_000);
    assert_eq!(net.server.stats().sender.segments_retransmitted, 0);
}

#[test]
fn sequence_numbers_wrap_in_the_middle_of_a_transfer() {
    for iss in [u32::MAX - 5, u32::MAX - 200_000, i32::MAX as u32 - 100_000] {
        let config = Config { iss, ..config() };
        let mut net = Dumbbell::new(config, Transfer::Bytes(500_000), bottleneck(20));
        net.run(secs(20.0));
        net.assert_delivered(500_000);
    }
}

#[test]
fn an_upload_is_a_download_the_other_way_round() {
    let mut net = Dumbbell::new(config(), Transfer::Nothing, bottleneck(500));
    let upload = Config { transfer: Transfer::Bytes(300_000), ..config() };
    net.client = Connection::connect(upload, client_address(), server_address(), net.now);
    net.run(secs(20.0));
    assert!(net.client.is_closed() && net.server.is_closed());
    assert_eq!(net.server.stats().receiver.bytes_delivered, 300_000);
    assert_eq!(net.client.stats().sender.segments_retransmitted, 0);
}

#[test]
fn ipv6_carries_it_as_well() {
    let (server, client) = ("[fd00::1]:5001".parse().unwrap(), "[fd00::2]:40000".parse().unwrap());
    let mut net = Dumbbell::new(config(), Transfer::Nothing, bottleneck(50));
    let download = Config { mss: 1440, transfer: Transfer::Bytes(300_000), ..config() };
    let reader = Config { mss: 1440, reader: Reader::Keep, ..config() };
    net.server = Connection::listen(download, server);
    net.client = Connection::connect(reader, client, server, net.now);
    net.run(secs(20.0));
    net.assert_delivered(300_000);
}

#[test]
fn both_may_send_at_once() {
    let mut net = Dumbbell::new(config(), Transfer::Bytes(300_000), bottleneck(30));
    let both = Config { transfer: Transfer::Bytes(200_000), ..config() };
    net.client = Connection::connect(both, client_address(), server_address(), net.now);
    net.run(secs(20.0));
    assert!(net.client.is_closed() && net.server.is_closed());
    assert_eq!(net.server.stats().receiver.bytes_delivered, 200_000);
    assert_eq!(net.client.stats().receiver.bytes_delivered, 300_000);
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Pass),
        2 => Just(Fate::Drop),
        1 => Just(Fate::Twice),
        1 => (0u64..50_000).prop_map(|us| Fate::Late(Duration::from_micros(us))),
        1 => Just(Fate::Mark),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_pattern_of_faults_ends_with_the_exact_stream(
        down in proptest::collection::vec(any_fate(), 0..120),
        up in proptest::collection::vec(any_fate(), 0..120),
        bytes in 0u64..150_000,
        variant in 0usize..16,
        ecn: bool,
        receive_offload: bool,
        linux: bool,
        receive_buffer in prop_oneof![Just(3_000u32), Just(30_000), Just(4 << 20)],
    ) {
        let variant = variants()[variant].clone();
        let (rack, hystart) = (linux, linux);
        let config = Config { ecn, receive_offload, receive_buffer, rack, hystart, ..variant };
        let mut net = Dumbbell::new(config, Transfer::Bytes(bytes), bottleneck(20));
        net.down.judge = Box::new(move |number, _, _| *down.get(number as usize).unwrap_or(&Fate::Pass));
        net.up.judge = Box::new(move |number, _, _| *up.get(number as usize).unwrap_or(&Fate::Pass));
        net.run(secs(4000.0));
        net.assert_delivered(bytes);
    }
}
