//! The vendor element of WMM, by which almost everybody sends what 802.11e put into the EDCA
//! Parameter Set.

use super::{EdcaRecords, Element, ElementId};
use crate::FrameError;
use crate::reader::Reader;

/// What WMM elements begin with: OUI and type, then subtype and version.
const WMM: [u8; 4] = [0x00, 0x50, 0xf2, 2];
const INFORMATION: u8 = 0;
const PARAMETERS: u8 = 1;
const VERSION: u8 = 1;

/// The WMM Information element: a station can do QoS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WmmInformation {
    /// As in [`EdcaParameterSet`](super::EdcaParameterSet).
    pub qos_info: u8,
}

/// The WMM Parameter element: how a station of the BSS contends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WmmParameters {
    /// As in [`EdcaParameterSet`](super::EdcaParameterSet).
    pub qos_info: u8,
    reserved: u8,
    /// The records.
    pub records: EdcaRecords,
}

impl WmmParameters {
    /// The element with these records.
    pub fn new(qos_info: u8, records: EdcaRecords) -> Self {
        Self { qos_info, reserved: 0, records }
    }
}

/// Reads up to QoS Info; other vendors' elements, subtypes and versions are refused.
fn read_head(reader: &mut Reader<'_>, subtype: u8) -> Result<u8, FrameError> {
    let expected = [WMM[0], WMM[1], WMM[2], WMM[3], subtype, VERSION];
    for (offset, expected) in expected.into_iter().enumerate() {
        let value = reader.u8()?;
        if value != expected {
            return Err(FrameError::NotThis { what: "WMM", offset, value: value.into() });
        }
    }
    reader.u8()
}

fn emit_head(subtype: u8, qos_info: u8, out: &mut Vec<u8>) {
    out.extend(WMM);
    out.extend([subtype, VERSION, qos_info]);
}

impl Element<'_> for WmmInformation {
    const ID: ElementId = ElementId::VENDOR_SPECIFIC;

    fn is_meant(contents: &[u8]) -> bool {
        contents.strip_prefix(&WMM).is_some_and(|rest| rest.first() == Some(&INFORMATION))
    }

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("WMM", contents);
        Ok(Self { qos_info: read_head(&mut reader, INFORMATION)? })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        emit_head(INFORMATION, self.qos_info, out);
    }
}

impl Element<'_> for WmmParameters {
    const ID: ElementId = ElementId::VENDOR_SPECIFIC;

    fn is_meant(contents: &[u8]) -> bool {
        contents.strip_prefix(&WMM).is_some_and(|rest| rest.first() == Some(&PARAMETERS))
    }

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("WMM", contents);
        let qos_info = read_head(&mut reader, PARAMETERS)?;
        let reserved = reader.u8()?;
        let records = EdcaRecords::read(&mut reader)?;
        Ok(Self { qos_info, reserved, records })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        emit_head(PARAMETERS, self.qos_info, out);
        out.push(self.reserved);
        self.records.emit(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccessCategory;
    use crate::Elements;
    use crate::elements::EdcaParameterSet;
    use crate::elements::testing::{assert_lossless_up_to, emitted};
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(rest in proptest::collection::vec(any::<u8>(), 15..21)) {
            let parameters = [&hex("0050f2020101"), rest.as_slice()].concat();
            assert_lossless_up_to::<WmmParameters>(24, &parameters);
            prop_assert_eq!(WmmParameters::parse(&parameters).is_ok(), rest.len() >= 18);
            assert_lossless_up_to::<EdcaParameterSet>(18, &rest);
            prop_assert_eq!(EdcaParameterSet::parse(&rest).is_ok(), rest.len() >= 18);
        }
    }

    #[test]
    fn the_parameter_element_of_most_access_points() {
        let bytes = hex("dd18 0050f2020101 80 00 03a40000 27a40000 42435e00 62322f00");
        let elements = Elements(&bytes);
        assert!(elements.get::<WmmInformation>().is_none());
        let parameters = elements.get::<WmmParameters>().unwrap().unwrap();
        assert_eq!(parameters.qos_info, 0x80);
        let voice = parameters.records.of(AccessCategory::Voice).unwrap();
        assert_eq!((voice.cw_min(), voice.cw_max(), voice.txop_limit().as_micros()), (3, 7, 1504));
        assert_eq!(voice.aci_aifsn.aifsn(), 2);
        let background = parameters.records.of(AccessCategory::Background).unwrap();
        assert_eq!((background.cw_min(), background.cw_max()), (15, 1023));
        assert_eq!(emitted(&parameters), bytes);
    }

    #[test]
    fn the_information_element_is_told_from_the_other() {
        let bytes = emitted(&WmmInformation { qos_info: 15 });
        assert_eq!(bytes, hex("dd07 0050f2020001 0f"));
        assert!(Elements(&bytes).get::<WmmParameters>().is_none());
        assert_eq!(Elements(&bytes).get(), Some(Ok(WmmInformation { qos_info: 15 })));
    }
}
