//! RFC 6356: the coupled increase of several subflows, each with New Reno's decrease.

use std::time::Duration;

use mac::Instant;

use super::{CongestionControl, Coupling, Window};

#[derive(Debug, Default)]
pub(super) struct Lia {
    coupling: Option<Coupling>,
    /// Fractions of bytes by which the window has grown.
    credit: f64,
}

impl CongestionControl for Lia {
    /// Section 3: min(alpha x acked x SMSS / total, acked x SMSS / cwnd).
    fn avoid_congestion(&mut self, window: &mut Window, acked: u64, _: Instant, _: Duration) {
        let work = (acked * window.smss) as f64;
        let alone = work / window.cwnd as f64;
        let coupled = |of: Coupling| of.alpha * work / of.total.max(window.cwnd) as f64;
        self.credit += self.coupling.map_or(alone, |coupling| coupled(coupling).min(alone));
        let grown = self.credit.floor();
        self.credit -= grown;
        window.cwnd += grown as u64;
    }

    fn reduce(&mut self, window: &Window, flight: u64) -> u64 {
        (flight / 2).max(2 * window.smss)
    }

    fn couple(&mut self, coupling: Coupling) {
        self.coupling = Some(coupling);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::AckCounting;

    fn grown(coupling: Option<Coupling>) -> u64 {
        let mut window = Window::avoiding(100, 1000, AckCounting::PerByte);
        let mut lia = Lia::default();
        coupling.into_iter().for_each(|coupling| lia.couple(coupling));
        (0..100).for_each(|_| window.grow_at(&mut lia, 1000, Instant::ZERO));
        window.cwnd - 100_000
    }

    #[test]
    fn two_equal_subflows_grow_as_one() {
        // Equal windows and round-trip times: alpha is 1/2 of the sum of two over two squared.
        let half = grown(Some(Coupling { alpha: 0.5, total: 200_000 }));
        assert!((240..=250).contains(&half), "{half}");
        assert!((990..=1000).contains(&grown(None)));
    }

    #[test]
    fn none_grows_faster_than_alone() {
        assert_eq!(grown(Some(Coupling { alpha: 50.0, total: 200_000 })), grown(None));
    }
}
