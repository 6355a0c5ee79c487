//! From coded bits to the points of a symbol: puncturing, interleaving and mapping in one step
//! (17.3.5.6 to 17.3.5.8).

use num_complex::Complex32;

use super::row::{MAX_ROW, Row, place};
use crate::gather::gather;
use crate::subcarriers::Tones;
use crate::{OfdmRate, Rate, interleaver};

/// Points that a constellation has at most.
const MAX_POINTS: usize = 64;
/// Bits that a symbol carries at most: six on each of 108 subcarriers.
const MAX_CODED: usize = 648;

/// The tables for one rate.
pub(super) struct Mapper {
    pub(super) rate: Rate,
    /// For each bit of the constellation, and then for each data subcarrier, its place among the
    /// coded bits of the symbol: all outputs A, then all outputs B.
    sources: Vec<u16>,
    /// The place of each data subcarrier in the row.
    places: Vec<u8>,
    /// Points by their bits, the first bit highest.
    points: [Complex32; MAX_POINTS],
}

impl Mapper {
    pub(super) fn new(&rate: &Rate) -> Self {
        let (tones, modulation) = (rate.tones(), rate.modulation());
        let n_bpsc = modulation.n_bpsc();
        let mut sources = vec![0; tones.data.len() * n_bpsc];
        let on_air = interleaver::permutation(tones, modulation);
        for (on_air, source) in on_air.into_iter().zip(rate.code_rate().sent()) {
            let of_b = source % 2 * rate.n_dbps();
            let (subcarrier, bit) = (on_air / n_bpsc, on_air % n_bpsc);
            sources[bit * tones.data.len() + subcarrier] = (of_b + source / 2) as u16;
        }
        let mut points = [Complex32::ZERO; MAX_POINTS];
        for (word, point) in points[..1 << n_bpsc].iter_mut().enumerate() {
            let mut bits = [0; 6];
            (0..n_bpsc).for_each(|i| bits[i] = (word >> (n_bpsc - 1 - i) & 1) as u8);
            *point = modulation.map(&bits[..n_bpsc]);
        }
        let places = tones.data.iter().map(|&subcarrier| place(tones, subcarrier) as u8).collect();
        Self { rate, sources, places, points }
    }

    /// For HT-SIG, whose data, but not the pilots, are turned by a quarter (19.3.9.4.3).
    pub(super) fn quadrature() -> Self {
        let mut mapper = Self::new(&OfdmRate::Mbps6.into());
        mapper.points.iter_mut().for_each(|point| *point *= Complex32::I);
        mapper
    }

    pub(super) fn tones(&self) -> &'static Tones {
        self.rate.tones()
    }

    /// Coded bits of a symbol, before puncturing.
    pub(super) fn coded_len(&self) -> usize {
        2 * self.rate.n_dbps()
    }

    /// Writes the points of a symbol's data subcarriers to their places.
    pub(super) fn map(&self, coded: &[u8], row: &mut Row) {
        let mut planes = [0; MAX_CODED];
        let planes = &mut planes[..self.sources.len()];
        gather(coded, &self.sources, planes);
        let (words, further) = planes.split_at_mut(self.places.len());
        for plane in further.chunks_exact(words.len()) {
            words.iter_mut().zip(plane).for_each(|(word, bit)| *word = *word << 1 | bit);
        }
        for (&word, &place) in words.iter().zip(&self.places) {
            // The remainders change nothing, and tell the compiler that all places are inside.
            row[usize::from(place) % MAX_ROW] = self.points[usize::from(word) % MAX_POINTS];
        }
    }

    /// The bits of a symbol's data subcarriers, in their order.
    #[cfg(test)]
    pub(super) fn bits(&self, coded: &[u8]) -> Vec<u8> {
        let n_sd = self.places.len();
        let planes = 0..self.sources.len() / n_sd;
        let sources = (0..n_sd).flat_map(|i| planes.clone().map(move |plane| plane * n_sd + i));
        sources.map(|at| coded[usize::from(self.sources[at])]).collect()
    }
}
