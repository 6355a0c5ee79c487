//! From a PSDU to coded bits (17.3.5.2 to 17.3.5.6, 19.3.11).

use crate::TxVector;
use crate::convolutional::{MEMORY, Message};
use crate::scrambler::SEQUENCES;

/// The bits of a field, one a byte, and what they are encoded to.
#[derive(Default)]
pub(super) struct CodedBits {
    /// Data bits.
    pub(super) message: Message,
    /// For each symbol its outputs A, then its outputs B, nothing punctured.
    pub(super) coded: Vec<u8>,
}

impl CodedBits {
    /// Encodes a field that is sent as it is, in symbols of `n_dbps` bits.
    pub(super) fn fill(&mut self, bits: &[u8], n_dbps: usize) {
        self.message.clear();
        self.message.buffer().extend_from_slice(bits);
        self.message.encode(n_dbps, &mut self.coded);
    }

    /// Encodes the DATA field: SERVICE, PSDU, tail and pad, scrambled but for the tail, which is
    /// zero so that it ends the code (17.3.5.3).
    pub(super) fn fill_data(&mut self, tx: &TxVector, psdu: &[u8]) {
        const SERVICE_BYTES: usize = 2;
        let tail = 8 * (SERVICE_BYTES + psdu.len());
        let len = tx.rate.n_sym(psdu.len()) * tx.rate.n_dbps();
        self.message.clear();
        let bits = self.message.buffer();
        bits.reserve(len.next_multiple_of(8));
        let plain = [0; SERVICE_BYTES].into_iter().chain(psdu.iter().copied());
        let padded = plain.chain(std::iter::repeat(0)).take(len.div_ceil(8));
        let sequence = SEQUENCES[usize::from(tx.scrambler_init)].iter().cycle();
        for (byte, sequence) in padded.zip(sequence) {
            bits.extend_from_slice(&spread(byte ^ sequence));
        }
        bits.truncate(MEMORY + len);
        bits[MEMORY + tail..][..6].fill(0);
        self.message.encode(tx.rate.n_dbps(), &mut self.coded);
    }
}

/// The bits of a byte, the lowest first, one a byte.
fn spread(byte: u8) -> [u8; 8] {
    // Seven copies of the byte, each shifted by one bit less than a byte further, and of each the
    // lowest bit.
    let copies = (u64::from(byte) & 0x7f).wrapping_mul(0x0002_0408_1020_4081);
    let bits = copies & 0x0101_0101_0101_0101 | u64::from(byte >> 7) << 56;
    bits.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_spread_bit_by_bit() {
        for byte in 0..=255u8 {
            assert_eq!(spread(byte), std::array::from_fn(|i| byte >> i & 1));
        }
    }
}
