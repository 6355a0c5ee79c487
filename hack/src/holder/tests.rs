use super::*;
use crate::test_packets::{ack, data};

/// A holder with the packets it has released, at some time.
struct Bench {
    holder: Holder,
    config: Config,
    stats: Stats,
    native: Vec<Msdu>,
    now: Instant,
}

const MORE: Reception = Reception {
    tid: Some(0),
    more_data: true,
    new: 2,
    repeated: 0,
    obscured: false,
    requested: false,
    heard_all: false,
};
const LAST: Reception = Reception { more_data: false, ..MORE };
const REPEATED: Reception = Reception { new: 1, repeated: 1, ..MORE };
const REQUEST: Reception = Reception { new: 0, requested: true, more_data: false, ..MORE };
const POLL: Reception = Reception { heard_all: true, ..REQUEST };
const NULL: Reception = Reception { new: 0, ..MORE };

impl Bench {
    /// The peer has a native ACK, number 0, of the flow from port 1, and more data.
    fn new(policy: Policy) -> Self {
        let config = Config { policy, ..Config::default() };
        let (holder, stats) = (Holder::default(), Stats::default());
        let mut bench = Self { holder, config, stats, native: vec![], now: Instant::ZERO };
        bench.introduce(1);
        bench.receive(MORE);
        bench
    }

    fn introduce(&mut self, port: u16) {
        assert_eq!(self.take(ack(port, 0)), [ack(port, 0)]);
        self.holder.native_done(&ack(port, 0), true);
    }

    fn take(&mut self, msdu: Msdu) -> Vec<Msdu> {
        let Self { holder, config, stats, native, now } = self;
        holder.take(*now, msdu, config, stats, native);
        std::mem::take(native)
    }

    fn receive(&mut self, reception: Reception) -> Vec<Msdu> {
        let Self { holder, config, stats, native, now } = self;
        holder.data_received(*now, &reception, config, stats, native);
        std::mem::take(native)
    }

    /// What rides on the next response, and what goes natively because of it.
    fn ride(&mut self) -> (Vec<u8>, Vec<Msdu>) {
        let mut riders = vec![];
        let Self { holder, config, stats, native, .. } = self;
        holder.ride(121, config, stats, &mut riders, native);
        (riders, std::mem::take(native))
    }

    fn rides(&mut self) -> Vec<u8> {
        let (riders, native) = self.ride();
        assert!(!riders.is_empty() && native.is_empty());
        riders
    }

    fn drain(&mut self) -> Vec<Msdu> {
        self.holder.drain(&mut self.stats, &mut self.native);
        std::mem::take(&mut self.native)
    }
}

/// One ACK rides on the response to data, and then something comes.
fn after_a_ride(policy: Policy, comes: Reception) -> (Bench, Vec<u8>, Vec<Msdu>) {
    let mut bench = Bench::new(policy);
    assert_eq!(bench.take(ack(1, 1)), []);
    let ride = bench.rides();
    let native = bench.receive(comes);
    (bench, ride, native)
}

#[test]
fn new_data_confirms() {
    let (mut bench, _, native) = after_a_ride(Policy::Adaptive, MORE);
    assert_eq!((bench.stats.confirmed, native.len()), (1, 0));
    assert!(bench.ride().0.is_empty());
    assert_eq!(bench.holder.deadline(), None);
}

#[test]
fn a_retry_of_an_acknowledged_mpdu_has_the_ride_repeated() {
    let (mut bench, ride, native) = after_a_ride(Policy::Adaptive, REPEATED);
    assert_eq!((bench.stats.not_heard, native.len()), (1, 0));
    assert_eq!(bench.rides(), ride);
}

#[test]
fn a_request_for_what_was_acknowledged_has_the_ride_repeated() {
    let (mut bench, ride, native) = after_a_ride(Policy::Adaptive, REQUEST);
    assert_eq!((bench.stats.not_heard, native.len()), (1, 0));
    assert_eq!(bench.rides(), ride);
}

#[test]
fn a_poll_confirms_what_rode_on_the_response_to_data() {
    let (mut bench, _, _) = after_a_ride(Policy::Adaptive, POLL);
    assert_eq!(bench.stats.confirmed, 1);
    assert!(bench.ride().0.is_empty());
}

#[test]
fn a_second_poll_may_be_the_first_one_repeated() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.take(ack(1, 1));
    bench.receive(POLL);
    let ride = bench.rides();
    assert_eq!(bench.receive(POLL), []);
    assert_eq!(bench.stats.confirmed, 0);
    assert_eq!(bench.rides(), ride);
    bench.receive(MORE);
    assert_eq!(bench.stats.confirmed, 1);
}

#[test]
fn damaged_mpdus_may_be_the_ones_that_would_tell() {
    let obscured = Reception { obscured: true, ..MORE };
    let (mut bench, ride, native) = after_a_ride(Policy::Adaptive, obscured);
    assert_eq!((bench.stats.confirmed, bench.stats.not_heard, native.len()), (0, 0, 0));
    assert_eq!(bench.rides(), ride);
}

#[test]
fn data_of_another_tid_shows_nothing() {
    let (mut bench, ride, native) =
        after_a_ride(Policy::Adaptive, Reception { tid: Some(6), ..MORE });
    assert_eq!((bench.stats.confirmed, bench.stats.not_heard, native.len()), (0, 0, 0));
    assert_eq!(bench.rides(), ride);
}

#[test]
fn a_frame_without_data_shows_nothing() {
    let (mut bench, ride, native) = after_a_ride(Policy::Adaptive, NULL);
    assert_eq!((bench.stats.confirmed, bench.stats.not_heard, native.len()), (0, 0, 0));
    assert_eq!(bench.rides(), ride);
}

#[test]
fn a_promise_that_ends_confirms_nothing_and_drains() {
    for policy in [Policy::MoreData, Policy::Adaptive, Policy::Opportunistic] {
        let (mut bench, _, native) = after_a_ride(policy, LAST);
        assert_eq!(native, [ack(1, 1)]);
        assert_eq!((bench.stats.confirmed, bench.stats.drained), (0, 1));
        assert!(bench.ride().0.is_empty());
    }
}

#[test]
fn a_peer_that_repeats_itself_too_often_gets_native_acks_until_it_has_heard() {
    let (mut bench, ..) = after_a_ride(Policy::Adaptive, REQUEST);
    bench.rides();
    assert_eq!(bench.receive(REQUEST), []);
    bench.rides();
    assert_eq!(bench.receive(REQUEST), [ack(1, 1)]);
    bench.holder.native_done(&ack(1, 1), true);
    assert_eq!(bench.take(ack(1, 2)), [ack(1, 2)]);
    bench.holder.native_done(&ack(1, 2), true);
    bench.receive(MORE);
    assert_eq!(bench.take(ack(1, 3)), []);
}

/// The ACKs that a lone MPDU brings come too late for its own Ack, so that its retries count
/// before anything rides.
#[test]
fn retries_count_when_nothing_rides_too() {
    let mut bench = Bench::new(Policy::Adaptive);
    let repeats = bench.config.repeats;
    (0..repeats).for_each(|_| assert_eq!(bench.receive(REPEATED), []));
    assert_eq!(bench.take(ack(1, 1)), [ack(1, 1)]);
}

#[test]
fn what_cannot_ride_drains_its_flow_before_it() {
    let mut bench = Bench::new(Policy::Adaptive);
    assert_eq!(bench.take(ack(1, 1)), []);
    assert_eq!(bench.take(ack(1, 2)), []);
    assert_eq!(bench.take(data(1, 3)), [ack(1, 1), ack(1, 2), data(1, 3)]);
    assert!(bench.holder.compressor.is_idle());
    // In flight it is in the way of the next.
    assert_eq!(bench.take(ack(1, 4)), [ack(1, 4)]);
}

#[test]
fn a_packet_in_another_envelope_drains_its_flow_and_then_rides_in_the_new_one() {
    let mut bench = Bench::new(Policy::Adaptive);
    let urgent = |number| Msdu { priority: 5, ..ack(1, number) };
    bench.take(ack(1, 1));
    assert_eq!(bench.take(urgent(2)), [ack(1, 1), urgent(2)]);
    bench.holder.native_done(&ack(1, 1), true);
    bench.holder.native_done(&urgent(2), true);
    assert_eq!(bench.take(urgent(3)), []);
    assert_eq!(bench.drain(), [urgent(3)]);
}

#[test]
fn a_drain_returns_what_was_confirmed_last_for_want_of_anything_newer() {
    let (mut bench, ..) = after_a_ride(Policy::Adaptive, MORE);
    assert_eq!(bench.drain(), [ack(1, 1)]);
    assert_eq!(bench.drain(), []);
}

#[test]
fn flows_that_come_and_go_do_not_take_the_envelope_of_one_that_rides() {
    let mut bench = Bench::new(Policy::Adaptive);
    assert_eq!(bench.take(ack(1, 1)), []);
    for port in 2..2000 {
        assert_eq!(bench.take(data(port, 0)).len(), 1);
        assert_eq!(bench.take(ack(port, 1)).len(), 1);
    }
    assert_eq!(bench.drain(), [ack(1, 1)]);
}

#[test]
fn who_is_deaf_has_nothing_held_back() {
    let mut bench = Bench::new(Policy::Adaptive);
    bench.take(ack(1, 1));
    bench.holder.set_deaf(true, &mut bench.stats, &mut bench.native);
    assert_eq!(std::mem::take(&mut bench.native), [ack(1, 1)]);
    bench.holder.native_done(&ack(1, 1), true);
    assert_eq!(bench.take(ack(1, 2)), [ack(1, 2)]);
    bench.holder.native_done(&ack(1, 2), true);
    bench.holder.set_deaf(false, &mut bench.stats, &mut bench.native);
    assert_eq!(bench.take(ack(1, 3)), []);
}

#[test]
fn policies_differ_in_what_waits_for_what() {
    let hold_and_wants_medium = |policy, comes| {
        let mut bench = Bench::new(policy);
        bench.receive(comes);
        let held = bench.take(ack(1, 1)).is_empty();
        (held, bench.holder.wants_medium(&bench.config))
    };
    let timer = Policy::Timer(Duration::from_millis(10));
    assert_eq!(hold_and_wants_medium(Policy::Native, MORE), (false, false));
    assert_eq!(hold_and_wants_medium(timer, LAST), (true, false));
    assert_eq!(hold_and_wants_medium(Policy::Opportunistic, MORE), (true, true));
    assert_eq!(hold_and_wants_medium(Policy::MoreData, MORE), (true, false));
    assert_eq!(hold_and_wants_medium(Policy::MoreData, LAST), (false, false));
    assert_eq!(hold_and_wants_medium(Policy::Adaptive, MORE), (true, false));
    assert_eq!(hold_and_wants_medium(Policy::Adaptive, LAST), (true, true));
}

#[test]
fn who_was_polled_and_had_nothing_to_say_is_not_polled_again() {
    let mut bench = Bench::new(Policy::MoreData);
    bench.receive(POLL);
    assert!(bench.ride().0.is_empty());
    assert_eq!(bench.take(ack(1, 1)), [ack(1, 1)]);
    let mut bench = Bench::new(Policy::Adaptive);
    bench.receive(POLL);
    assert!(bench.ride().0.is_empty());
    assert_eq!(bench.take(ack(1, 1)), []);
    assert!(bench.holder.wants_medium(&bench.config));
    bench.receive(MORE);
    assert!(!bench.holder.wants_medium(&bench.config));
}

#[test]
fn an_ack_is_due_when_it_has_waited_for_as_long_as_its_policy_says() {
    for (policy, ms) in [(Policy::Timer(Duration::from_millis(10)), 10), (Policy::Adaptive, 140)] {
        let mut bench = Bench::new(policy);
        bench.now = Instant::from_nanos(5_000_000);
        bench.take(ack(1, 1));
        let due = bench.now + Duration::from_millis(ms);
        bench.now = Instant::from_nanos(9_000_000);
        bench.take(ack(1, 2));
        assert_eq!(bench.holder.deadline(), Some(due));
    }
}

#[test]
fn a_ride_is_no_longer_than_the_budget_unless_that_may_be_exceeded() {
    for (budget, longest) in [(Budget::Split, 4), (Budget::Risk(100), 100)] {
        let mut bench = Bench::new(Policy::Adaptive);
        bench.config.budget = budget;
        (1..20).for_each(|number| assert_eq!(bench.take(ack(1, number * number)), []));
        let mut riders = vec![];
        let Bench { holder, config, stats, native, .. } = &mut bench;
        holder.ride(4, config, stats, &mut riders, native);
        assert!(riders.len() <= longest);
        assert_eq!(stats.rides_beyond_aifs, u64::from(riders.len() > 4));
    }
}
