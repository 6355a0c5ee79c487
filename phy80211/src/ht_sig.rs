//! HT-SIG: what an HT PPDU says of itself in two symbols (19.3.9.4.3, Table 19-11).

use std::fmt;

use thiserror::Error;

use crate::{GuardInterval, HtRate, HtWidth, Mcs};

/// Bits of HT-SIG.
pub const HT_SIG_BITS: usize = 48;
/// Bits that the CRC covers.
const PROTECTED: usize = 34;

/// The fields of HT-SIG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HtSig {
    /// MCS index, 0 to 127.
    pub mcs: u8,
    /// CBW 20/40: the PPDU is 40 MHz wide.
    pub wide: bool,
    /// HT Length: bytes of the PSDU; 0 in a null data packet.
    pub length: u16,
    /// Channel estimates may be smoothed over the subcarriers.
    pub smoothing: bool,
    /// The PPDU is not a sounding PPDU.
    pub not_sounding: bool,
    /// The PSDU is an A-MPDU.
    pub aggregation: bool,
    /// STBC: space-time streams beyond the spatial ones, 0 to 3.
    pub stbc: u8,
    /// FEC coding: LDPC instead of BCC.
    pub ldpc: bool,
    /// Short guard interval in the DATA field.
    pub short_gi: bool,
    /// Number of extension spatial streams, 0 to 3.
    pub extension_streams: u8,
}

/// What is wrong with an HT-SIG. Its 48 bits are kept, bit 0 of HT-SIG1 lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HtSigError {
    /// The CRC over bits 0 to 33 fails.
    #[error("the CRC of HT-SIG is wrong (bits {0:#014x})")]
    Crc(u64),
    /// The six tail bits are not zero.
    #[error("the tail of HT-SIG is not zero (bits {0:#014x})")]
    Tail(u64),
    /// The reserved bit is not one.
    #[error("HT-SIG has its reserved bit cleared (bits {0:#014x})")]
    ReservedBit(u64),
}

/// A field of HT-SIG: its first bit and its width.
type Field = (u32, u32);
const MCS: Field = (0, 7);
const CBW: Field = (7, 1);
const LENGTH: Field = (8, 16);
const SMOOTHING: Field = (24, 1);
const NOT_SOUNDING: Field = (25, 1);
const RESERVED: Field = (26, 1);
const AGGREGATION: Field = (27, 1);
const STBC: Field = (28, 2);
const FEC: Field = (30, 1);
const SHORT_GI: Field = (31, 1);
const EXTENSION: Field = (32, 2);
const CRC: Field = (34, 8);
const TAIL: Field = (42, 6);

const fn get(word: u64, (first, width): Field) -> u64 {
    word >> first & ((1 << width) - 1)
}

fn set(word: &mut u64, (first, width): Field, value: u64) {
    assert!(value < 1 << width, "{value} does not fit into {width} bits");
    *word |= value << first;
}

impl HtSig {
    /// HT-SIG of a PPDU of one stream.
    pub fn new(rate: HtRate, length: u16, aggregation: bool) -> Self {
        Self {
            mcs: rate.mcs.index(),
            wide: rate.width == HtWidth::Mhz40,
            length,
            smoothing: true,
            not_sounding: true,
            aggregation,
            stbc: 0,
            ldpc: false,
            short_gi: rate.gi == GuardInterval::Short,
            extension_streams: 0,
        }
    }

    /// The 48 bits in the order of transmission, one a byte.
    ///
    /// # Panics
    /// If a field has more than its bits: MCS above 127, STBC or extension streams above 3.
    pub fn emit(self) -> [u8; HT_SIG_BITS] {
        let mut word = 0;
        set(&mut word, MCS, self.mcs.into());
        set(&mut word, CBW, self.wide.into());
        set(&mut word, LENGTH, self.length.into());
        set(&mut word, SMOOTHING, self.smoothing.into());
        set(&mut word, NOT_SOUNDING, self.not_sounding.into());
        set(&mut word, RESERVED, 1);
        set(&mut word, AGGREGATION, self.aggregation.into());
        set(&mut word, STBC, self.stbc.into());
        set(&mut word, FEC, self.ldpc.into());
        set(&mut word, SHORT_GI, self.short_gi.into());
        set(&mut word, EXTENSION, self.extension_streams.into());
        let crc = crc8(word);
        set(&mut word, CRC, crc.into());
        std::array::from_fn(|i| (word >> i & 1) as u8)
    }

    /// Reads 48 decoded bits, one a byte.
    pub fn parse(bits: &[u8; HT_SIG_BITS]) -> Result<Self, HtSigError> {
        let word = bits.iter().enumerate().fold(0, |word, (i, &bit)| word | u64::from(bit) << i);
        if get(word, CRC) != u64::from(crc8(word)) {
            return Err(HtSigError::Crc(word));
        }
        if get(word, TAIL) != 0 {
            return Err(HtSigError::Tail(word));
        }
        if get(word, RESERVED) != 1 {
            return Err(HtSigError::ReservedBit(word));
        }
        let flag = |field| get(word, field) != 0;
        Ok(Self {
            mcs: get(word, MCS) as u8,
            wide: flag(CBW),
            length: get(word, LENGTH) as u16,
            smoothing: flag(SMOOTHING),
            not_sounding: flag(NOT_SOUNDING),
            aggregation: flag(AGGREGATION),
            stbc: get(word, STBC) as u8,
            ldpc: flag(FEC),
            short_gi: flag(SHORT_GI),
            extension_streams: get(word, EXTENSION) as u8,
        })
    }

    /// The rate, if the PPDU is of the kind that this PHY decodes: one stream, no STBC, BCC.
    pub fn rate(&self) -> Option<HtRate> {
        let plain = self.stbc == 0 && !self.ldpc && self.extension_streams == 0;
        let mcs = Mcs::new(self.mcs).filter(|_| plain)?;
        Some(HtRate { mcs, width: self.width(), gi: self.guard_interval() })
    }

    /// CH_BANDWIDTH.
    pub fn width(&self) -> HtWidth {
        if self.wide { HtWidth::Mhz40 } else { HtWidth::Mhz20 }
    }

    /// GI_TYPE.
    pub fn guard_interval(&self) -> GuardInterval {
        if self.short_gi { GuardInterval::Short } else { GuardInterval::Long }
    }
}

impl fmt::Display for HtSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.wide { 40 } else { 20 };
        let gi = if self.short_gi { "short" } else { "long" };
        write!(f, "MCS {}, {width} MHz, {gi} GI, {} bytes", self.mcs, self.length)?;
        if self.aggregation {
            f.write_str(", A-MPDU")?;
        }
        if self.stbc != 0 {
            write!(f, ", STBC {}", self.stbc)?;
        }
        if self.ldpc {
            f.write_str(", LDPC")?;
        }
        if self.extension_streams != 0 {
            write!(f, ", {} extension streams", self.extension_streams)?;
        }
        if !self.not_sounding {
            f.write_str(", sounding")?;
        }
        Ok(())
    }
}

/// The CRC of 19.3.9.4.4, x^8 + x^2 + x + 1 over bits 0 to 33 from all ones, complemented; its
/// highest coefficient, which is sent first, in bit 0.
fn crc8(word: u64) -> u8 {
    let register = (0..PROTECTED).fold(0xffu8, |register, i| {
        let feedback = (word >> i & 1) as u8 ^ register >> 7;
        (register << 1) ^ (feedback * 0b111)
    });
    (!register).reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_ht_sig() -> impl Strategy<Value = HtSig> {
        let flags = proptest::array::uniform6(any::<bool>());
        (0..128u8, any::<u16>(), 0..4u8, 0..4u8, flags).prop_map(
            |(mcs, length, stbc, extension_streams, flags)| {
                let [wide, smoothing, not_sounding, aggregation, ldpc, short_gi] = flags;
                HtSig {
                    mcs,
                    wide,
                    length,
                    smoothing,
                    not_sounding,
                    aggregation,
                    stbc,
                    ldpc,
                    short_gi,
                    extension_streams,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn parse_undoes_emit(ht_sig in any_ht_sig()) {
            prop_assert_eq!(HtSig::parse(&ht_sig.emit()), Ok(ht_sig));
        }

        #[test]
        fn any_48_bits_are_read_or_refused(word in 0..1u64 << HT_SIG_BITS, mend: bool) {
            let mut word = word;
            if mend {
                word &= !(0xff << CRC.0);
                word |= u64::from(crc8(word)) << CRC.0;
            }
            let bits = std::array::from_fn(|i| (word >> i & 1) as u8);
            if let Ok(ht_sig) = HtSig::parse(&bits) {
                prop_assert_eq!(ht_sig.emit(), bits);
                let _ = (ht_sig.rate(), ht_sig.to_string());
            }
        }

        #[test]
        fn one_wrong_bit_is_always_noticed(ht_sig in any_ht_sig(), at in 0..HT_SIG_BITS) {
            let mut bits = ht_sig.emit();
            bits[at] ^= 1;
            prop_assert!(HtSig::parse(&bits).is_err());
        }
    }
}
