//! From a PSDU to interleaved bits (17.3.5.2 to 17.3.5.7).

use crate::scrambler::Scrambler;
use crate::{CodeRate, Modulation, OfdmRate, TxVector, convolutional, interleaver};

/// The scrambled DATA field, one bit a byte: SERVICE, PSDU, tail, pad.
///
/// The tail is set back to zero after scrambling so that it ends the code (17.3.5.3).
pub(super) fn data_bits(tx: &TxVector, psdu: &[u8], bits: &mut Vec<u8>) {
    let rate: OfdmRate = tx.rate;
    let tail = 16 + 8 * psdu.len();
    bits.clear();
    bits.resize(rate.n_sym(psdu.len()) * rate.n_dbps(), 0);
    for (bit, i) in bits[16..tail].iter_mut().zip(0..) {
        *bit = psdu[i / 8] >> (i % 8) & 1;
    }
    let mut scrambler = Scrambler::new(tx.scrambler_init);
    bits.iter_mut().for_each(|bit| *bit ^= scrambler.next_bit());
    bits[tail..tail + 6].fill(0);
}

/// The coded bits of some symbols, each symbol in the order of its subcarriers.
#[derive(Default)]
pub(super) struct InterleavedBits {
    /// Modulation of the subcarriers.
    pub(super) modulation: Option<Modulation>,
    coded: Vec<u8>,
    interleaved: Vec<u8>,
}

impl InterleavedBits {
    /// Encodes, punctures and interleaves whole symbols of data bits.
    pub(super) fn fill(&mut self, bits: &[u8], modulation: Modulation, rate: CodeRate) {
        self.modulation = Some(modulation);
        self.coded.clear();
        convolutional::encode(bits, rate, &mut self.coded);
        let n_cbps = 48 * modulation.n_bpsc();
        let places = interleaver::permutation(n_cbps, modulation.n_bpsc());
        self.interleaved.resize(self.coded.len(), 0);
        let symbols = self.coded.chunks_exact(n_cbps);
        for (coded, out) in symbols.zip(self.interleaved.chunks_exact_mut(n_cbps)) {
            for (&bit, &place) in coded.iter().zip(&places) {
                out[place] = bit;
            }
        }
    }

    /// The bits of each symbol.
    pub(super) fn symbols(&self) -> impl Iterator<Item = (Modulation, &[u8])> {
        let modulation = self.modulation.expect("filled before it is read");
        let symbols = self.interleaved.chunks_exact(48 * modulation.n_bpsc());
        symbols.map(move |symbol| (modulation, symbol))
    }
}
