//! OFDM symbols in time: mapping, pilots, IFFT, guard interval and window (17.3.2.5, 17.3.5.10,
//! 19.3.11.11).

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::data::InterleavedBits;
use super::placement::Copies;
use crate::GuardInterval;
use crate::subcarriers::{bin, pilot_polarity};
use crate::training::rotation;

/// Turns subcarriers into samples of unit mean power.
pub(super) struct SymbolShaper {
    ifft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    bins: Vec<Complex32>,
    polarity: [f32; 127],
}

impl SymbolShaper {
    pub(super) fn new(fft_len: usize) -> Self {
        let ifft = FftPlanner::new().plan_fft_inverse(fft_len);
        let scratch = vec![Complex32::ZERO; ifft.get_inplace_scratch_len()];
        let bins = vec![Complex32::ZERO; fft_len];
        Self { ifft, scratch, bins, polarity: pilot_polarity() }
    }

    /// One period of the bins that `fill` sets, scaled so that `occupied` bins of unit power
    /// make unit power.
    pub(super) fn in_time(
        &mut self,
        occupied: usize,
        fill: impl FnOnce(&mut [Complex32]),
    ) -> Vec<Complex32> {
        self.transform(occupied, fill).to_vec()
    }

    fn transform(&mut self, occupied: usize, fill: impl FnOnce(&mut [Complex32])) -> &[Complex32] {
        self.bins.fill(Complex32::ZERO);
        fill(&mut self.bins);
        self.ifft.process_with_scratch(&mut self.bins, &mut self.scratch);
        let scale = 1.0 / (occupied as f32).sqrt();
        self.bins.iter_mut().for_each(|sample| *sample *= scale);
        &self.bins
    }

    /// Appends the symbols of `bits`; the first takes polarity p_`first`. The data, but not the
    /// pilots, may be turned by a quarter, as in HT-SIG (19.3.9.4.3).
    pub(super) fn append(
        &mut self,
        bits: &InterleavedBits,
        gi: GuardInterval,
        copies: Copies,
        quadrature: bool,
        first: usize,
        out: &mut Window<'_>,
    ) {
        let (tones, modulation) = (bits.tones, bits.modulation);
        let fft_len = self.bins.len();
        let guard = (gi.symbol_samples() - 64) * fft_len / 64;
        let occupied = tones.occupied.len() * copies.count();
        let quarter = if quadrature { Complex32::I } else { Complex32::ONE };
        for (n, symbol) in bits.symbols().enumerate() {
            let polarity = self.polarity[(first + n) % self.polarity.len()];
            let time = self.transform(occupied, |bins| {
                for copy in copies.iter() {
                    let mut put = |subcarrier: i32, value: Complex32| {
                        let turned = value * rotation(tones, subcarrier) * copy.phase;
                        bins[bin(subcarrier + copy.shift, fft_len)] = turned;
                    };
                    let points = symbol.chunks_exact(modulation.n_bpsc());
                    for (&subcarrier, bits) in tones.data.iter().zip(points) {
                        put(subcarrier, modulation.map(bits) * quarter);
                    }
                    for (pilot, &subcarrier) in tones.pilots.iter().enumerate() {
                        put(subcarrier, (tones.pilot_value(pilot, n) * polarity).into());
                    }
                }
            });
            out.append(time[fft_len - guard..].iter().chain(time).copied(), time[0]);
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
