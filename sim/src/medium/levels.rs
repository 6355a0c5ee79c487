//! How much power there has been at a node, for as long as somebody may still ask.

use mac::Instant;

use super::power::Power;

/// The sum of all signals over time, as steps.
#[derive(Debug, Default)]
pub(super) struct Levels(Vec<(Instant, Power)>);

impl Levels {
    /// The sum from now on.
    pub(super) fn step(&mut self, now: Instant, sum: Power) {
        match self.0.last_mut() {
            Some(last) if last.0 == now => last.1 = sum,
            _ => self.0.push((now, sum)),
        }
    }

    /// Nobody will ask for the time before.
    pub(super) fn forget_before(&mut self, then: Instant) {
        let past = self.0.partition_point(|&(at, _)| at <= then);
        self.0.drain(..past.saturating_sub(1));
    }

    /// Stretches of constant power from one time to another that is not after the last step.
    pub(super) fn between(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = (Instant, Instant, Power)> {
        let first = self.0.partition_point(|&(at, _)| at <= from).saturating_sub(1);
        let steps = &self.0[first..];
        let ends = steps.iter().skip(1).map(|&(at, _)| at).chain([Instant::FAR_FUTURE]);
        let steps = steps.iter().zip(ends).take_while(move |&(&(at, _), _)| at < to);
        steps.map(move |(&(at, sum), end)| (at.max(from), end.min(to), sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::{Bandwidth, Placement};

    fn power(mw: f64) -> Power {
        Power::spread(mw, Placement::Whole, Bandwidth::Mhz20)
    }

    fn at(ns: u64) -> Instant {
        Instant::from_nanos(ns)
    }

    #[test]
    fn stretches_cover_what_was_asked_for() {
        let mut levels = Levels::default();
        for (ns, mw) in [(10, 1.0), (20, 3.0), (20, 2.0), (30, 0.0)] {
            levels.step(at(ns), power(mw));
        }
        let all = [(at(15), at(20), power(1.0)), (at(20), at(25), power(2.0))];
        assert!(levels.between(at(15), at(25)).eq(all));
        levels.forget_before(at(20));
        assert!(levels.between(at(20), at(25)).eq([(at(20), at(25), power(2.0))]));
        assert_eq!(levels.0.len(), 2);
    }
}
