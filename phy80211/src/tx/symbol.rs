//! OFDM symbols in time: mapping, pilots, IFFT, guard interval and window (17.3.2.5, 17.3.5.10,
//! 19.3.11.11).

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::mapper::Mapper;
use super::placement::Copies;
use super::slots::Slots;
use crate::GuardInterval;
use crate::subcarriers::{Tones, pilot_polarity};
use crate::tables::Tables;

/// Most data subcarriers that a symbol has.
const MAX_N_SD: usize = 108;
/// Most pilots.
const MAX_N_SP: usize = 6;

/// Turns subcarriers into samples of unit mean power.
pub(super) struct SymbolShaper {
    ifft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    bins: Vec<Complex32>,
    /// By subcarriers, copies, and whether the data are turned by a quarter.
    slots: Tables<(&'static Tones, Copies, bool), Slots>,
    polarity: [f32; 127],
}

impl SymbolShaper {
    pub(super) fn new(fft_len: usize) -> Self {
        let ifft = FftPlanner::new().plan_fft_inverse(fft_len);
        let scratch = vec![Complex32::ZERO; ifft.get_inplace_scratch_len()];
        let bins = vec![Complex32::ZERO; fft_len];
        Self { ifft, scratch, bins, slots: Tables::default(), polarity: pilot_polarity() }
    }

    /// One period of the bins that `fill` sets, scaled so that `occupied` bins of unit power
    /// make unit power.
    pub(super) fn in_time(
        &mut self,
        occupied: usize,
        fill: impl FnOnce(&mut [Complex32]),
    ) -> Vec<Complex32> {
        self.bins.fill(Complex32::ZERO);
        fill(&mut self.bins);
        self.ifft.process_with_scratch(&mut self.bins, &mut self.scratch);
        let scale = 1.0 / (occupied as f32).sqrt();
        self.bins.iter().map(|sample| sample * scale).collect()
    }

    /// Appends the symbols of coded bits.
    pub(super) fn append(
        &mut self,
        coded: &[u8],
        mapper: &Mapper,
        how: &How,
        out: &mut Window<'_>,
    ) {
        let tones = mapper.tones();
        let fft_len = self.bins.len();
        let guard = (how.gi.symbol_samples() - 64) * fft_len / 64;
        let slots = self.slots.get((tones, how.copies, how.quadrature), |_| {
            Slots::new(tones, how.copies, how.quadrature, fft_len)
        });
        let mut points = [Complex32::ZERO; MAX_N_SD];
        let points = &mut points[..tones.data.len()];
        let mut pilots = [Complex32::ZERO; MAX_N_SP];
        for (n, coded) in coded.chunks_exact(mapper.coded_len()).enumerate() {
            let polarity = self.polarity[(how.first_polarity + n) % self.polarity.len()];
            mapper.map(coded, points);
            self.bins.fill(Complex32::ZERO);
            points.iter_mut().for_each(|point| *point *= slots.scale());
            slots.put(points, &mut self.bins);
            for (pilot, value) in pilots.iter_mut().enumerate() {
                *value = (tones.pilot_value(pilot, n) * polarity * slots.scale()).into();
            }
            slots.put_pilots(&pilots, &mut self.bins);
            self.ifft.process_with_scratch(&mut self.bins, &mut self.scratch);
            out.append_symbol(&self.bins, guard);
        }
    }
}

/// What is the same for all symbols of a field.
pub(super) struct How {
    pub(super) gi: GuardInterval,
    pub(super) copies: Copies,
    /// The data points are turned by a quarter.
    pub(super) quadrature: bool,
    /// Which p_n the pilots of the first symbol have.
    pub(super) first_polarity: usize,
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

    /// Appends a symbol of one period with its guard interval.
    pub(super) fn append_symbol(&mut self, period: &[Complex32], guard: usize) {
        let joint = self.out.len();
        self.out.extend_from_slice(&period[period.len() - guard..]);
        self.out.extend_from_slice(period);
        self.out[joint] = self.out[joint] * 0.5 + self.overlap;
        self.overlap = period[0] * 0.5;
    }

    /// Ends the PPDU with what the last segment runs over.
    pub(super) fn finish(self) {
        self.out.push(self.overlap);
    }
}
