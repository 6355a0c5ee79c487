//! From the soft bits of a symbol to the decoder's pairs A, B: deinterleaving (17.3.5.7) and
//! depuncturing (17.3.5.6) in one step. A punctured bit is a zero: no opinion.

use super::demap::MAX_N_CBPS;
use crate::{OfdmRate, interleaver};

/// Soft bits A1 B1 A2 B2 .. of one symbol at most.
pub(super) const MAX_PAIRS: usize = 2 * 216;

/// Where each soft bit of a symbol goes, for one rate.
struct Places(Vec<u16>);

/// The places for every rate.
pub(super) struct Deinterleaver {
    rates: [Places; 8],
}

impl Deinterleaver {
    pub(super) fn new() -> Self {
        let rates = OfdmRate::ALL.map(|rate| {
            let mut places = vec![0; rate.n_cbps()];
            let permuted = interleaver::permutation(rate.n_cbps(), rate.n_bpsc());
            for (on_air, place) in permuted.into_iter().zip(rate.code_rate().sent()) {
                places[on_air] = place as u16;
            }
            Places(places)
        });
        Self { rates }
    }

    /// Spreads one symbol's soft bits over its 2 N_DBPS places.
    pub(super) fn spread<'a>(
        &self,
        rate: OfdmRate,
        soft: &[i8; MAX_N_CBPS],
        pairs: &'a mut [i8; MAX_PAIRS],
    ) -> &'a [i8] {
        let pairs = &mut pairs[..2 * rate.n_dbps()];
        pairs.fill(0);
        for (&soft, &place) in soft.iter().zip(&self.rates[rate as usize].0) {
            pairs[place as usize] = soft;
        }
        pairs
    }
}
