//! Vendor Specific elements (9.4.2.25).

use super::{Element, ElementId};
use crate::FrameError;
use crate::reader::Reader;

/// A Vendor Specific element whose fourth byte is, as with most vendors, a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vendor<'a> {
    /// The vendor.
    pub oui: [u8; 3],
    /// The vendor's type of element.
    pub kind: u8,
    /// What follows, up to 251 bytes.
    pub data: &'a [u8],
}

impl<'a> Element<'a> for Vendor<'a> {
    const ID: ElementId = ElementId::VENDOR_SPECIFIC;

    fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("Vendor Specific", contents);
        Ok(Self { oui: reader.array()?, kind: reader.u8()?, data: reader.rest() })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend(self.oui);
        out.push(self.kind);
        out.extend_from_slice(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elements;
    use crate::elements::testing::{assert_lossless, emitted};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(any::<u8>(), 0..255)) {
            assert_lossless::<Vendor>(&contents);
        }
    }

    #[test]
    fn the_right_one_of_several_is_found() {
        let vendor = |kind, data| Vendor { oui: [2, 0, 0], kind, data };
        let bytes =
            [vec![221, 1, 9], emitted(&vendor(1, b"one")), emitted(&vendor(2, b"two"))].concat();
        assert_eq!(Elements(&bytes).vendor([2, 0, 0], 2), Some(vendor(2, b"two")));
        assert_eq!(Elements(&bytes).vendor([2, 0, 1], 2), None);
    }
}
