use std::collections::VecDeque;
use std::time::Duration;

use crate::{Instant, SequenceNumber};

/// The receive reorder buffer of an agreement (10.25.6.6): MSDUs come out in the order of their
/// sequence numbers, each once.
///
/// The standard lets one wait for a lost MPDU for ever; here its successors are released when the
/// next of them in order has waited for a time.
#[derive(Debug)]
pub(crate) struct Reorder<T> {
    /// WinStartB: the next one to be passed up.
    next: SequenceNumber,
    /// What arrived, from `next` on; WinSizeB places.
    waiting: VecDeque<Option<Held<T>>>,
    held: usize,
    window: u16,
    release_after: Duration,
    release_at: Option<Instant>,
}

#[derive(Debug)]
struct Held<T> {
    since: Instant,
    msdu: T,
}

impl<T> Reorder<T> {
    pub(crate) fn new(start: SequenceNumber, window: u16, release_after: Duration) -> Self {
        let waiting = (0..window).map(|_| None).collect();
        Self { next: start, waiting, held: 0, window, release_after, release_at: None }
    }

    /// When what waits is released though something before it is missing.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.release_at
    }

    /// An MSDU has arrived; `pass` is called for each that is now in order.
    pub(crate) fn insert(
        &mut self,
        now: Instant,
        number: SequenceNumber,
        msdu: T,
        mut pass: impl FnMut(T),
    ) {
        if number.is_before(self.next) {
            return;
        }
        let distance = number.distance_from(self.next);
        if distance >= self.window {
            // The originator has given up what is now outside the window.
            self.advance(distance + 1 - self.window, &mut pass);
        }
        let place = &mut self.waiting[usize::from(number.distance_from(self.next))];
        if place.is_none() {
            *place = Some(Held { since: now, msdu });
            self.held += 1;
        }
        self.pass_in_order(&mut pass);
        self.set_timer();
    }

    /// A Block Ack request: nothing before `start` will come any more.
    pub(crate) fn request(&mut self, start: SequenceNumber, mut pass: impl FnMut(T)) {
        if self.next.is_before(start) {
            self.advance(start.distance_from(self.next), &mut pass);
            self.pass_in_order(&mut pass);
            self.set_timer();
        }
    }

    /// Releases what has waited for too long.
    pub(crate) fn handle_timeout(&mut self, now: Instant, mut pass: impl FnMut(T)) {
        while self.release_at.is_some_and(|at| at <= now) {
            let gap = self.waiting.iter().take_while(|place| place.is_none()).count();
            self.advance(gap as u16, &mut pass);
            self.pass_in_order(&mut pass);
            self.set_timer();
        }
    }

    /// Passes up all that waits.
    pub(crate) fn flush(&mut self, mut pass: impl FnMut(T)) {
        let waiting = self.waiting.iter_mut().filter_map(Option::take);
        waiting.for_each(|held| pass(held.msdu));
        self.held = 0;
        self.release_at = None;
    }

    fn advance(&mut self, steps: u16, pass: &mut impl FnMut(T)) {
        self.next = self.next + steps;
        for _ in 0..steps.min(self.window) {
            self.shift(pass);
        }
    }

    fn pass_in_order(&mut self, pass: &mut impl FnMut(T)) {
        while self.waiting.front().is_some_and(Option::is_some) {
            self.next = self.next.next();
            self.shift(pass);
        }
    }

    fn shift(&mut self, pass: &mut impl FnMut(T)) {
        if let Some(held) = self.waiting.pop_front().flatten() {
            self.held -= 1;
            pass(held.msdu);
        }
        self.waiting.push_back(None);
    }

    fn set_timer(&mut self) {
        let next = match self.held {
            0 => None,
            _ => self.waiting.iter().flatten().next(),
        };
        self.release_at = next.map(|held| held.since + self.release_after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RELEASE: Duration = Duration::from_millis(100);

    fn n(number: u16) -> SequenceNumber {
        SequenceNumber::new(number)
    }

    fn ms(ms: u64) -> Instant {
        Instant::from_nanos(1_000_000 * ms)
    }

    fn insert(reorder: &mut Reorder<u16>, now: Instant, number: u16) -> Vec<u16> {
        let mut passed = vec![];
        reorder.insert(now, n(number), number, |msdu| passed.push(msdu));
        passed
    }

    #[test]
    fn what_comes_in_order_passes_at_once_and_what_does_not_waits() {
        let mut reorder = Reorder::new(n(4094), 64, RELEASE);
        assert_eq!(insert(&mut reorder, ms(0), 4094), [4094]);
        assert_eq!(insert(&mut reorder, ms(1), 0), []);
        assert_eq!(insert(&mut reorder, ms(1), 1), []);
        assert_eq!(insert(&mut reorder, ms(2), 4095), [4095, 0, 1]);
        assert_eq!(reorder.next_timeout(), None);
        assert_eq!(insert(&mut reorder, ms(3), 4095), []);
    }

    #[test]
    fn beyond_the_window_the_oldest_go_up() {
        let mut reorder = Reorder::new(n(0), 4, RELEASE);
        assert_eq!(insert(&mut reorder, ms(0), 1), []);
        assert_eq!(insert(&mut reorder, ms(0), 3), []);
        // The window is now 2 to 5, and 2 is missing.
        assert_eq!(insert(&mut reorder, ms(0), 5), [1]);
        assert_eq!(insert(&mut reorder, ms(0), 500), [3, 5]);
        assert_eq!(insert(&mut reorder, ms(0), 497), [497]);
        assert_eq!(insert(&mut reorder, ms(0), 498), [498]);
        assert_eq!(insert(&mut reorder, ms(0), 499), [499, 500]);
    }

    #[test]
    fn a_request_says_that_nothing_older_will_come() {
        let mut reorder = Reorder::new(n(0), 64, RELEASE);
        insert(&mut reorder, ms(0), 2);
        insert(&mut reorder, ms(0), 3);
        let mut passed = vec![];
        reorder.request(n(1), |msdu| passed.push(msdu));
        assert!(passed.is_empty());
        reorder.request(n(2), |msdu| passed.push(msdu));
        assert_eq!(passed, [2, 3]);
    }

    #[test]
    fn each_gap_is_waited_for_anew() {
        let mut reorder = Reorder::new(n(0), 64, RELEASE);
        let mut passed = vec![];
        insert(&mut reorder, ms(0), 1);
        insert(&mut reorder, ms(60), 3);
        // The first gap is filled, and the second is not as old as it was.
        assert_eq!(insert(&mut reorder, ms(90), 0), [0, 1]);
        assert_eq!(reorder.next_timeout(), Some(ms(160)));
        insert(&mut reorder, ms(95), 5);
        reorder.handle_timeout(ms(195), |msdu| passed.push(msdu));
        assert_eq!(passed, [3, 5]);
        assert_eq!(reorder.next_timeout(), None);
    }

    #[test]
    fn successors_of_a_lost_frame_are_released_in_time() {
        let mut reorder = Reorder::new(n(0), 64, RELEASE);
        insert(&mut reorder, ms(0), 1);
        insert(&mut reorder, ms(50), 3);
        assert_eq!(reorder.next_timeout(), Some(ms(100)));
        let mut passed = vec![];
        reorder.handle_timeout(ms(99), |msdu| passed.push(msdu));
        assert!(passed.is_empty());
        reorder.handle_timeout(ms(100), |msdu| passed.push(msdu));
        assert_eq!(passed, [1]);
        assert_eq!(reorder.next_timeout(), Some(ms(150)));
    }

    proptest! {
        #[test]
        fn any_arrivals_come_out_once_and_in_order(
            start in 0u16..4096,
            arrivals in prop::collection::vec(0u16..200, 1..300),
        ) {
            let mut reorder = Reorder::new(n(start), 64, RELEASE);
            let mut passed = vec![];
            for steps in arrivals {
                reorder.insert(ms(0), n(start) + steps, steps, |msdu| passed.push(msdu));
            }
            reorder.flush(|msdu| passed.push(msdu));
            prop_assert!(passed.is_sorted_by(|a, b| a < b), "{:?}", passed);
        }
    }
}
