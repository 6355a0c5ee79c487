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

    /// How long after sample nought this is, at so many samples a second.
    pub fn to_duration(self, sample_rate: Hertz) -> Duration {
        Duration::from_nanos((self.0 as f64 * 1e9 / sample_rate.0).round() as u64)
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
