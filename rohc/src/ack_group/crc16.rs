//! CRC-16/IBM-3740 ("CCITT-FALSE"): x^16 + x^12 + x^5 + 1, from all ones, no reflection.

use super::packet::MAX_LEN;

/// Bytes that are taken in at once.
const SLICE: usize = 16;

/// `TABLES[n][b]`: what a byte does that `n` zero bytes follow.
static TABLES: [[u16; 256]; MAX_LEN] = tables();

const fn tables() -> [[u16; 256]; MAX_LEN] {
    let mut tables = [[0; 256]; MAX_LEN];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = crc << 1 ^ if crc >> 15 == 1 { 0x1021 } else { 0 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < MAX_LEN {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[zeros - 1][byte];
            tables[zeros][byte] = crc << 8 ^ tables[0][(crc >> 8) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
}

/// What a byte does to a CRC, that so many other bytes follow.
#[inline(always)]
pub fn byte_before(bytes: usize, byte: u8) -> u16 {
    TABLES[bytes][usize::from(byte)]
}

/// A CRC in the making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crc16(pub u16);

impl Crc16 {
    /// The CRC of nothing.
    pub const START: Self = Self(0xffff);

    /// The CRC of these bytes alone.
    pub fn of(bytes: &[u8]) -> Self {
        Self::START.then(bytes)
    }

    /// The CRC of what it was of and so many bytes, 2 to [`MAX_LEN`], of which this is known: the
    /// CRC of them alone that begins at zero.
    #[must_use]
    #[inline(always)]
    pub fn then_known(self, len: usize, of_bytes: u16) -> Self {
        let [first, second] = self.0.to_be_bytes();
        let len = len.clamp(2, MAX_LEN);
        let shifted = byte_before(len - 1, first) ^ byte_before(len - 2, second);
        Self(shifted ^ of_bytes)
    }

    /// The CRC of what it was of and these bytes.
    #[must_use]
    pub fn then(self, bytes: &[u8]) -> Self {
        let (slices, rest) = bytes.as_chunks::<SLICE>();
        let crc = slices.iter().fold(self.0, at_once);
        // Headers are whole words.
        let (words, rest) = rest.as_chunks::<4>();
        let crc = words.iter().fold(crc, at_once);
        Self(rest.as_chunks::<1>().0.iter().fold(crc, at_once))
    }
}

/// Takes in as many bytes as there are tables for, or less. The CRC so far falls on the first two;
/// they come last, so that all others need not wait for it.
#[inline]
fn at_once<const LEN: usize>(crc: u16, bytes: &[u8; LEN]) -> u16 {
    let [first, second] = crc.to_be_bytes();
    let mut next = if LEN == 1 { u16::from(second) << 8 } else { 0 };
    for (at, &byte) in bytes.iter().enumerate().rev() {
        let byte = match at {
            0 => byte ^ first,
            1 => byte ^ second,
            _ => byte,
        };
        next ^= TABLES[LEN - 1 - at][usize::from(byte)];
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(Crc16::of(b"123456789"), Crc16(0x29b1));
    }

    proptest! {
        #[test]
        fn slices_and_single_bytes_agree(bytes: Vec<u8>, cut: usize) {
            let by_one = bytes.iter().fold(Crc16::START, |crc, byte| crc.then(&[*byte]));
            prop_assert_eq!(Crc16::of(&bytes), by_one);
            let (head, tail) = bytes.split_at(cut % (bytes.len() + 1));
            prop_assert_eq!(Crc16::of(head).then(tail), by_one);
        }

        #[test]
        fn bytes_whose_crc_is_known_need_not_be_at_hand(
            before: u16,
            bytes in proptest::collection::vec(any::<u8>(), 2..=MAX_LEN),
        ) {
            let known = Crc16(0).then(&bytes).0;
            prop_assert_eq!(Crc16(before).then_known(bytes.len(), known), Crc16(before).then(&bytes));
        }
    }
}
