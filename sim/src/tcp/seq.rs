//! Sequence numbers (RFC 9293 section 3.4), counted in 64 bits.
//!
//! On the wire they are modulo 2³². Within a connection they never wrap, so that they have an
//! order; [`Seq::nearest`] finds the full number of one that was received.

use std::ops::{Add, Sub};

/// A byte's number in one direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seq(u64);

impl Seq {
    /// The number of a SYN. One wrap up, so that there are numbers before it.
    pub fn initial(iss: u32) -> Seq {
        Seq((1 << 32) | u64::from(iss))
    }

    /// The number with the low 32 bits of `wire` that is nearest to this one.
    pub fn nearest(self, wire: u32) -> Seq {
        let ahead = wire.wrapping_sub(self.wire()).cast_signed();
        Seq(self.0.saturating_add_signed(ahead.into()))
    }

    /// What a header carries.
    pub fn wire(self) -> u32 {
        self.0 as u32
    }

    /// The bytes from `earlier` to here, none if that is not earlier.
    pub fn since(self, earlier: Seq) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for Seq {
    type Output = Seq;

    fn add(self, bytes: u64) -> Seq {
        Seq(self.0 + bytes)
    }
}

impl Sub<u64> for Seq {
    type Output = Seq;

    fn sub(self, bytes: u64) -> Seq {
        Seq(self.0 - bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_found_from_within_two_gigabytes(
            iss: u32, offset in 0u64..1 << 40, ahead in -(1i64 << 31)..1 << 31,
        ) {
            let here = Seq::initial(iss) + offset;
            let there = Seq(here.0.saturating_add_signed(ahead));
            prop_assert_eq!(here.nearest(there.wire()), there);
        }
    }
}
