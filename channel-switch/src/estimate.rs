//! b_i of eq. 3.1: what a channel brings while it is in use.
//!
//! Bytes over the length of a slot would count the time in which the radio was deaf, and that in
//! which nobody had anything to send: a channel that once had a small slot would keep it. So time
//! counts in which the medium was busy, and what stations wait between two frames; longer silence
//! does not.

use std::time::Duration;

use mac::Instant;

/// What stations may wait between frames: AIFS and the backoff of a window that has doubled once.
const CONTENTION: Duration = Duration::from_micros(43 + 31 * 9);
/// Fewer bytes than this in an interval say nothing.
const ENOUGH: u64 = 6000;

/// The bandwidth of a channel, from interval to interval.
#[derive(Debug, Clone, Default)]
pub(crate) struct Estimate {
    bytes: u64,
    useful: Duration,
    /// The radio is there.
    open: bool,
    busy_since: Option<Instant>,
    idle_since: Option<Instant>,
    /// Bytes a second.
    bandwidth: Option<f64>,
    /// The share of the time that the radio was there in the last interval which was useful.
    utilisation: f64,
    /// What came in the last interval, of what could have come.
    load: f64,
    opened: Instant,
    there: Duration,
}

impl Estimate {
    /// The radio is there from now on.
    pub(crate) fn opens(&mut self, now: Instant) {
        (self.open, self.opened, self.idle_since, self.busy_since) = (true, now, None, None);
    }

    /// The radio is about to leave.
    pub(crate) fn closes(&mut self, now: Instant) {
        if std::mem::take(&mut self.open) {
            self.idle(now);
            self.there += now.since(self.opened);
        }
    }

    pub(crate) fn busy(&mut self, now: Instant) {
        if !self.open || self.busy_since.is_some() {
            return;
        }
        if let Some(idle) = self.idle_since.take() {
            self.useful += now.since(idle).min(CONTENTION);
        }
        self.busy_since = Some(now);
    }

    pub(crate) fn idle(&mut self, now: Instant) {
        if let Some(busy) = self.busy_since.take() {
            self.useful += now.since(busy);
            self.idle_since = Some(now);
        }
    }

    /// A packet has come or gone.
    pub(crate) fn carried(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// An interval is over.
    pub(crate) fn settle(&mut self, now: Instant) {
        let open = self.open;
        self.closes(now);
        if self.bytes >= ENOUGH && !self.useful.is_zero() {
            let bandwidth = self.bytes as f64 / self.useful.as_secs_f64();
            let before = self.bandwidth.unwrap_or(bandwidth);
            self.bandwidth = Some((before + bandwidth) / 2.0);
        }
        let possible = self.bandwidth.unwrap_or_default() * self.there.as_secs_f64();
        self.load = if possible > 0.0 { self.bytes as f64 / possible } else { 0.0 };
        self.utilisation = self.useful.as_secs_f64() / self.there.as_secs_f64().max(1e-3);
        (self.bytes, self.useful, self.there) = (0, Duration::ZERO, Duration::ZERO);
        if open {
            self.opens(now);
        }
    }

    /// In bytes a second, if it is known.
    pub(crate) fn bandwidth(&self) -> Option<f64> {
        self.bandwidth
    }

    /// How much of the last interval's time there was of use, at most 1.
    pub(crate) fn utilisation(&self) -> f64 {
        self.utilisation.min(1.0)
    }

    /// How much came in the last interval of what could have.
    pub(crate) fn load(&self) -> f64 {
        self.load
    }

    /// The APs there are no longer those that it was measured with.
    pub(crate) fn forget(&mut self) {
        self.bandwidth = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    /// So many frames of 1500 bytes and 1 ms, 100 us apart, from a time on.
    fn frames(estimate: &mut Estimate, from: Instant, frames: u32) {
        for frame in 0..frames {
            let start = from + frame * Duration::from_micros(1100);
            estimate.busy(start);
            estimate.idle(start + Duration::from_millis(1));
            estimate.carried(1500);
        }
    }

    #[test]
    fn silence_is_not_held_against_a_channel() {
        let (mut full, mut starved) = (Estimate::default(), Estimate::default());
        full.opens(ms(5));
        frames(&mut full, ms(5), 80);
        full.settle(ms(100));
        starved.opens(ms(5));
        frames(&mut starved, ms(60), 8);
        starved.settle(ms(100));
        let (full, starved) = (full.bandwidth().unwrap(), starved.bandwidth().unwrap());
        assert!((full / starved - 1.0).abs() < 0.05, "{full} {starved}");
        assert!((full / (1500.0 / 1.1e-3) - 1.0).abs() < 0.01);
    }

    #[test]
    fn an_interval_without_traffic_says_nothing() {
        let mut estimate = Estimate::default();
        estimate.opens(ms(0));
        frames(&mut estimate, ms(0), 80);
        estimate.settle(ms(100));
        let known = estimate.bandwidth();
        assert!(known.is_some() && estimate.utilisation() > 0.8);
        estimate.settle(ms(200));
        assert_eq!(estimate.bandwidth(), known);
        assert!(estimate.utilisation() < 0.01);
        estimate.forget();
        assert_eq!(estimate.bandwidth(), None);
    }
}
