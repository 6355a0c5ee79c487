//! The points of a symbol in a row, subcarrier by subcarrier, and where the row goes among the
//! bins of the IFFT.
//!
//! Neighbouring subcarriers are neighbouring bins, but for the step from the negative to the
//! positive ones, so that a row is copied in runs. The second half of a duplicate is but another
//! copy.

use std::ops::Range;

use num_complex::Complex32;

use super::placement::Copies;
use crate::subcarriers::{Tones, bin};
use crate::training::rotation;

/// From the lowest to the highest subcarrier there are 117 at 40 MHz. A power of two makes
/// finding one quick.
pub(super) const MAX_ROW: usize = 128;

/// Values of subcarriers, the lowest occupied one first; zero where none is occupied.
pub(super) type Row = [Complex32; MAX_ROW];

/// Place of a subcarrier in its row.
pub(super) fn place(tones: &Tones, subcarrier: i32) -> usize {
    (subcarrier - tones.occupied[0]) as usize
}

/// Part of a row that goes to as many bins side by side.
struct Run {
    row: Range<usize>,
    first_bin: usize,
    /// Turned by a quarter, as the upper half of 40 MHz is (19.3.9.3.4).
    turned: bool,
}

/// How one kind of symbol goes into the bins.
pub(super) struct Runs {
    scale: f32,
    runs: Vec<Run>,
}

impl Runs {
    pub(super) fn new(tones: &Tones, copies: Copies, fft_len: usize) -> Self {
        let (first, last) = (tones.occupied[0], tones.occupied[tones.occupied.len() - 1]);
        let runs = copies.iter().flat_map(|copy| {
            [first..0, 0..last + 1].map(|subcarriers| {
                // Not that of 0, which is not occupied and belongs to either side.
                let phase = rotation(tones, subcarriers.end - 1) * copy.phase;
                assert!([Complex32::ONE, Complex32::I].contains(&phase), "a quarter turn at most");
                Run {
                    row: place(tones, subcarriers.start)..place(tones, subcarriers.end),
                    first_bin: bin(subcarriers.start + copy.shift, fft_len),
                    turned: phase == Complex32::I,
                }
            })
        });
        let scale = 1.0 / ((tones.occupied.len() * copies.count()) as f32).sqrt();
        Self { scale, runs: runs.collect() }
    }

    /// Writes a row to the bins, such that points of unit power make a symbol of unit power.
    pub(super) fn put(&self, row: &Row, bins: &mut [Complex32]) {
        bins.fill(Complex32::ZERO);
        for Run { row: range, first_bin, turned } in &self.runs {
            let row = &row[range.clone()];
            let bins = &mut bins[*first_bin..][..row.len()];
            for (bin, point) in bins.iter_mut().zip(row) {
                let point = point * self.scale;
                *bin = if *turned { Complex32::new(-point.im, point.re) } else { point };
            }
        }
    }
}
