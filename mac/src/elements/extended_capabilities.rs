//! The Extended Capabilities element (9.4.2.26): bits by number.

use super::{Element, ElementId};
use crate::FrameError;

/// Capabilities by number; those past the last byte are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExtendedCapabilities<'a>(pub &'a [u8]);

impl ExtendedCapabilities<'_> {
    /// Whether the capability of the number is there.
    pub fn has(self, bit: usize) -> bool {
        self.0.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 != 0)
    }
}

impl<'a> Element<'a> for ExtendedCapabilities<'a> {
    const ID: ElementId = ElementId::EXTENDED_CAPABILITIES;

    fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
        Ok(Self(contents))
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::testing::emitted;

    #[test]
    fn bits_are_counted_through_the_bytes() {
        // From the captured probe response: operating mode notification is bit 62.
        let capabilities = ExtendedCapabilities(&[0, 0, 0, 0, 0, 0, 0, 0x40]);
        assert!(capabilities.has(62) && !capabilities.has(61));
        assert!(!capabilities.has(64) && !capabilities.has(usize::MAX));
        assert_eq!(emitted(&capabilities), [127, 8, 0, 0, 0, 0, 0, 0, 0, 0x40]);
    }
}
