//! The SSID element (9.4.2.2).

use std::fmt;

use super::{Element, ElementId};
use crate::FrameError;

/// The name of a network: up to 32 bytes of any kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ssid<'a>(&'a [u8]);

impl<'a> Ssid<'a> {
    /// The most bytes of a name.
    pub const MAX: usize = 32;
    /// The empty name: in a Probe Request any network, in a beacon one that hides its name.
    pub const WILDCARD: Self = Self(&[]);

    /// A name; an error if it is too long.
    pub fn new(name: &'a [u8]) -> Result<Self, FrameError> {
        match name.len().checked_sub(Self::MAX + 1) {
            None => Ok(Self(name)),
            Some(beyond) => Err(FrameError::Long { what: "SSID", extra: beyond + 1 }),
        }
    }

    /// The name's bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether the name is empty.
    pub fn is_wildcard(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Element<'a> for Ssid<'a> {
    const ID: ElementId = ElementId::SSID;

    fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
        Self::new(contents)
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}

/// The name as text, with escapes for what is no text or would garble a terminal.
impl fmt::Display for Ssid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            write!(f, "{}{}", chunk.valid().escape_debug(), chunk.invalid().escape_ascii())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Ssid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elements;
    use crate::elements::testing::{assert_lossless, between_others};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_up_to_32_bytes_come_back(name in proptest::collection::vec(any::<u8>(), 0..40)) {
            assert_lossless::<Ssid>(&name);
            match Ssid::new(&name) {
                Ok(ssid) => {
                    let bytes = between_others(&ssid);
                    prop_assert_eq!(Elements(&bytes).get(), Some(Ok(ssid)));
                }
                Err(error) => {
                    prop_assert_eq!(error, FrameError::Long { what: "SSID", extra: name.len() - 32 });
                }
            }
        }
    }

    #[test]
    fn a_name_is_printed_without_harm() {
        let name = "Caf\u{e9} \u{1b}[2J".as_bytes();
        assert_eq!(Ssid::new(name).unwrap().to_string(), "Caf\u{e9} \\u{1b}[2J");
        assert_eq!(Ssid::new(b"a\xff\n").unwrap().to_string(), "a\\xff\\n");
        assert!(Ssid::WILDCARD.is_wildcard());
    }
}
