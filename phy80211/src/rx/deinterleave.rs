//! From the soft bits of a symbol to the decoder's pairs A, B: deinterleaving (17.3.5.7,
//! 19.3.11.8) and depuncturing (17.3.5.6) in one step. A punctured bit is a zero: no opinion.

use super::demap::SoftBits;
use crate::gather::gather;
use crate::subcarriers::bin;
use crate::tables::Tables;
use crate::{Rate, interleaver};

/// Soft bits A1 B1 A2 B2 .. of one symbol at most: MCS 7 at 40 MHz.
pub(super) const MAX_PAIRS: usize = 2 * 540;

/// Where the soft bits of a symbol come from: plane and bin for each of the places A1 B1 A2 B2 ..
pub(super) fn sources(&rate: &Rate) -> Vec<u16> {
    let (tones, modulation) = (rate.tones(), rate.modulation());
    let n_bpsc = modulation.n_bpsc();
    // What was punctured comes from beyond all planes, where there are zeros.
    let mut places = vec![u16::MAX; 2 * rate.n_dbps()];
    let on_air = interleaver::permutation(tones, modulation);
    for (on_air, place) in on_air.into_iter().zip(rate.code_rate().sent()) {
        let bin = bin(tones.data[on_air / n_bpsc], tones.fft_len);
        places[place] = (on_air % n_bpsc * tones.fft_len + bin) as u16;
    }
    places
}

/// The sources for every rate that was met, by [`Rate::coding`].
#[derive(Default)]
pub(super) struct Deinterleaver(Tables<Rate, Vec<u16>>);

impl Deinterleaver {
    /// Gathers one symbol's soft bits into its 2 N_DBPS places.
    pub(super) fn gather<const N: usize>(
        &mut self,
        rate: Rate,
        soft: &SoftBits<N>,
        pairs: &mut [i8; MAX_PAIRS],
    ) {
        let sources = self.0.get(rate.coding(), sources);
        let planes = bytemuck::cast_slice(soft.as_flattened());
        gather(planes, sources, bytemuck::cast_slice_mut(&mut pairs[..sources.len()]));
    }
}
