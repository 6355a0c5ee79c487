//! The MPDU delimiter (9.7.1), with the length field of HT.

/// What stands before each MPDU of an A-MPDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Delimiter {
    /// The four bits below the length: reserved in HT, the lowest is EOF in VHT.
    low_bits: u8,
    length: u16,
}

/// The last byte, by which delimiters are found: ASCII `N`.
const SIGNATURE: u8 = 0x4e;

/// CRC-8 of all bytes, the bits of both byte and CRC lowest first as they are on the air.
const CRC_TABLE: [u8; 256] = {
    // x^8 + x^2 + x + 1, lowest bit first.
    const POLYNOMIAL: u8 = 0xe0;
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// The CRC of the first two bytes: begun with ones, complemented at the end.
fn crc(bytes: [u8; 2]) -> u8 {
    !bytes.iter().fold(0xff, |crc, byte| CRC_TABLE[usize::from(crc ^ byte)])
}

impl Delimiter {
    /// Bytes of a delimiter.
    pub const LEN: usize = 4;
    /// The longest MPDU, FCS included.
    pub const MAX_MPDU: usize = 4095;

    /// The delimiter of an MPDU of so many bytes, FCS included; 0 for padding.
    pub fn new(length: usize) -> Self {
        assert!(length <= Self::MAX_MPDU, "an MPDU of {length} bytes does not fit a delimiter");
        Self { low_bits: 0, length: length as u16 }
    }

    /// Reads four bytes; `None` if signature or CRC are wrong.
    pub fn parse([low, high, check, signature]: [u8; Self::LEN]) -> Option<Self> {
        let right = signature == SIGNATURE && check == crc([low, high]);
        let word = u16::from_le_bytes([low, high]);
        right.then_some(Self { low_bits: low & 0xf, length: word >> 4 })
    }

    /// The four bytes.
    pub fn emit(self) -> [u8; Self::LEN] {
        let [low, high] = (self.length << 4 | u16::from(self.low_bits)).to_le_bytes();
        [low, high, crc([low, high]), SIGNATURE]
    }

    /// Bytes of the MPDU that follows, FCS included; 0 for padding.
    pub fn length(self) -> usize {
        self.length.into()
    }

    /// The lowest bit: in VHT it marks an MPDU that is alone, or the padding at the end.
    pub fn eof(self) -> bool {
        self.low_bits & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The CRC bit by bit, as 9.7.1 draws it: the first bit on the air enters first.
    fn crc_by_shifting(bytes: [u8; 2]) -> u8 {
        let mut register = [true; 8];
        for i in 0..16 {
            let feedback = (bytes[i / 8] >> (i % 8) & 1 != 0) ^ register[7];
            register.rotate_right(1);
            register[0] = feedback;
            register[1] ^= feedback;
            register[2] ^= feedback;
        }
        // c7 is sent first, complemented, and the first bit sent is the lowest of the byte.
        register.iter().rev().enumerate().fold(0, |crc, (i, &bit)| crc | u8::from(!bit) << i)
    }

    proptest! {
        #[test]
        fn the_table_is_the_shift_register(bytes: [u8; 2]) {
            prop_assert_eq!(crc(bytes), crc_by_shifting(bytes));
        }

        #[test]
        fn every_right_delimiter_comes_back(first: [u8; 2]) {
            let bytes = [first[0], first[1], crc(first), SIGNATURE];
            prop_assert_eq!(Delimiter::parse(bytes).map(Delimiter::emit), Some(bytes));
        }

        #[test]
        fn up_to_two_wrong_bits_are_noticed(length in 0..4096usize, a in 0..32u32, b in 0..32u32) {
            let bytes = u32::from_le_bytes(Delimiter::new(length).emit());
            let damaged = bytes ^ (1 << a | 1 << b);
            prop_assert_eq!(Delimiter::parse(damaged.to_le_bytes()), None);
        }
    }

    #[test]
    fn delimiters_of_an_independent_generator() {
        // CRCs from gen80211a.py, which was written apart from this crate.
        for (length, crc) in [(0, 0x14), (14, 0xc2), (1500, 0x1c), (4095, 0x18)] {
            assert_eq!(Delimiter::new(length).emit()[2], crc, "of length {length}");
        }
    }
}
