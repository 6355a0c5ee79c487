//! Sequence numbers and the Sequence Control field (9.2.4.4).

use std::fmt;
use std::ops::Add;

/// A sequence number: twelve bits that wrap.
///
/// It has no `Ord`: before and after exist only within half the numbers of each other, as the
/// Block Ack windows use them (10.25.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SequenceNumber(u16);

impl SequenceNumber {
    /// How many there are.
    pub const COUNT: u16 = 4096;

    /// The number modulo 4096.
    pub const fn new(number: u16) -> Self {
        Self(number % Self::COUNT)
    }

    /// The number, below 4096.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        self + 1
    }

    /// Steps forward from `start` to this number, 0 to 4095.
    pub const fn distance_from(self, start: Self) -> u16 {
        (self.0 + Self::COUNT - start.0) % Self::COUNT
    }

    /// Steps from `other` to this number by the shorter way, -2048 to 2047.
    pub const fn offset_from(self, other: Self) -> i16 {
        let distance = self.distance_from(other) as i16;
        if distance < Self::COUNT as i16 / 2 { distance } else { distance - Self::COUNT as i16 }
    }

    /// Whether `other` is ahead of this number by less than half of them.
    pub const fn is_before(self, other: Self) -> bool {
        other.offset_from(self) > 0
    }
}

impl Add<u16> for SequenceNumber {
    type Output = Self;

    fn add(self, steps: u16) -> Self {
        Self::new(self.0.wrapping_add(steps))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The Sequence Control field (9.2.4.4): which MSDU, and which fragment of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SequenceControl {
    /// Number of the MSDU, A-MSDU or MMPDU.
    pub sequence: SequenceNumber,
    /// Number of the fragment, below 16.
    pub fragment: u8,
}

impl SequenceControl {
    /// The first fragment, which is most often the only one.
    pub const fn unfragmented(sequence: SequenceNumber) -> Self {
        Self { sequence, fragment: 0 }
    }

    /// From the field's 16 bits.
    pub const fn from_raw(raw: u16) -> Self {
        Self { sequence: SequenceNumber(raw >> 4), fragment: raw as u8 & 0xf }
    }

    /// The field's 16 bits.
    pub fn raw(self) -> u16 {
        assert!(self.fragment < 16, "a fragment number has four bits");
        self.sequence.0 << 4 | u16::from(self.fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn from_raw_undoes_raw(raw: u16) {
            prop_assert_eq!(SequenceControl::from_raw(raw).raw(), raw);
        }

        #[test]
        fn distance_undoes_addition(start: u16, steps: u16) {
            let start = SequenceNumber::new(start);
            prop_assert_eq!((start + steps).distance_from(start), steps % 4096);
            let offset = (start + steps).offset_from(start);
            prop_assert!((-2048..2048).contains(&offset));
            prop_assert_eq!(start + offset as u16, start + steps);
        }

        #[test]
        fn of_two_numbers_one_is_before_the_other(a in 0..4096u16, b in 0..4096u16) {
            let [a, b] = [a, b].map(SequenceNumber::new);
            let opposite = b.distance_from(a) == 2048;
            let before = usize::from(a.is_before(b)) + usize::from(b.is_before(a));
            prop_assert_eq!(before, usize::from(a != b && !opposite));
        }
    }

    #[test]
    fn opposite_numbers_are_in_no_order() {
        let [a, b] = [100, 2148].map(SequenceNumber::new);
        assert_eq!((a.offset_from(b), b.offset_from(a)), (-2048, -2048));
        assert!(!a.is_before(b) && !b.is_before(a));
    }

    #[test]
    fn order_goes_through_the_wrap() {
        let [last, first] = [4095, 0].map(SequenceNumber::new);
        assert_eq!(last.next(), first);
        assert!(last.is_before(first) && !first.is_before(last));
        assert_eq!((first.distance_from(last), last.offset_from(first)), (1, -1));
    }
}
