//! Fewer TCP ACKs: what drivers do that know nothing of HACK.

use std::collections::VecDeque;
use std::time::Duration;

use mac::{Departure, Elements, Instant, MacAddr, Msdu, Reception, Response, Rider};
use rohc::ack_group::{FlowKey, is_pure_ack};

/// Flows whose ACKs are thinned; those of others are sent as they come.
const MAX_FLOWS: usize = 32;

/// How many ACKs are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinning {
    /// One in so many of those of a flow that do nothing but acknowledge more.
    pub one_in: u32,
    /// The newest of those held back is sent after this time at most.
    pub flush: Duration,
}

impl Default for Thinning {
    /// As drivers of telephones have it.
    fn default() -> Self {
        Self { one_in: 12, flush: Duration::from_millis(5) }
    }
}

/// A rider before which ACKs are thinned: of those that acknowledge more than the one before and
/// do nothing else it gets one in so many, and the last of them in time. Whatever says more than
/// that, like a duplicate ACK, SACK, or a smaller window, goes at once, after the one held back.
pub struct Thin<R> {
    inner: R,
    thinning: Thinning,
    /// The flow that was used last comes last.
    flows: Vec<Flow>,
    /// What the rider did not take.
    released: VecDeque<(MacAddr, Msdu)>,
    dropped: u64,
}

struct Flow {
    peer: MacAddr,
    key: FlowKey,
    newest: Ack,
    /// The newest ACK, and by when it is sent.
    withheld: Option<(Msdu, Instant)>,
    /// How many were withheld since one was sent.
    count: u32,
}

/// What a pure ACK says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ack {
    number: u32,
    window: u16,
    /// It has no flag but ACK, and no option but timestamps.
    is_plain: bool,
}

impl Ack {
    fn parse(packet: &[u8]) -> Option<Self> {
        if !is_pure_ack(packet) {
            return None;
        }
        let ip_len = if packet[0] >> 4 == 4 { 4 * usize::from(packet[0] & 15) } else { 40 };
        let tcp = packet.get(ip_len..)?;
        let (header, options) = tcp.split_at_checked(20)?;
        Some(Self {
            number: u32::from_be_bytes(header[8..12].try_into().ok()?),
            window: u16::from_be_bytes([header[14], header[15]]),
            is_plain: header[13] == 0x10 && only_timestamps(options),
        })
    }

    /// Whether it does nothing but acknowledge more than another one.
    fn merely_advances(&self, earlier: &Self) -> bool {
        let ahead = self.number.wrapping_sub(earlier.number) as i32;
        self.is_plain && ahead > 0 && self.window >= earlier.window
    }
}

/// Options of RFC 9293 and 7323: padding and timestamps.
fn only_timestamps(mut options: &[u8]) -> bool {
    loop {
        options = match options {
            [] | [0, ..] => return true,
            [1, rest @ ..] => rest,
            [8, 10, rest @ ..] if rest.len() >= 8 => &rest[8..],
            _ => return false,
        };
    }
}

impl<R: Rider> Thin<R> {
    /// Thins the ACKs that a rider gets.
    pub fn new(inner: R, thinning: Thinning) -> Self {
        Self { inner, thinning, flows: vec![], released: VecDeque::new(), dropped: 0 }
    }

    /// The rider that gets what is left.
    pub fn inner(&self) -> &R {
        &self.inner
    }

    /// ACKs that were not sent because a newer one was.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn pass_on(&mut self, now: Instant, peer: MacAddr, msdu: Msdu) {
        let refused = self.inner.hold(now, peer, msdu);
        self.released.extend(refused.map(|msdu| (peer, msdu)));
    }

    /// The ACK to be sent now is the one before this one, and this one or none.
    fn thin(&mut self, now: Instant, peer: MacAddr, key: FlowKey, msdu: Msdu) -> [Option<Msdu>; 2] {
        let ack = Ack::parse(&msdu.payload);
        let known = self.flows.iter().position(|flow| flow.peer == peer && flow.key == key);
        let (at, Some(ack)) = (known, ack) else {
            let before = known.and_then(|at| self.flows[at].withheld.take());
            return [before.map(|(msdu, _)| msdu), Some(msdu)];
        };
        let Some(at) = at else {
            if self.flows.len() == MAX_FLOWS {
                let idle = self.flows.iter().position(|flow| flow.withheld.is_none());
                let Some(idle) = idle else { return [None, Some(msdu)] };
                self.flows.remove(idle);
            }
            self.flows.push(Flow { peer, key, newest: ack, withheld: None, count: 0 });
            return [None, Some(msdu)];
        };
        self.flows[at..].rotate_left(1);
        let flow = self.flows.last_mut().expect("it was just put there");
        let merely_advances = ack.merely_advances(&flow.newest);
        flow.newest = ack;
        if !merely_advances {
            flow.count = 0;
            return [flow.withheld.take().map(|(msdu, _)| msdu), Some(msdu)];
        }
        flow.count += 1;
        let earlier = flow.withheld.take();
        self.dropped += u64::from(earlier.is_some());
        if flow.count >= self.thinning.one_in {
            flow.count = 0;
            return [None, Some(msdu)];
        }
        let due = earlier.map_or(now + self.thinning.flush, |(_, due)| due);
        flow.withheld = Some((msdu, due));
        [None, None]
    }

    /// When the first of what is held back has to be sent.
    fn due(&self) -> Option<Instant> {
        self.flows.iter().filter_map(|flow| flow.withheld.as_ref()).map(|(_, due)| *due).min()
    }

    fn flush(&mut self, now: Instant, which: impl Fn(&Flow, Instant) -> bool) {
        for at in 0..self.flows.len() {
            let flow = &mut self.flows[at];
            if flow.withheld.as_ref().is_some_and(|(_, due)| which(flow, *due)) {
                let (msdu, _) = flow.withheld.take().expect("it is");
                let peer = flow.peer;
                flow.count = 0;
                self.pass_on(now, peer, msdu);
            }
        }
    }
}

impl<R: Rider> Rider for Thin<R> {
    fn announce(&self, elements: &mut Vec<u8>) {
        self.inner.announce(elements);
    }

    fn peer_joined(&mut self, now: Instant, peer: MacAddr, elements: Elements<'_>) {
        self.inner.peer_joined(now, peer, elements);
    }

    fn peer_left(&mut self, now: Instant, peer: MacAddr) {
        self.flows.retain(|flow| flow.peer != peer);
        self.inner.peer_left(now, peer);
    }

    fn hold(&mut self, now: Instant, peer: MacAddr, msdu: Msdu) -> Option<Msdu> {
        let Some(key) = FlowKey::of(&msdu.payload) else { return self.inner.hold(now, peer, msdu) };
        for msdu in self.thin(now, peer, key, msdu).into_iter().flatten() {
            self.pass_on(now, peer, msdu);
        }
        None
    }

    fn release(&mut self, now: Instant) -> Option<(MacAddr, Msdu)> {
        self.inner.release(now).or_else(|| self.released.pop_front())
    }

    fn native_done(&mut self, peer: MacAddr, msdu: &Msdu, arrived: bool) {
        self.inner.native_done(peer, msdu, arrived);
    }

    fn wants_medium(&self) -> bool {
        self.inner.wants_medium()
    }

    fn medium_won(&mut self, now: Instant) {
        self.inner.medium_won(now);
    }

    fn data_received(&mut self, now: Instant, peer: MacAddr, reception: &Reception) {
        self.inner.data_received(now, peer, reception);
    }

    fn ride(
        &mut self,
        now: Instant,
        peer: MacAddr,
        response: &Response,
        budget: usize,
        riders: &mut Vec<u8>,
    ) {
        self.inner.ride(now, peer, response, budget, riders);
    }

    fn response_received(
        &mut self,
        now: Instant,
        peer: MacAddr,
        response: &Response,
        riders: &[u8],
    ) {
        self.inner.response_received(now, peer, response, riders);
    }

    fn response_missed(&mut self, now: Instant, peer: MacAddr, tid: Option<u8>, given_up: bool) {
        self.inner.response_missed(now, peer, tid, given_up);
    }

    fn deliver(&mut self) -> Option<Msdu> {
        self.inner.deliver()
    }

    fn admits(&mut self, now: Instant, peer: MacAddr, msdu: &Msdu) -> bool {
        self.inner.admits(now, peer, msdu)
    }

    fn more_data(&mut self, now: Instant, peer: MacAddr, departure: &Departure) -> bool {
        self.inner.more_data(now, peer, departure)
    }

    fn may_wait(&self, now: Instant, peer: MacAddr) -> bool {
        self.inner.may_wait(now, peer)
    }

    fn poll(&mut self, now: Instant) -> Option<MacAddr> {
        self.inner.poll(now)
    }

    fn set_deaf(&mut self, now: Instant, peer: MacAddr, deaf: bool) {
        if deaf {
            self.flush(now, |flow, _| flow.peer == peer);
        }
        self.inner.set_deaf(now, peer, deaf);
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.due().into_iter().chain(self.inner.next_timeout()).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.flush(now, |_, due| due <= now);
        self.inner.handle_timeout(now);
    }
}

#[cfg(test)]
mod tests {
    use mac::NoRider;

    use super::*;
    use crate::test_packets::{ack, address, data};

    struct Bench {
        thin: Thin<NoRider>,
        now: Instant,
    }

    impl Bench {
        /// ACK number 0 of the flow from port 1 has been sent.
        fn new() -> Self {
            let thinning = Thinning { one_in: 3, ..Thinning::default() };
            let mut bench = Self { thin: Thin::new(NoRider, thinning), now: Instant::ZERO };
            assert_eq!(bench.send(ack(1, 0)), [ack(1, 0)]);
            bench
        }

        /// What is sent when this is to be.
        fn send(&mut self, msdu: Msdu) -> Vec<Msdu> {
            assert_eq!(self.thin.hold(self.now, address(9), msdu), None);
            self.released()
        }

        fn released(&mut self) -> Vec<Msdu> {
            std::iter::from_fn(|| self.thin.release(self.now)).map(|(_, msdu)| msdu).collect()
        }
    }

    #[test]
    fn of_acks_that_merely_advance_one_in_so_many_is_sent() {
        let mut bench = Bench::new();
        let sent: Vec<Msdu> = (1..=7).flat_map(|number| bench.send(ack(1, number))).collect();
        assert_eq!(sent, [ack(1, 3), ack(1, 6)]);
        assert_eq!(bench.thin.dropped(), 4);
    }

    #[test]
    fn the_newest_is_sent_in_time() {
        let mut bench = Bench::new();
        let due = bench.now + Thinning::default().flush;
        assert_eq!(bench.send(ack(1, 1)), []);
        bench.now += Duration::from_millis(4);
        assert_eq!(bench.send(ack(1, 2)), []);
        assert_eq!(bench.thin.next_timeout(), Some(due));
        bench.now = due;
        bench.thin.handle_timeout(due);
        assert_eq!(bench.released(), [ack(1, 2)]);
        assert_eq!(bench.thin.next_timeout(), None);
    }

    #[test]
    fn what_says_more_goes_at_once_after_what_was_held_back() {
        let mut bench = Bench::new();
        bench.send(ack(1, 1));
        // The same number again: a duplicate.
        assert_eq!(bench.send(ack(1, 1)), [ack(1, 1), ack(1, 1)]);
        assert_eq!(bench.send(ack(1, 1)), [ack(1, 1)]);
        bench.send(ack(1, 2));
        assert_eq!(bench.send(data(1, 2)), [ack(1, 2), data(1, 2)]);
        // Another flow has its own count.
        bench.send(ack(1, 3));
        assert_eq!(bench.send(ack(2, 1)), [ack(2, 1)]);
    }

    #[test]
    fn nothing_is_held_back_for_who_is_about_to_be_deaf() {
        let mut bench = Bench::new();
        bench.send(ack(1, 1));
        bench.thin.set_deaf(bench.now, address(9), true);
        assert_eq!(bench.released(), [ack(1, 1)]);
    }

    #[test]
    fn selective_acknowledgments_and_what_is_cut_off_are_more_than_timestamps() {
        for (options, expected) in [
            (&[][..], true),
            (&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], true),
            (&[1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2], false),
            (&[8, 10, 0, 0], false),
            (&[8], false),
            (&[0, 5], true),
        ] {
            assert_eq!(only_timestamps(options), expected, "{options:?}");
        }
    }
}
