//! The BAR Control and BA Control fields, which are alike (9.3.1.7.1, 9.3.1.8.1).

use crate::bits::{Bits, bit_fields};

bit_fields! {
    /// The BAR Control or BA Control field.
    BlockAckControl(u16) {
        /// Set: no Ack for this frame is wanted, as is the rule in immediate Block Ack of HT.
        no_ack, with_no_ack: bool = 0..1;
        /// Which variant of the frame it is.
        variant, with_variant: BlockAckVariant = 1..5;
        /// The TID; in the Multi-TID variants, how many TIDs less one.
        tid, with_tid: u8 = 12..16;
    }
}

/// Variants of the Block Ack frames (9.3.1.7.1, 9.3.1.8.1; Multi-STA is of 802.11ax).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockAckVariant {
    /// A bit for each fragment: obsolete.
    Basic,
    /// Of DMG.
    ExtendedCompressed,
    /// A bit for each MSDU.
    Compressed,
    /// Several TIDs, for PSMP.
    MultiTid,
    /// Groupcast with retries.
    Gcr,
    /// The same on general links.
    GlkGcr,
    /// Several stations.
    MultiSta,
    /// A reserved type.
    Reserved(u8),
}

impl Bits for BlockAckVariant {
    fn to_bits(self) -> u64 {
        match self {
            Self::Basic => 0,
            Self::ExtendedCompressed => 1,
            Self::Compressed => 2,
            Self::MultiTid => 3,
            Self::Gcr => 6,
            Self::GlkGcr => 10,
            Self::MultiSta => 11,
            Self::Reserved(number) => number.into(),
        }
    }

    fn from_bits(bits: u64) -> Self {
        match bits {
            0 => Self::Basic,
            1 => Self::ExtendedCompressed,
            2 => Self::Compressed,
            3 => Self::MultiTid,
            6 => Self::Gcr,
            10 => Self::GlkGcr,
            11 => Self::MultiSta,
            number => Self::Reserved(number as u8),
        }
    }
}

impl BlockAckControl {
    /// The field of a compressed frame in an immediate agreement of HT stations.
    pub fn compressed(tid: u8) -> Self {
        Self::default().with_no_ack(true).with_variant(BlockAckVariant::Compressed).with_tid(tid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_keeps_its_number() {
        for number in 0..16 {
            assert_eq!(BlockAckVariant::from_bits(number).to_bits(), number);
        }
        assert_eq!(BlockAckControl::compressed(6).0, 0x6005);
    }
}
