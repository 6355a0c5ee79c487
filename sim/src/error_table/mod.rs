//! How often a receiver loses a frame in white noise, by rate, signal-to-noise ratio and length:
//! an abstraction of the PHY for simulations that have no samples.
//!
//! Three tables: [`ErrorTable::measured`] is this project's own receiver, [`ErrorTable::ideal`]
//! what ns-3 assumes, [`ErrorTable::parse`] reads another. The guard interval does not matter, and
//! there are neither echoes nor fading: interference counts as noise. docs/medium.md has the format
//! and the commands by which the tables come about.

mod curve;
mod parse;
mod rate_slot;

use phy80211::Rate;

use curve::SizedCurve;
pub use parse::TableError;
use rate_slot::RateSlot;

/// The frame errors of one receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorTable {
    /// For each rate its curves, that for the shortest frames first; none is empty.
    curves: [Vec<SizedCurve>; RateSlot::COUNT],
}

impl ErrorTable {
    /// Our own receiver, from `ackride per --table`: losses in preamble and header are in it.
    pub fn measured() -> Self {
        Self::parse(include_str!("../../tables/ackride.tsv")).expect("a test has read it")
    }

    /// A receiver that knows carrier, clock and channel perfectly, as in ns-3.48's
    /// TableBasedErrorRateModel.
    pub fn ideal() -> Self {
        Self::parse(include_str!("../../tables/ideal.tsv")).expect("a test has read it")
    }

    /// Reads a table from its text.
    ///
    /// # Errors
    /// Names the first line that makes no sense, or a rate of which the table says nothing.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        parse::table(text)
    }

    /// How likely it is that `bytes` at that rate come through, all of them at that
    /// signal-to-noise ratio. Half a byte is as good as a whole one.
    pub fn success(&self, rate: Rate, snr_db: f64, bytes: f64) -> f64 {
        let curves = &self.curves[RateSlot::of(rate).index()];
        let longer = curves.iter().skip(1).take_while(|curve| curve.from_bytes <= bytes).count();
        curves[longer].success(snr_db, bytes)
    }
}

#[cfg(test)]
mod tests;
