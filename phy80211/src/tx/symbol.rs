//! OFDM symbols in time: mapping, pilots, IFFT, guard interval and window (17.3.2.5, 17.3.5.10,
//! 19.3.11.11).

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::mapper::Mapper;
use super::placement::Copies;
use super::row::{MAX_ROW, Row, Runs, place};
use crate::GuardInterval;
use crate::subcarriers::{Tones, pilot_polarity};
use crate::tables::Tables;

/// Turns subcarriers into samples of unit mean power.
pub(super) struct SymbolShaper {
    ifft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    bins: Vec<Complex32>,
    runs: Tables<(&'static Tones, Copies), Runs>,
    polarity: [f32; 127],
}

impl SymbolShaper {
    pub(super) fn new(fft_len: usize) -> Self {
        let ifft = FftPlanner::new().plan_fft_inverse(fft_len);
        let scratch = vec![Complex32::ZERO; ifft.get_inplace_scratch_len()];
        let bins = vec![Complex32::ZERO; fft_len];
        Self { ifft, scratch, bins, runs: Tables::default(), polarity: pilot_polarity() }
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
        self.append_from(0, coded, mapper, how, out);
    }

    /// Appends symbols of coded bits, of which the first is number `first` of its field.
    pub(super) fn append_from(
        &mut self,
        first: usize,
        coded: &[u8],
        mapper: &Mapper,
        how: &How,
        out: &mut Window<'_>,
    ) {
        let tones = mapper.tones();
        let fft_len = self.bins.len();
        let guard = (how.gi.symbol_samples() - 64) * fft_len / 64;
        let runs = self.runs.get((tones, how.copies), |_| Runs::new(tones, how.copies, fft_len));
        let mut row: Row = [Complex32::ZERO; MAX_ROW];
        for (n, coded) in (first..).zip(coded.chunks_exact(mapper.coded_len())) {
            let polarity = self.polarity[(how.first_polarity + n) % self.polarity.len()];
            mapper.map(coded, &mut row);
            for (pilot, &subcarrier) in tones.pilots.iter().enumerate() {
                row[place(tones, subcarrier)] = (tones.pilot_value(pilot, n) * polarity).into();
            }
            runs.put(&row, &mut self.bins);
            self.ifft.process_with_scratch(&mut self.bins, &mut self.scratch);
            out.append_symbol(&self.bins, guard);
        }
    }
}

/// What is the same for all symbols of a field.
#[derive(Debug)]
pub(super) struct How {
    pub(super) gi: GuardInterval,
    pub(super) copies: Copies,
    /// Which p_n the pilots of the first symbol have.
    pub(super) first_polarity: usize,
}

/// Samples that are sent as they are, with half the weight where they begin.
pub(super) struct Segment {
    samples: Vec<Complex32>,
    overlap: Complex32,
}

impl Segment {
    /// Fields one after the other, each with the sample with which it would go on.
    pub(super) fn joined<const N: usize>(fields: [(&[Complex32], Complex32); N]) -> Self {
        let mut segment = Self { samples: Vec::new(), overlap: Complex32::ZERO };
        for (field, beyond) in fields {
            segment.samples.push(field[0] * 0.5 + segment.overlap);
            segment.samples.extend_from_slice(&field[1..]);
            segment.overlap = beyond * 0.5;
        }
        segment
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
        Self::after(Complex32::ZERO, out)
    }

    /// Goes on after a segment that ran over by this sample.
    pub(super) fn after(overlap: Complex32, out: &'a mut Vec<Complex32>) -> Self {
        Self { out, overlap }
    }

    /// The sample by which the last segment runs over.
    pub(super) fn overlap(&self) -> Complex32 {
        self.overlap
    }

    /// Appends a segment.
    pub(super) fn append(&mut self, segment: &Segment) {
        let joint = self.out.len();
        self.out.extend_from_slice(&segment.samples);
        self.out[joint] += self.overlap;
        self.overlap = segment.overlap;
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
