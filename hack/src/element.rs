//! How a station tells that it takes riders on the responses to it: a vendor-specific element
//! (9.4.2.25) in association, probe and beacon frames.
//!
//! ```text
//! | 221 | length 6 | 02 ac 4b | type 1 | version 1 | profiles |
//! ```
//! The OUI is locally administered, so that it is nobody's. Of the profiles bit 0 is the ACK group.

use mac::{Element, Elements, Vendor};

const OUI: [u8; 3] = [0x02, 0xac, 0x4b];
const TYPE: u8 = 1;
const VERSION: u8 = 1;
const ACK_GROUP: u8 = 1;

/// Appends the element.
pub(crate) fn announce(elements: &mut Vec<u8>) {
    Vendor { oui: OUI, kind: TYPE, data: &[VERSION, ACK_GROUP] }.emit(elements);
}

/// Whether a station takes the riders that we would send.
pub(crate) fn is_announced(elements: Elements<'_>) -> bool {
    let vendor = elements.vendor(OUI, TYPE);
    vendor.is_some_and(
        |vendor| matches!(vendor.data, [VERSION, profiles, ..] if profiles & ACK_GROUP != 0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_element_of_our_version_tells_of_riders() {
        let mut elements = vec![];
        announce(&mut elements);
        assert_eq!(elements, [221, 6, 0x02, 0xac, 0x4b, 1, 1, 1]);
        assert!(is_announced(Elements(&elements)));
        for (at, other) in [(2, 0x00), (5, 2), (6, 2), (7, 2)] {
            let mut changed = elements.clone();
            changed[at] = other;
            assert!(!is_announced(Elements(&changed)), "byte {at}");
        }
        assert!(!is_announced(Elements(&elements[..5])));
        assert!(!is_announced(Elements(&[])));
    }
}
