//! How much is sent: the window over a bottleneck, after losses, and with congestion marks.

mod common;

use std::{cell::Cell, rc::Rc};

use common::*;
use sim::tcp::{AckCounting, Algorithm, Config, RecoveryRule, TracePoint, Transfer};

/// Reductions until the overshoot of slow start is over.
const SLOW_START: usize = 3;
/// Goodput of a 10 Mbit/s bottleneck that is always busy.
const FULL: f64 = 10e6 * 1460.0 / 1500.0;

/// The windows at which it was reduced, and to what, in segments.
fn reductions(trace: &[TracePoint]) -> Vec<(f64, f64)> {
    let segments = |bytes: u64| bytes as f64 / MSS as f64;
    let mut peak = 0;
    let mut reductions = vec![];
    for point in trace {
        peak = peak.max(point.cwnd);
        if point.cwnd <= point.ssthresh && point.ssthresh < peak * 4 / 5 {
            reductions.push((segments(peak), segments(point.ssthresh)));
            peak = 0;
        }
    }
    reductions
}

#[test]
fn the_pipe_is_full_with_a_queue_of_its_size() {
    for algorithm in [Algorithm::NewReno, Algorithm::Cubic] {
        for recovery in [RecoveryRule::Classic, RecoveryRule::Proportional] {
            for sack in [true, false] {
                let config = Config { algorithm, recovery, sack, ..config() };
                let mut net = Dumbbell::new(config, Transfer::Unlimited, bottleneck(20));
                // At the end of slow start a retransmission may be lost as well.
                net.run(secs(5.0));
                let timeouts = net.server.stats().sender.timeouts;
                assert!(timeouts <= 1);
                let goodput = net.goodput(secs(60.0));
                let sender = net.server.stats().sender;
                assert!(
                    goodput > 0.97 * FULL,
                    "{algorithm:?} {recovery:?} {sack}: {goodput} {sender:?}"
                );
                assert_eq!(
                    sender.timeouts, timeouts,
                    "{algorithm:?} {recovery:?} {sack}: {sender:?}"
                );
            }
        }
    }
}

/// Queue and pipe hold 100 + 17 segments: there the window is cut in half, and grows again by a
/// segment a round trip.
#[test]
fn new_reno_saws_between_the_whole_and_the_half_of_pipe_and_queue() {
    let config = Config { algorithm: Algorithm::NewReno, ..config() };
    let mut net = Dumbbell::new(config, Transfer::Unlimited, bottleneck(100));
    net.run(secs(120.0));
    let reductions = reductions(net.server.trace()).split_off(SLOW_START);
    assert!(reductions.len() > 8, "{reductions:?}");
    for (before, after) in reductions {
        assert!((117.0..121.0).contains(&before), "{before}");
        assert!((0.5 - after / before).abs() < 0.01, "{before} to {after}");
    }
    assert_eq!(net.server.stats().sender.timeouts, 0);
}

#[test]
fn counting_acks_instead_of_bytes_makes_the_teeth_twice_as_long() {
    let teeth = |ack_counting| {
        let config = Config { algorithm: Algorithm::NewReno, ack_counting, ..config() };
        let mut net = Dumbbell::new(config, Transfer::Unlimited, bottleneck(50));
        net.run(secs(120.0));
        net.server.stats().sender.fast_recoveries as f64
    };
    let ratio = teeth(AckCounting::PerByte) / teeth(AckCounting::PerAck);
    assert!((1.7..2.2).contains(&ratio), "{ratio}");
}

/// RFC 9438 section 4.6: to 0.7; the curve itself is tested beside the algorithm.
#[test]
fn cubic_reduces_to_seven_tenths_and_probes_around_the_old_window() {
    let mut net = Dumbbell::new(config(), Transfer::Unlimited, bottleneck(100));
    net.run(secs(120.0));
    let reductions = reductions(net.server.trace()).split_off(SLOW_START);
    assert!(reductions.len() > 5, "{reductions:?}");
    for (before, after) in reductions {
        assert!((117.0..132.0).contains(&before), "{before}");
        assert!((0.7 - after / before).abs() < 0.02, "{before} to {after}");
    }
}

#[test]
fn random_loss_of_one_percent_follows_the_square_root_law() {
    // Mathis et al. 1997: sqrt(3/2) / sqrt(p) segments a round trip, with an ACK for each.
    let config = Config { algorithm: Algorithm::NewReno, ack_every: 1, ..config() };
    let link = sim::wire::WireConfig {
        bits_per_second: 1_000_000_000,
        delay: secs(0.05),
        queue_limit: 1000,
    };
    let mut net = Dumbbell::new(config, Transfer::Unlimited, link);
    net.down.judge =
        Box::new(|number, _, _| if number % 100 == 99 { Fate::Drop } else { Fate::Pass });
    net.run(secs(10.0));
    let goodput = net.goodput(secs(200.0));
    let law = (1.5f64 / 0.01).sqrt() * 8.0 * MSS as f64 / 0.1;
    assert!((0.85..1.15).contains(&(goodput / law)), "{goodput}, not {law}");
}

#[test]
fn a_timeout_starts_again_with_one_segment_and_half_the_threshold() {
    let mut net = Dumbbell::new(config(), Transfer::Unlimited, bottleneck(100));
    let cut = Rc::new(Cell::new(false));
    let is_cut = Rc::clone(&cut);
    net.down.judge = Box::new(move |_, _, _| if is_cut.get() { Fate::Drop } else { Fate::Pass });
    net.run(secs(5.0));
    cut.set(true);
    net.run(secs(1.5));
    cut.set(false);
    net.run(secs(10.0));
    let trace = net.server.trace();
    let restart = trace.iter().find(|point| point.cwnd == MSS).expect("a timeout");
    assert!(restart.ssthresh < 120 * MSS, "{restart:?}");
    let sender = net.server.stats().sender;
    assert!(sender.timeouts > 0, "{sender:?}");
    assert!(net.goodput(secs(10.0)) > 0.95 * FULL);
}

/// RFC 3168: a mark costs as much window as a loss, and nothing is sent again.
#[test]
fn a_congestion_mark_reduces_the_window_once_a_round_trip() {
    let ecn = Config { ecn: true, algorithm: Algorithm::NewReno, ..config() };
    let mut net = Dumbbell::new(ecn, Transfer::Unlimited, bottleneck(1000));
    net.down.judge = Box::new(|number, segment, payload| {
        assert_eq!(payload.is_empty(), segment.ecn == sim::packet::Ecn::NotEct, "only data is ECT");
        if (400..=404).contains(&number) { Fate::Mark } else { Fate::Pass }
    });
    let mut echoes = 0;
    net.up.judge = Box::new(move |_, segment, _| {
        echoes += u32::from(segment.flags.ece && !segment.flags.syn);
        assert!(echoes < 500, "CWR ends the echo");
        Fate::Pass
    });
    net.run(secs(3.0));
    let sender = net.server.stats().sender;
    assert_eq!((sender.ecn_reductions, sender.segments_retransmitted), (1, 0), "{sender:?}");
    assert!(sender.ssthresh < u64::MAX);
}

#[test]
fn the_receive_window_limits_what_is_in_flight() {
    // 64 KB without scaling, over a path that could hold more.
    let config = Config { window_scaling: false, ..config() };
    let link = sim::wire::WireConfig {
        bits_per_second: 100_000_000,
        delay: secs(0.05),
        queue_limit: 1000,
    };
    let mut net = Dumbbell::new(config, Transfer::Unlimited, link);
    net.run(secs(5.0));
    let goodput = net.goodput(secs(20.0));
    let limit = 8.0 * 65_535.0 / 0.1;
    assert!((0.9..1.01).contains(&(goodput / limit)), "{goodput}, not {limit}");
}
