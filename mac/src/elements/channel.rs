//! DSSS Parameter Set (9.4.2.4) and IBSS Parameter Set (9.4.2.6).

use super::{Element, ElementId};
use crate::reader::Reader;
use crate::{FrameError, TimeUnits};

/// The channel of a BSS in the 2.4 GHz band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DsssParameterSet {
    /// Channel number.
    pub channel: u8,
}

/// How long stations of an IBSS stay awake after each beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IbssParameterSet {
    /// The ATIM window; 0 without power save.
    pub atim_window: TimeUnits,
}

impl Element<'_> for DsssParameterSet {
    const ID: ElementId = ElementId::DSSS_PARAMETER_SET;

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("DSSS Parameter Set", contents);
        Ok(Self { channel: reader.u8()? })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.push(self.channel);
    }
}

impl Element<'_> for IbssParameterSet {
    const ID: ElementId = ElementId::IBSS_PARAMETER_SET;

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("IBSS Parameter Set", contents);
        Ok(Self { atim_window: TimeUnits(reader.u16()?) })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend(self.atim_window.0.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::testing::{assert_lossless_up_to, emitted};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(any::<u8>(), 0..5)) {
            assert_lossless_up_to::<DsssParameterSet>(1, &contents);
            assert_lossless_up_to::<IbssParameterSet>(2, &contents);
            prop_assert_eq!(DsssParameterSet::parse(&contents).is_ok(), !contents.is_empty());
            prop_assert_eq!(IbssParameterSet::parse(&contents).is_ok(), contents.len() >= 2);
        }
    }

    #[test]
    fn channel_and_window_are_at_their_bytes() {
        assert_eq!(emitted(&DsssParameterSet { channel: 11 }), [3, 1, 11]);
        assert_eq!(emitted(&IbssParameterSet { atim_window: TimeUnits(0x102) }), [6, 2, 2, 1]);
    }
}
