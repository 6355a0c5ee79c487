//! The Country element (9.4.2.8): received ones are read and passed on, none is made.

use super::{Element, ElementId};
use crate::FrameError;
use crate::reader::Reader;

/// Where a BSS is, and what powers are allowed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country<'a> {
    /// Two letters, and what the rules are for: a blank, `O` outdoors, `I` indoors, or the
    /// number of a table.
    pub code: [u8; 3],
    /// Triplets, and a byte of padding where it makes the length even.
    constraints: &'a [u8],
}

/// Three bytes of a Country element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountryTriplet {
    /// Power allowed on a range of channels.
    Subband {
        /// The lowest channel.
        first_channel: u8,
        /// How many channels.
        channels: u8,
        /// The most power in dBm.
        max_power_dbm: i8,
    },
    /// The operating class that the subbands after it are of.
    Operating {
        /// 201 to 255, which tells it from a channel.
        extension: u8,
        /// Operating class.
        class: u8,
        /// Coverage class.
        coverage: u8,
    },
}

impl<'a> Country<'a> {
    /// The triplets.
    pub fn triplets(self) -> impl Iterator<Item = CountryTriplet> + 'a {
        self.constraints.as_chunks().0.iter().map(|&[first, second, third]| match first {
            201.. => CountryTriplet::Operating { extension: first, class: second, coverage: third },
            _ => CountryTriplet::Subband {
                first_channel: first,
                channels: second,
                max_power_dbm: third as i8,
            },
        })
    }
}

impl<'a> Element<'a> for Country<'a> {
    const ID: ElementId = ElementId::COUNTRY;

    fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("Country", contents);
        Ok(Self { code: reader.array()?, constraints: reader.rest() })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend(self.code);
        out.extend_from_slice(self.constraints);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::testing::assert_lossless;
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(any::<u8>(), 0..255)) {
            assert_lossless::<Country>(&contents);
            let triplets = Country::parse(&contents).map(|country| country.triplets().count());
            prop_assert_eq!(triplets.ok(), contents.len().checked_sub(3).map(|left| left / 3));
        }
    }

    #[test]
    fn an_operating_class_and_thirteen_channels_and_a_byte_of_padding() {
        let contents = hex("444520 c90102 010d14 00");
        let country = Country::parse(&contents).unwrap();
        assert_eq!(&country.code, b"DE ");
        let subband = CountryTriplet::Subband { first_channel: 1, channels: 13, max_power_dbm: 20 };
        let operating = CountryTriplet::Operating { extension: 201, class: 1, coverage: 2 };
        assert_eq!(country.triplets().collect::<Vec<_>>(), [operating, subband]);
    }
}
