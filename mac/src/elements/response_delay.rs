//! How late a station responds, in a Vendor Specific element of ours (9.4.2.25): a host behind a
//! slow bus cannot do so SIFS after a frame.
//!
//! ```text
//! | 221 | length 7 | 02 ac 4b | type 2 | version 1 | delay in us, 2 bytes, lowest first |
//! ```
//! The OUI is locally administered, so that it is nobody's.

use std::time::Duration;

use super::{Element, Elements, Vendor};

const OUI: [u8; 3] = [0x02, 0xac, 0x4b];
const TYPE: u8 = 2;
const VERSION: u8 = 1;

/// By how much a station responds later than SIFS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResponseDelay(u16);

impl ResponseDelay {
    /// What is told at most, and believed: it keeps all others waiting.
    pub const MAX: Duration = Duration::from_millis(5);

    /// A delay, rounded up to whole microseconds.
    pub fn new(delay: Duration) -> Self {
        Self(delay.min(Self::MAX).as_nanos().div_ceil(1000) as u16)
    }

    /// The delay.
    pub fn duration(self) -> Duration {
        Duration::from_micros(self.0.into()).min(Self::MAX)
    }

    /// What a station tells, if it does.
    pub fn find(elements: Elements<'_>) -> Option<Self> {
        match elements.vendor(OUI, TYPE)?.data {
            &[VERSION, low, high, ..] => Some(Self(u16::from_le_bytes([low, high]))),
            _ => None,
        }
    }

    /// Appends the element.
    pub fn emit(self, out: &mut Vec<u8>) {
        let [low, high] = self.0.to_le_bytes();
        Vendor { oui: OUI, kind: TYPE, data: &[VERSION, low, high] }.emit(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(delay: ResponseDelay) -> Vec<u8> {
        let mut elements = vec![];
        delay.emit(&mut elements);
        elements
    }

    #[test]
    fn a_delay_is_read_back_in_microseconds() {
        let elements = emitted(ResponseDelay::new(Duration::from_nanos(299_001)));
        assert_eq!(elements, [221, 7, 0x02, 0xac, 0x4b, 2, 1, 44, 1]);
        let found = ResponseDelay::find(Elements(&elements)).unwrap();
        assert_eq!(found.duration(), Duration::from_micros(300));
    }

    #[test]
    fn nobody_keeps_us_waiting_for_long() {
        let elements = emitted(ResponseDelay(u16::MAX));
        let found = ResponseDelay::find(Elements(&elements)).unwrap();
        assert_eq!(found.duration(), ResponseDelay::MAX);
    }

    #[test]
    fn other_versions_and_halves_tell_nothing() {
        let elements = emitted(ResponseDelay(100));
        for (at, other) in [(5, 1), (6, 2), (1, 6)] {
            let mut changed = elements.clone();
            changed[at] = other;
            assert_eq!(ResponseDelay::find(Elements(&changed)), None, "byte {at}");
        }
    }
}
