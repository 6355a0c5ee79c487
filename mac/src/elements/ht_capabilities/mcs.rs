//! The Supported MCS Set (9.4.2.55.4).

use std::fmt;

/// Which MCS a station receives, and sends if those are others: 128 bits, the first on the air
/// lowest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SupportedMcs(pub u128);

/// MCS with a bit of their own.
const MCS_COUNT: u8 = 77;

/// Bit that says that the transmit set is given.
const TX_DEFINED: u32 = 96;

impl SupportedMcs {
    /// A station that receives these MCS, and sends the same.
    pub fn receiving(mcs: impl IntoIterator<Item = u8>) -> Self {
        Self(mcs.into_iter().fold(1 << TX_DEFINED, |set, mcs| {
            assert!(mcs < MCS_COUNT, "MCS are 0 to 76");
            set | 1 << mcs
        }))
    }

    /// Whether an MCS is received.
    pub fn receives(self, mcs: u8) -> bool {
        mcs < MCS_COUNT && self.0 >> mcs & 1 != 0
    }

    /// The MCS that are received.
    pub fn receivable(self) -> impl Iterator<Item = u8> {
        (0..MCS_COUNT).filter(move |&mcs| self.receives(mcs))
    }

    /// The highest rate that is received in Mbit/s; 0 if it is not given.
    pub fn highest_rate_mbps(self) -> u16 {
        (self.0 >> 80) as u16 & 0x3ff
    }

    /// Whether it is given which MCS are sent: the same unless
    /// [`tx_differs`](Self::tx_differs).
    pub fn tx_defined(self) -> bool {
        self.0 >> TX_DEFINED & 1 != 0
    }

    /// Whether other MCS are sent than received.
    pub fn tx_differs(self) -> bool {
        self.0 >> 97 & 1 != 0
    }

    /// Streams that are sent at most, 1 to 4, where that differs from what is received.
    pub fn tx_streams(self) -> u8 {
        (self.0 >> 98) as u8 % 4 + 1
    }
}

impl fmt::Debug for SupportedMcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} ", self.0)?;
        f.debug_set().entries(self.receivable()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_said_to_be_received_is(mcs in proptest::collection::btree_set(0..77u8, 0..77)) {
            let set = SupportedMcs::receiving(mcs.clone());
            prop_assert!(set.receivable().eq(mcs));
            prop_assert!(set.tx_defined() && !set.tx_differs());
            prop_assert_eq!(set.highest_rate_mbps(), 0);
        }
    }

    #[test]
    fn the_fields_after_the_bitmask() {
        let set = SupportedMcs(72 << 80 | 1 << 96 | 1 << 97 | 1 << 98);
        assert_eq!((set.highest_rate_mbps(), set.tx_streams()), (72, 2));
        assert!(set.tx_differs() && !set.receives(77) && !set.receives(255));
    }
}
