//! How much later than its virtual time an event was processed.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// What counts as late.
const LATE: Duration = Duration::from_millis(1);

/// Whoever is later is taken to be so late.
const LATEST: Duration = Duration::from_secs(60);
/// Two decimal digits of every figure are right.
const DIGITS: u8 = 2;

/// The lateness of every event so far.
pub struct Lateness {
    histogram: Histogram<u64>,
    late: u64,
}

/// The figures that are reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Times at which something happened.
    pub events: u64,
    /// Share of them that were processed more than a millisecond late.
    pub late_fraction: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub max_us: f64,
}

impl Lateness {
    pub fn new() -> Self {
        let histogram = Histogram::new_with_max(nanos(LATEST), DIGITS);
        Self { histogram: histogram.expect("a range and a precision that there are"), late: 0 }
    }

    pub fn record(&mut self, late_by: Duration) {
        self.histogram.saturating_record(nanos(late_by));
        self.late += u64::from(late_by > LATE);
    }

    pub fn summary(&self) -> Summary {
        let us = |nanos: u64| nanos as f64 * 1e-3;
        let events = self.histogram.len();
        Summary {
            events,
            late_fraction: self.late as f64 / events.max(1) as f64,
            p50_us: us(self.histogram.value_at_quantile(0.5)),
            p99_us: us(self.histogram.value_at_quantile(0.99)),
            max_us: us(self.histogram.max()),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_the_share_above_a_millisecond() {
        let mut lateness = Lateness::new();
        for us in 1..=1000 {
            lateness.record(Duration::from_micros(us));
        }
        lateness.record(Duration::from_micros(1001));
        let Summary { events, late_fraction, p50_us, p99_us, max_us } = lateness.summary();
        assert_eq!(events, 1001);
        assert_eq!(late_fraction, 1.0 / 1001.0);
        for (is, expected) in [(p50_us, 501.0), (p99_us, 991.0), (max_us, 1001.0)] {
            assert!((is / expected - 1.0).abs() < 0.01, "{is} instead of {expected}");
        }
    }

    #[test]
    fn nothing_is_not_late() {
        assert_eq!(Lateness::new().summary().late_fraction, 0.0);
    }
}
