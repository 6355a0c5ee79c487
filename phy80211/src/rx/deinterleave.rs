//! From the soft bits of a symbol to the decoder's pairs A, B: deinterleaving (17.3.5.7,
//! 19.3.11.8) and depuncturing (17.3.5.6) in one step. A punctured bit is a zero: no opinion.

use super::demap::{PLANES, SoftBits};
use crate::subcarriers::bin;
use crate::tables::Tables;
use crate::{Rate, interleaver};

/// Soft bits A1 B1 A2 B2 .. of one symbol at most: MCS 7 at 40 MHz.
pub(super) const MAX_PAIRS: usize = 2 * 540;

/// Where the soft bits of a symbol come from: plane and bin for each of the places A1 B1 A2 B2 ..
fn sources(&rate: &Rate) -> Vec<u16> {
    let (tones, modulation) = (rate.tones(), rate.modulation());
    let n_bpsc = modulation.n_bpsc();
    // What was punctured is read from the last plane, which is zero.
    let nowhere = (PLANES * tones.fft_len - 1) as u16;
    let mut places = vec![nowhere; 2 * rate.n_dbps()];
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
        for (pair, &place) in pairs.iter_mut().zip(self.0.get(rate.coding(), sources)) {
            // The remainders change nothing, and tell the compiler that all places are inside.
            let place = usize::from(place);
            *pair = soft[place / N % PLANES][place % N];
        }
    }
}
