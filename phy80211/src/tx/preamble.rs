//! The PLCP preamble: ten short training symbols, two long ones (17.3.3, Figure 17-4).

use num_complex::Complex32;

use super::symbol::{SymbolShaper, Window};
use crate::subcarriers::FFT_LEN;
use crate::training::{long_bins, short_bins};

/// The training symbols in time.
pub(super) struct Preamble {
    short: [Complex32; FFT_LEN],
    long: [Complex32; FFT_LEN],
}

impl Preamble {
    pub(super) fn new(shaper: &mut SymbolShaper) -> Self {
        Self { short: shaper.in_time(short_bins()), long: shaper.in_time(long_bins()) }
    }

    /// Appends the 320 samples: 160 of the short training field, then a double guard
    /// interval and the long training symbol twice.
    pub(super) fn append(&self, out: &mut Window<'_>) {
        out.append(self.short.iter().cycle().take(160).copied(), self.short[160 % FFT_LEN]);
        let guard = &self.long[FFT_LEN / 2..];
        out.append(guard.iter().chain(&self.long).chain(&self.long).copied(), self.long[0]);
    }
}
