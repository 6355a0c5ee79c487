//! Numbers with units at the border of a radio.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// A frequency, or samples a second.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Hertz(pub f64);

impl fmt::Display for Hertz {
    /// In MHz, with the digits that there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MHz", self.0 / 1e6)
    }
}

/// A ratio of powers.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Decibel(pub f64);

impl Decibel {
    /// The ratio of amplitudes.
    pub fn amplitude(self) -> f32 {
        10f64.powf(self.0 / 20.0) as f32
    }
}

impl fmt::Display for Decibel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dB", self.0)
    }
}

/// A moment on a radio's own clock, which counts its samples: the same for what it receives and
/// for what it transmits. Lost samples are counted, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SampleTime(pub u64);

impl SampleTime {
    /// Samples from an earlier moment to this one; none if it is later.
    pub fn since(self, earlier: SampleTime) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How long after sample nought this is, at so many samples a second, to the nanosecond.
    pub fn to_duration(self, sample_rate: Hertz) -> Duration {
        // Seconds apart from the rest: a double does not have the digits for both.
        let seconds = (self.0 as f64 / sample_rate.0).floor();
        let rest = (self.0 - (seconds * sample_rate.0).ceil() as u64) as f64
            + ((seconds * sample_rate.0).ceil() - seconds * sample_rate.0);
        Duration::from_secs(seconds as u64)
            + Duration::from_nanos((rest * 1e9 / sample_rate.0).round() as u64)
    }

    /// The sample that is nearest to a time after sample nought.
    pub fn from_duration(time: Duration, sample_rate: Hertz) -> Self {
        let whole = time.as_secs() as f64 * sample_rate.0;
        let rest = f64::from(time.subsec_nanos()) * sample_rate.0 / 1e9;
        Self(whole.floor() as u64 + (whole.fract() + rest).round() as u64)
    }
}

impl Add<u64> for SampleTime {
    type Output = SampleTime;

    fn add(self, samples: u64) -> SampleTime {
        SampleTime(self.0.saturating_add(samples))
    }
}

impl AddAssign<u64> for SampleTime {
    fn add_assign(&mut self, samples: u64) {
        *self = *self + samples;
    }
}

impl Sub<u64> for SampleTime {
    type Output = SampleTime;

    fn sub(self, samples: u64) -> SampleTime {
        SampleTime(self.0.saturating_sub(samples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_in_nanoseconds_leads_back_to_its_sample(
            sample in 0..1u64 << 50,
            rate in prop_oneof![Just(20e6), Just(40e6), Just(30.72e6), Just(16e6 / 3.0), 1e3..2e8],
        ) {
            let (time, rate) = (SampleTime(sample), Hertz(rate));
            prop_assert_eq!(SampleTime::from_duration(time.to_duration(rate), rate), time);
        }
    }
}
