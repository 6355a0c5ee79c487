//! The HT Operation element (9.4.2.56).

use super::{Element, ElementId, SupportedMcs};
use crate::FrameError;
use crate::bits::{Bits, bit_fields};
use crate::reader::Reader;

/// How an HT BSS works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HtOperation {
    /// Number of the primary channel.
    pub primary_channel: u8,
    /// What stations must heed.
    pub information: HtOperationInformation,
    /// MCS that all stations of the BSS receive.
    pub basic_mcs: SupportedMcs,
}

/// Bytes of the HT Operation Information field.
const INFORMATION_LEN: usize = 5;

bit_fields! {
    /// What stations must heed: 40 bits.
    HtOperationInformation(u64) {
        /// Where the secondary channel is.
        secondary_channel, with_secondary_channel: SecondaryChannel = 0..2;
        /// Any width may be used that is supported, not only 20 MHz.
        any_width, with_any_width: bool = 2..3;
        /// Reduced interframe spaces are allowed: obsolete.
        rifs, with_rifs: bool = 3..4;
        /// From whom transmissions must be protected.
        protection, with_protection: HtProtection = 8..10;
        /// Stations are there that do not receive HT-greenfield frames.
        non_greenfield_present, with_non_greenfield_present: bool = 10..11;
        /// Stations without HT are in a BSS that overlaps.
        obss_non_ht_present, with_obss_non_ht_present: bool = 12..13;
        /// Beacons are sent with STBC besides.
        dual_beacon, with_dual_beacon: bool = 30..31;
        /// CTS frames are sent twice, once with STBC.
        dual_cts_protection, with_dual_cts_protection: bool = 31..32;
        /// This beacon is sent with STBC.
        stbc_beacon, with_stbc_beacon: bool = 32..33;
        /// All HT stations support L-SIG TXOP protection.
        l_sig_txop_protection, with_l_sig_txop_protection: bool = 33..34;
    }
}

/// Where the secondary channel of 40 MHz is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecondaryChannel {
    /// There is none.
    None,
    /// Above the primary channel.
    Above,
    /// A reserved value.
    Reserved,
    /// Below the primary channel.
    Below,
}

impl Bits for SecondaryChannel {
    fn to_bits(self) -> u64 {
        self as u64
    }

    fn from_bits(bits: u64) -> Self {
        [Self::None, Self::Above, Self::Reserved, Self::Below][bits as usize & 3]
    }
}

/// From whom transmissions must be protected (10.27.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HtProtection {
    /// Nobody: all stations have HT, and as many MHz as the BSS.
    None,
    /// Stations without HT that are not members.
    NonMember,
    /// HT stations of 20 MHz in a BSS of 40.
    TwentyMhz,
    /// Members without HT.
    NonHtMixed,
}

impl Bits for HtProtection {
    fn to_bits(self) -> u64 {
        self as u64
    }

    fn from_bits(bits: u64) -> Self {
        [Self::None, Self::NonMember, Self::TwentyMhz, Self::NonHtMixed][bits as usize & 3]
    }
}

impl Element<'_> for HtOperation {
    const ID: ElementId = ElementId::HT_OPERATION;

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("HT Operation", contents);
        let primary_channel = reader.u8()?;
        let [a, b, c, d, e]: [u8; INFORMATION_LEN] = reader.array()?;
        let information = HtOperationInformation(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]));
        let basic_mcs = SupportedMcs(u128::from_le_bytes(reader.array()?));
        Ok(Self { primary_channel, information, basic_mcs })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.push(self.primary_channel);
        out.extend(&self.information.0.to_le_bytes()[..INFORMATION_LEN]);
        out.extend(self.basic_mcs.0.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::testing::{assert_lossless_up_to, emitted};
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(any::<u8>(), 20..25)) {
            assert_lossless_up_to::<HtOperation>(22, &contents);
            prop_assert_eq!(HtOperation::parse(&contents).is_ok(), contents.len() >= 22);
        }
    }

    #[test]
    fn a_bss_with_its_secondary_channel_above() {
        let information = HtOperationInformation::default()
            .with_secondary_channel(SecondaryChannel::Above)
            .with_any_width(true)
            .with_protection(HtProtection::NonHtMixed)
            .with_obss_non_ht_present(true)
            .with_stbc_beacon(true);
        let operation =
            HtOperation { primary_channel: 36, information, basic_mcs: SupportedMcs(0) };
        let bytes = hex("3d16 24 0513000001 00000000000000000000000000000000");
        assert_eq!(emitted(&operation), bytes);
        assert_eq!(HtOperation::parse(&bytes[2..]), Ok(operation));
    }
}
