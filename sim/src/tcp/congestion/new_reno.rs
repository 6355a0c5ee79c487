//! RFC 5681 section 3.1: additive increase, multiplicative decrease.

use std::time::Duration;

use mac::Instant;

use super::{CongestionControl, Window};

#[derive(Debug, Default)]
pub(super) struct NewReno {
    /// Bytes × SMSS that did not yet make a whole byte of window.
    credit: u64,
}

impl CongestionControl for NewReno {
    /// Equation (3), SMSS × SMSS / cwnd for each SMSS acknowledged, with its fractions kept.
    fn avoid_congestion(&mut self, window: &mut Window, acked: u64, _: Instant, _: Duration) {
        self.credit += acked * window.smss;
        let grown = self.credit / window.cwnd;
        self.credit %= window.cwnd;
        window.cwnd += grown;
    }

    /// Equation (4).
    fn reduce(&mut self, window: &Window, flight: u64) -> u64 {
        (flight / 2).max(2 * window.smss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::AckCounting;

    fn round_trip(counting: AckCounting, ack_every: u64) -> u64 {
        let mut window = Window::avoiding(100, 1000, counting);
        let mut control = NewReno::default();
        for _ in 0..100 / ack_every {
            window.grow_at(&mut control, ack_every * 1000, Instant::ZERO);
        }
        window.cwnd
    }

    #[test]
    fn the_window_grows_by_a_segment_a_round_trip() {
        assert!((100_990..=101_000).contains(&round_trip(AckCounting::PerByte, 1)));
        assert!((100_990..=101_000).contains(&round_trip(AckCounting::PerByte, 2)));
    }

    #[test]
    fn it_grows_half_as_fast_if_delayed_acks_count_once() {
        assert!((100_490..=100_500).contains(&round_trip(AckCounting::PerAck, 2)));
    }

    #[test]
    fn it_halves_but_two_segments_stay() {
        let window = Window::avoiding(10, 1000, AckCounting::PerByte);
        assert_eq!(NewReno::default().reduce(&window, 100_000), 50_000);
        assert_eq!(NewReno::default().reduce(&window, 1_000), 2_000);
    }
}
