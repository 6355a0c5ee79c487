//! The formats of compressed packets by their names (RFC 6846 sections 7 and 8.2).

use std::fmt;

use crate::crc::{CRC3, CRC7};

/// The format of a compressed packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "these are the names of RFC 6846")]
pub enum Format {
    Ir,
    IrDyn,
    IrCr,
    CoCommon,
    Rnd1,
    Rnd2,
    Rnd3,
    Rnd4,
    Rnd5,
    Rnd6,
    Rnd7,
    Rnd8,
    Seq1,
    Seq2,
    Seq3,
    Seq4,
    Seq5,
    Seq6,
    Seq7,
    Seq8,
    /// IR of the Uncompressed profile.
    UncompressedIr,
    /// A packet as it is, in a context of the Uncompressed profile.
    UncompressedNormal,
}

impl Format {
    /// The name in the RFC.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ir => "IR",
            Self::IrDyn => "IR-DYN",
            Self::IrCr => "IR-CR",
            Self::CoCommon => "co_common",
            Self::Rnd1 => "rnd_1",
            Self::Rnd2 => "rnd_2",
            Self::Rnd3 => "rnd_3",
            Self::Rnd4 => "rnd_4",
            Self::Rnd5 => "rnd_5",
            Self::Rnd6 => "rnd_6",
            Self::Rnd7 => "rnd_7",
            Self::Rnd8 => "rnd_8",
            Self::Seq1 => "seq_1",
            Self::Seq2 => "seq_2",
            Self::Seq3 => "seq_3",
            Self::Seq4 => "seq_4",
            Self::Seq5 => "seq_5",
            Self::Seq6 => "seq_6",
            Self::Seq7 => "seq_7",
            Self::Seq8 => "seq_8",
            Self::UncompressedIr => "IR (Uncompressed)",
            Self::UncompressedNormal => "Normal (Uncompressed)",
        }
    }

    /// Bits of the CRC that guards the header: 3, 7 or 8; 0 where there is none.
    pub const fn crc_bits(self) -> u32 {
        match self {
            Self::Ir | Self::IrDyn | Self::IrCr | Self::UncompressedIr => 8,
            Self::CoCommon | Self::Rnd8 | Self::Seq8 => 7,
            Self::UncompressedNormal => 0,
            _ => 3,
        }
    }

    /// The CRC over an uncompressed header that a packet of this format carries: of 7 or 3 bits.
    pub(crate) fn header_crc(self, header: &[u8]) -> u8 {
        if self.crc_bits() == 3 { CRC3.of(header) } else { CRC7.of(header) }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_has_the_name_that_the_rfc_gives_it() {
        assert_eq!(Format::Rnd8.to_string(), "rnd_8");
    }
}
