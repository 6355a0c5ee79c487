//! OFDM symbols in time: mapping, pilots, IFFT, guard interval and window (17.3.2.5, 17.3.5.10).

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::data::InterleavedBits;
use crate::subcarriers::{DATA, FFT_LEN, N_ST, PILOTS, bin, pilot_polarity};
use crate::timing::SYMBOL_SAMPLES;

/// Samples of the guard interval T_GI.
const GUARD: usize = SYMBOL_SAMPLES - FFT_LEN;

/// Turns subcarriers into samples of unit mean power.
pub(super) struct SymbolShaper {
    ifft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    polarity: [f32; 127],
}

impl SymbolShaper {
    pub(super) fn new() -> Self {
        let ifft = FftPlanner::new().plan_fft_inverse(FFT_LEN);
        let scratch = vec![Complex32::ZERO; ifft.get_inplace_scratch_len()];
        Self { ifft, scratch, polarity: pilot_polarity() }
    }

    /// 64 samples of the bins, scaled so that 52 bins of unit power make unit power.
    pub(super) fn in_time(&mut self, mut bins: [Complex32; FFT_LEN]) -> [Complex32; FFT_LEN] {
        self.ifft.process_with_scratch(&mut bins, &mut self.scratch);
        let scale = 1.0 / (N_ST as f32).sqrt();
        bins.map(|sample| sample * scale)
    }

    /// Appends one symbol for each N_CBPS bits; the first takes polarity p_`first`.
    pub(super) fn append(&mut self, bits: &InterleavedBits, first: usize, out: &mut Window<'_>) {
        for (n, (modulation, symbol)) in bits.symbols().enumerate() {
            let mut bins = [Complex32::ZERO; FFT_LEN];
            for (subcarrier, bits) in DATA.into_iter().zip(symbol.chunks_exact(modulation.n_bpsc()))
            {
                bins[bin(subcarrier)] = modulation.map(bits);
            }
            let polarity = self.polarity[(first + n) % self.polarity.len()];
            for (subcarrier, value) in PILOTS {
                bins[bin(subcarrier)] = Complex32::new(value * polarity, 0.0);
            }
            let time = self.in_time(bins);
            out.append(time[FFT_LEN - GUARD..].iter().chain(&time).copied(), time[0]);
        }
    }
}

/// Joins segments with the window of Equation 17-4 at T_TR = one sample: each segment runs one
/// sample into the next, and both count half there.
pub(super) struct Window<'a> {
    out: &'a mut Vec<Complex32>,
    /// The half-weight sample by which the last segment runs over.
    overlap: Complex32,
}

impl<'a> Window<'a> {
    pub(super) fn new(out: &'a mut Vec<Complex32>) -> Self {
        Self { out, overlap: Complex32::ZERO }
    }

    /// Appends a segment; `beyond` is the sample with which it would go on.
    pub(super) fn append(&mut self, segment: impl Iterator<Item = Complex32>, beyond: Complex32) {
        let joint = self.out.len();
        self.out.extend(segment);
        self.out[joint] = self.out[joint] * 0.5 + self.overlap;
        self.overlap = beyond * 0.5;
    }

    /// Ends the PPDU with what the last segment runs over.
    pub(super) fn finish(self) {
        self.out.push(self.overlap);
    }
}
