//! From a PSDU to coded bits (17.3.5.2 to 17.3.5.6, 19.3.11).

use crate::scrambler::SEQUENCES;
use crate::{TxVector, convolutional};

/// The bits of a field, one a byte, and what they are encoded to.
#[derive(Default)]
pub(super) struct CodedBits {
    /// Data bits.
    pub(super) bits: Vec<u8>,
    /// A1 B1 A2 B2 .., nothing punctured.
    pub(super) pairs: Vec<u8>,
}

impl CodedBits {
    /// Encodes a field that is sent as it is.
    pub(super) fn fill(&mut self, bits: &[u8]) {
        self.bits.clear();
        self.bits.extend_from_slice(bits);
        convolutional::encode_pairs(&self.bits, &mut self.pairs);
    }

    /// Encodes the DATA field: SERVICE, PSDU, tail and pad, scrambled but for the tail, which is
    /// zero so that it ends the code (17.3.5.3).
    pub(super) fn fill_data(&mut self, tx: &TxVector, psdu: &[u8]) {
        const SERVICE_BYTES: usize = 2;
        let tail = 8 * (SERVICE_BYTES + psdu.len());
        let len = tx.rate.n_sym(psdu.len()) * tx.rate.n_dbps();
        self.bits.clear();
        self.bits.reserve(len.next_multiple_of(8));
        let plain = [0; SERVICE_BYTES].into_iter().chain(psdu.iter().copied());
        let padded = plain.chain(std::iter::repeat(0)).take(len.div_ceil(8));
        let sequence = SEQUENCES[usize::from(tx.scrambler_init)].iter().cycle();
        for (byte, sequence) in padded.zip(sequence) {
            let scrambled = byte ^ sequence;
            self.bits.extend_from_slice(&[0, 1, 2, 3, 4, 5, 6, 7].map(|i| scrambled >> i & 1));
        }
        self.bits.truncate(len);
        self.bits[tail..tail + 6].fill(0);
        convolutional::encode_pairs(&self.bits, &mut self.pairs);
    }
}
