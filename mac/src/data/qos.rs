//! The QoS Control field (9.2.4.5).

use crate::bits::{Bits, bit_fields};

bit_fields! {
    /// The QoS Control field of QoS data frames.
    QosControl(u16) {
        /// Traffic identifier; below 8 it is the user priority.
        tid, with_tid: u8 = 0..4;
        /// From an AP: the service period ends. From a station: the high byte is a queue size.
        eosp, with_eosp: bool = 4..5;
        /// What answer the frame asks for.
        ack_policy, with_ack_policy: AckPolicy = 5..7;
        /// The body is an A-MSDU. It is not protected unless both sides negotiated that.
        amsdu_present, with_amsdu_present: bool = 7..8;
        /// From an AP: TXOP limit or the state of its power-save buffer. From a station: TXOP
        /// duration requested, or queue size (9.2.4.5.5 to 9.2.4.5.8).
        high_byte, with_high_byte: u8 = 8..16;
    }
}

/// What answer a QoS data frame asks for (9.2.4.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckPolicy {
    /// An Ack; within an A-MPDU a Block Ack, as if requested.
    Normal,
    /// None.
    NoAck,
    /// None at once (PSMP), or one that the exchange implies.
    NoExplicit,
    /// A Block Ack when a request comes.
    BlockAck,
}

impl Bits for AckPolicy {
    fn to_bits(self) -> u64 {
        self as u64
    }

    fn from_bits(bits: u64) -> Self {
        [Self::Normal, Self::NoAck, Self::NoExplicit, Self::BlockAck][bits as usize & 3]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_field_is_the_sum_of_its_parts(raw: u16) {
            let field = QosControl(raw);
            let same = QosControl::default()
                .with_tid(field.tid())
                .with_eosp(field.eosp())
                .with_ack_policy(field.ack_policy())
                .with_amsdu_present(field.amsdu_present())
                .with_high_byte(field.high_byte());
            prop_assert_eq!(same, field);
        }
    }

    #[test]
    fn ack_policies_are_at_their_bits() {
        let policies = [0x0000, 0x0020, 0x0040, 0x0060].map(|raw| QosControl(raw).ack_policy());
        let table =
            [AckPolicy::Normal, AckPolicy::NoAck, AckPolicy::NoExplicit, AckPolicy::BlockAck];
        assert_eq!(policies, table);
    }
}
