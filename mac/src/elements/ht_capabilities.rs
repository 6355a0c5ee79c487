//! The HT Capabilities element (9.4.2.55).

mod ampdu;
mod information;
mod mcs;

pub use ampdu::{AmpduParameters, MinimumStartSpacing};
pub use information::{HtCapabilityInformation, HtExtendedCapabilities, SmPowerSave};
pub use mcs::SupportedMcs;

use super::{Element, ElementId};
use crate::FrameError;
use crate::reader::Reader;

/// What an HT station can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HtCapabilities {
    /// Widths, guard intervals, codes.
    pub information: HtCapabilityInformation,
    /// What A-MPDUs it takes.
    pub ampdu: AmpduParameters,
    /// Which MCS it takes.
    pub mcs: SupportedMcs,
    /// More of what it can.
    pub extended: HtExtendedCapabilities,
    /// Transmit beamforming, whose bits are not taken apart here (9.4.2.55.6).
    pub beamforming: u32,
    /// Antenna selection, whose bits are not taken apart here (9.4.2.55.7).
    pub antenna_selection: u8,
}

impl Element<'_> for HtCapabilities {
    const ID: ElementId = ElementId::HT_CAPABILITIES;

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("HT Capabilities", contents);
        Ok(Self {
            information: HtCapabilityInformation(reader.u16()?),
            ampdu: AmpduParameters(reader.u8()?),
            mcs: SupportedMcs(u128::from_le_bytes(reader.array()?)),
            extended: HtExtendedCapabilities(reader.u16()?),
            beamforming: reader.u32()?,
            antenna_selection: reader.u8()?,
        })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend(self.information.0.to_le_bytes());
        out.push(self.ampdu.0);
        out.extend(self.mcs.0.to_le_bytes());
        out.extend(self.extended.0.to_le_bytes());
        out.extend(self.beamforming.to_le_bytes());
        out.push(self.antenna_selection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::testing::{assert_lossless_up_to, emitted};
    use crate::test_hex::hex;
    use proptest::prelude::*;
    use std::time::Duration;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(any::<u8>(), 24..29)) {
            assert_lossless_up_to::<HtCapabilities>(26, &contents);
            prop_assert_eq!(HtCapabilities::parse(&contents).is_ok(), contents.len() >= 26);
        }
    }

    #[test]
    fn a_station_of_one_stream_is_read() {
        let element = hex("2d1a 6e11 1b ff000000000000000000000000000000 0000 00000000 00");
        let station = HtCapabilities::parse(&element[2..]).unwrap();
        let information = station.information;
        assert!(information.channel_width_40() && information.sgi_20() && information.sgi_40());
        assert!(!information.ldpc() && !information.greenfield());
        assert_eq!(information.sm_power_save(), SmPowerSave::Disabled);
        assert_eq!(information.rx_stbc(), 1);
        assert_eq!(information.max_amsdu_len(), 3839);
        assert_eq!(station.ampdu.max_len(), 65_535);
        assert_eq!(
            station.ampdu.min_start_spacing(),
            MinimumStartSpacing::at_least(Duration::from_micros(8))
        );
        assert_eq!(station.mcs.receivable().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        assert_eq!(emitted(&station), element);
    }
}
