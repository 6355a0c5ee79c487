//! The SIGNAL field: RATE, LENGTH, parity and tail in one BPSK symbol (17.3.4, Figure 17-5).

use thiserror::Error;

use crate::OfdmRate;

/// Bits of the SIGNAL field.
pub const SIGNAL_BITS: usize = 24;

/// What the SIGNAL field says of the DATA field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// Rate of the DATA field.
    pub rate: OfdmRate,
    /// PSDU bytes, 1 to 4095.
    pub length: u16,
}

/// What is wrong with a SIGNAL field. The 24 bits are kept, bit 0 (R1) lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignalError {
    /// The even parity over bits 0 to 16 fails.
    #[error("SIGNAL parity is wrong (bits {0:#08x})")]
    Parity(u32),
    /// R1-R4 name no rate.
    #[error("SIGNAL names a reserved rate (R1-R4 = {:04b})", rate_field(*.0))]
    ReservedRate(u32),
    /// The reserved bit 4 is set, which every transmitter sends as zero.
    #[error("SIGNAL has its reserved bit set (bits {0:#08x})")]
    ReservedBit(u32),
    /// The six tail bits are not zero.
    #[error("SIGNAL tail is not zero (bits {0:#08x})")]
    Tail(u32),
    /// LENGTH is zero.
    #[error("SIGNAL gives a length of zero")]
    ZeroLength(u32),
}

/// R1-R4 with R1 highest, from the 24 bits with R1 lowest.
fn rate_field(bits: u32) -> u8 {
    (0..4).fold(0, |field, i| field << 1 | (bits >> i & 1) as u8)
}

impl Signal {
    /// The 24 bits in the order of transmission, one a byte.
    ///
    /// # Panics
    /// If the length is not 1 to 4095.
    pub fn emit(self) -> [u8; SIGNAL_BITS] {
        assert!((1..=4095).contains(&self.length), "LENGTH has twelve bits and is not zero");
        let mut bits = [0; SIGNAL_BITS];
        for (i, bit) in bits[..4].iter_mut().enumerate() {
            *bit = self.rate.rate_bits() >> (3 - i) & 1;
        }
        for (i, bit) in bits[5..17].iter_mut().enumerate() {
            *bit = (self.length >> i) as u8 & 1;
        }
        bits[17] = bits[..17].iter().sum::<u8>() & 1;
        bits
    }

    /// Reads 24 decoded bits, one a byte.
    pub fn parse(bits: &[u8; SIGNAL_BITS]) -> Result<Self, SignalError> {
        let word = bits.iter().enumerate().fold(0, |word, (i, &bit)| word | u32::from(bit) << i);
        if (word & 0x3ffff).count_ones() % 2 != 0 {
            return Err(SignalError::Parity(word));
        }
        let rate = OfdmRate::from_rate_bits(rate_field(word));
        let rate = rate.ok_or(SignalError::ReservedRate(word))?;
        if word >> 4 & 1 != 0 {
            return Err(SignalError::ReservedBit(word));
        }
        if word >> 18 != 0 {
            return Err(SignalError::Tail(word));
        }
        match (word >> 5 & 0xfff) as u16 {
            0 => Err(SignalError::ZeroLength(word)),
            length => Ok(Self { rate, length }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_undoes_emit(rate in 0..8usize, length in 1..4096u16) {
            let signal = Signal { rate: OfdmRate::ALL[rate], length };
            prop_assert_eq!(Signal::parse(&signal.emit()), Ok(signal));
        }

        #[test]
        fn one_wrong_bit_is_always_noticed(rate in 0..8usize, length in 1..4096u16, at in 0..24usize) {
            let mut bits = Signal { rate: OfdmRate::ALL[rate], length }.emit();
            bits[at] ^= 1;
            prop_assert!(Signal::parse(&bits).is_err());
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let bits = |word: u32| std::array::from_fn(|i| (word >> i & 1) as u8);
        let good = Signal { rate: OfdmRate::Mbps6, length: 1 };
        let word: u32 = good.emit().iter().enumerate().map(|(i, &b)| u32::from(b) << i).sum();
        let parse = |flip: u32| Signal::parse(&bits(word ^ flip)).unwrap_err();
        assert!(matches!(parse(1), SignalError::Parity(_)));
        assert!(matches!(parse(0b1000 | 1 << 17), SignalError::ReservedRate(_)));
        assert!(matches!(parse(1 << 4 | 1 << 17), SignalError::ReservedBit(_)));
        assert!(matches!(parse(1 << 20), SignalError::Tail(_)));
        assert!(matches!(parse(1 << 5 | 1 << 17), SignalError::ZeroLength(_)));
    }
}
