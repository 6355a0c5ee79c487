//! From a PSDU to interleaved bits (17.3.5.2 to 17.3.5.7, 19.3.11).

use crate::scrambler::Scrambler;
use crate::subcarriers::{NON_HT, Tones};
use crate::{Modulation, Rate, TxVector, convolutional, interleaver};

/// The scrambled DATA field, one bit a byte: SERVICE, PSDU, tail, pad.
///
/// The tail is set back to zero after scrambling so that it ends the code (17.3.5.3).
pub(super) fn data_bits(tx: &TxVector, psdu: &[u8], bits: &mut Vec<u8>) {
    let tail = 16 + 8 * psdu.len();
    bits.clear();
    bits.resize(tx.rate.n_sym(psdu.len()) * tx.rate.n_dbps(), 0);
    for (bit, i) in bits[16..tail].iter_mut().zip(0..) {
        *bit = psdu[i / 8] >> (i % 8) & 1;
    }
    let mut scrambler = Scrambler::new(tx.scrambler_init);
    bits.iter_mut().for_each(|bit| *bit ^= scrambler.next_bit());
    bits[tail..tail + 6].fill(0);
}

/// The coded bits of some symbols, each symbol in the order of its data subcarriers.
pub(super) struct InterleavedBits {
    pub(super) tones: &'static Tones,
    pub(super) modulation: Modulation,
    coded: Vec<u8>,
    interleaved: Vec<u8>,
}

impl Default for InterleavedBits {
    fn default() -> Self {
        Self {
            tones: &NON_HT,
            modulation: Modulation::Bpsk,
            coded: Vec::new(),
            interleaved: Vec::new(),
        }
    }
}

impl InterleavedBits {
    /// Encodes, punctures and interleaves whole symbols of data bits.
    pub(super) fn fill(&mut self, bits: &[u8], rate: Rate) {
        (self.tones, self.modulation) = (rate.tones(), rate.modulation());
        self.coded.clear();
        convolutional::encode(bits, rate.code_rate(), &mut self.coded);
        let places = interleaver::permutation(self.tones, self.modulation);
        self.interleaved.resize(self.coded.len(), 0);
        let symbols = self.coded.chunks_exact(places.len());
        for (coded, out) in symbols.zip(self.interleaved.chunks_exact_mut(places.len())) {
            for (&bit, &place) in coded.iter().zip(&places) {
                out[place] = bit;
            }
        }
    }

    /// The bits of each symbol.
    pub(super) fn symbols(&self) -> impl Iterator<Item = &[u8]> {
        self.interleaved.chunks_exact(self.tones.data.len() * self.modulation.n_bpsc())
    }
}
