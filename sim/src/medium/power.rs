//! Powers in milliwatts, apart for the two halves of a 40 MHz channel.

use std::ops::{Add, AddAssign, Sub};

use phy80211::{Bandwidth, Placement};

/// dBm to milliwatts, or dB to a factor.
pub(crate) fn from_db(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// Milliwatts to dBm, or a factor to dB.
pub(crate) fn to_db(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

/// Milliwatts in each half of a channel: the lower and the upper 20 MHz of 40, or all in the
/// first of a channel that is not halved.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Power([f64; 2]);

impl Power {
    /// Power that is spread evenly over a part of a channel.
    pub(super) fn spread(mw: f64, placement: Placement, bandwidth: Bandwidth) -> Self {
        Self(match (bandwidth, placement) {
            (Bandwidth::Mhz40, Placement::Whole) => [mw / 2.0; 2],
            (Bandwidth::Mhz40, Placement::Upper) => [0.0, mw],
            _ => [mw, 0.0],
        })
    }

    /// What falls into a part of the channel.
    pub(super) fn within(self, placement: Placement) -> f64 {
        let Self([lower, upper]) = self;
        match placement {
            Placement::Whole => lower + upper,
            Placement::Lower => lower,
            Placement::Upper => upper,
        }
    }
}

impl Add for Power {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self([self.0[0] + other.0[0], self.0[1] + other.0[1]])
    }
}

impl AddAssign for Power {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Power {
    type Output = Self;

    /// Nothing at the least: a difference of sums may be a rounding error below that.
    fn sub(self, other: Self) -> Self {
        Self([0, 1].map(|half| (self.0[half] - other.0[half]).max(0.0)))
    }
}
