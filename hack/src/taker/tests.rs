use rohc::ack_group::{Compressor, Verdict};

use super::*;
use crate::test_packets::{ack, address, data};

/// A taker and the compressor of its peer.
struct Bench {
    taker: Taker,
    peer: Compressor,
    config: Config,
    stats: Stats,
    now: Instant,
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const DEPARTURE: Departure = Departure { queued: 0, sleeps: false, can_poll: true };

impl Bench {
    /// A native ACK, number 0, of the flow from port 1 has come.
    fn new(policy: Policy) -> Self {
        let config = Config { policy, ..Config::default() };
        let (taker, peer, stats) = (Taker::default(), Compressor::new(), Stats::default());
        let mut bench = Self { taker, peer, config, stats, now: Instant::ZERO };
        assert!(bench.natively(&ack(1, 0)));
        bench
    }

    /// Whether a native packet is delivered.
    fn natively(&mut self, msdu: &Msdu) -> bool {
        self.peer.send_natively(&msdu.payload);
        self.peer.native_done(&msdu.payload, true);
        self.taker.admits(self.now, msdu, &mut self.stats)
    }

    fn ride_of(&mut self, acks: &[Msdu]) -> Vec<u8> {
        for ack in acks {
            assert_eq!(self.peer.compress(&ack.payload), Verdict::Ride);
        }
        self.peer.frame(100).map(|(frame, _)| frame.to_vec()).unwrap_or_default()
    }

    /// What is delivered of the riders of a response.
    fn responded(&mut self, riders: &[u8]) -> Vec<Msdu> {
        let mut delivered = vec![];
        let Self { taker, config, stats, now, .. } = self;
        taker.responded(*now, riders, config, stats, &mut delivered);
        delivered
    }

    fn promises(&mut self, departure: Departure) -> bool {
        self.taker.promises(self.now, &departure, &self.config)
    }

    fn polls(&mut self) -> bool {
        self.taker.poll(self.now, &self.config, &mut self.stats)
    }
}

#[test]
fn a_repeated_ride_and_the_native_copy_are_delivered_no_second_time() {
    let mut bench = Bench::new(Policy::Adaptive);
    let ride = bench.ride_of(&[ack(1, 1), ack(1, 2)]);
    assert_eq!(bench.responded(&ride), [ack(1, 1), ack(1, 2)]);
    assert_eq!(bench.responded(&ride), []);
    assert!(!bench.natively(&ack(1, 2)));
    assert!(bench.natively(&ack(1, 3)));
    assert_eq!((bench.stats.copies, bench.stats.gaps), (1, 0));
}

#[test]
fn more_data_is_what_is_queued_unless_the_policy_is_to_poll() {
    let queued = Departure { queued: 3, ..DEPARTURE };
    let mut bench = Bench::new(Policy::MoreData);
    assert!(bench.promises(queued));
    assert!(!bench.promises(DEPARTURE));
    assert_eq!(bench.taker.deadline(), None);
    let mut bench = Bench::new(Policy::Adaptive);
    assert!(bench.promises(queued));
    assert!(bench.promises(DEPARTURE));
    assert!(!bench.promises(Departure { can_poll: false, ..DEPARTURE }));
    bench.now = Instant::ZERO + ACTIVE;
    assert!(!bench.promises(DEPARTURE), "no ACK is expected of a peer that has sent none for long");
}

#[test]
fn a_promise_is_kept_by_a_poll_unless_data_comes_first() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.promises(DEPARTURE);
    assert!(!bench.polls() && !bench.taker.wants_medium());
    let due = Instant::ZERO + bench.config.poll_after;
    assert_eq!(bench.taker.deadline(), Some(due));
    bench.now = due;
    bench.taker.handle_timeout(due);
    assert!(bench.taker.wants_medium() && bench.polls());
    assert!(!bench.taker.wants_medium());
    // Unheard it is repeated, data sets the clock anew.
    assert_eq!(bench.taker.deadline(), Some(due + bench.config.promise));
    bench.promises(DEPARTURE);
    assert_eq!(bench.taker.deadline(), Some(due + bench.config.poll_after));
}

#[test]
fn a_poll_that_brings_nothing_is_the_last_one() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.promises(DEPARTURE);
    assert_eq!(bench.responded(&[]), []);
    assert!(bench.taker.deadline().is_some(), "its ACKs come after the response");
    bench.now += ms(1);
    assert!(bench.polls());
    bench.responded(&[]);
    assert_eq!(bench.taker.deadline(), None);
}

#[test]
fn acks_that_rode_bring_data_which_saves_the_poll() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.promises(DEPARTURE);
    let ride = bench.ride_of(&[ack(1, 1)]);
    bench.responded(&ride);
    assert_eq!(bench.taker.deadline(), Some(bench.now + bench.config.round_trip));
}

#[test]
fn after_a_gap_a_promise_is_taken_back_until_that_was_heard() {
    let mut bench = Bench::new(Policy::Adaptive);
    assert!(bench.promises(DEPARTURE));
    bench.responded(b"nonsense");
    assert_eq!(bench.stats.gaps, 1);
    for _ in 0..3 {
        assert!(!bench.promises(Departure { queued: 9, ..DEPARTURE }));
        assert_eq!(bench.taker.deadline(), None);
    }
    bench.responded(&[]);
    assert!(bench.promises(DEPARTURE));
}

#[test]
fn a_promise_that_was_not_given_is_given_to_be_taken_back() {
    let mut bench = Bench::new(Policy::Opportunistic);
    assert!(!bench.promises(DEPARTURE));
    bench.responded(b"nonsense");
    for _ in 0..3 {
        assert!(bench.promises(DEPARTURE));
    }
    bench.responded(&[]);
    assert!(!bench.promises(Departure { queued: 9, ..DEPARTURE }));
    bench.responded(&[]);
    assert!(bench.promises(Departure { queued: 9, ..DEPARTURE }));
}

/// The last attempts of what was given up promised nothing, but the peer may not have heard those.
#[test]
fn a_promise_that_may_be_counted_on_is_taken_back_too() {
    let mut bench = Bench::new(Policy::MoreData);
    assert!(bench.promises(Departure { queued: 1, ..DEPARTURE }));
    assert!(!bench.promises(DEPARTURE));
    bench.taker.missed();
    assert!(!bench.promises(Departure { queued: 1, ..DEPARTURE }));
}

#[test]
fn a_response_that_was_given_up_is_a_gap_and_the_end_of_polling() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.promises(DEPARTURE);
    bench.taker.missed();
    assert_eq!(bench.taker.deadline(), None);
    assert!(!bench.promises(DEPARTURE));
}

#[test]
fn a_peer_that_is_deaf_is_not_polled() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.promises(DEPARTURE);
    bench.taker.stop_polling();
    bench.now += ms(1000);
    assert!(!bench.polls() && bench.taker.deadline().is_none());
}

#[test]
fn who_forges_a_packet_does_not_redirect_what_rides() {
    let mut bench = Bench::new(Policy::Adaptive);
    let ride = bench.ride_of(&[ack(1, 1)]);
    bench.responded(&ride);
    let forged = Msdu { destination: address(66), ..data(1, 7) };
    assert!(bench.taker.admits(bench.now, &forged, &mut bench.stats));
    let ride = bench.ride_of(&[ack(1, 2)]);
    assert_eq!(bench.responded(&ride), []);
    assert_eq!(bench.stats.gaps, 1);
    // The peer drains, and what goes natively says where the flow goes.
    assert_eq!(bench.peer.drain().len(), 2);
    for number in 1..=2 {
        bench.taker.admits(bench.now, &ack(1, number), &mut bench.stats);
        bench.peer.native_done(&ack(1, number).payload, true);
    }
    let ride = bench.ride_of(&[ack(1, 3)]);
    assert_eq!(bench.responded(&ride), [ack(1, 3)]);
}

#[test]
fn flows_that_come_and_go_do_not_take_the_envelope_of_one_that_rides() {
    let mut bench = Bench::new(Policy::Adaptive);
    let ride = bench.ride_of(&[ack(1, 1)]);
    assert_eq!(bench.responded(&ride).len(), 1);
    bench.peer.confirm(bench.peer.clone().frame(100).expect("it is unconfirmed").1);
    for port in 2..2000 {
        assert!(bench.taker.admits(bench.now, &ack(port, 0), &mut bench.stats));
    }
    let ride = bench.ride_of(&[ack(1, 2)]);
    assert_eq!(bench.responded(&ride), [ack(1, 2)]);
}
