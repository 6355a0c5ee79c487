//! The Block Ack (9.3.1.8).

use super::{BlockAckControl, BlockAckVariant};
use crate::reader::Reader;
use crate::{FrameError, SequenceControl, SequenceNumber};

/// A Block Ack after its two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockAck<'a> {
    /// Variant and TID.
    pub control: BlockAckControl,
    /// What is acknowledged.
    pub information: BlockAckInformation<'a>,
}

/// The BA Information field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockAckInformation<'a> {
    /// Of the compressed variant with 64 bits.
    Compressed(Acknowledged),
    /// Of another variant, or of the longer bitmaps of 802.11ax, which a fragment number tells.
    Other(&'a [u8]),
}

/// Which of 64 MSDUs have arrived (9.3.1.8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Acknowledged {
    /// The first of them.
    pub start: SequenceNumber,
    /// A bit for each, the first lowest.
    pub bitmap: u64,
}

impl Acknowledged {
    /// How many MSDUs there is a bit for.
    pub const WINDOW: u16 = 64;

    /// Whether the MSDU is within the window and has arrived.
    pub fn acknowledges(&self, number: SequenceNumber) -> bool {
        let distance = number.distance_from(self.start);
        distance < Self::WINDOW && self.bitmap >> distance & 1 != 0
    }

    /// Notes an arrival; one outside the window is left out.
    pub fn insert(&mut self, number: SequenceNumber) {
        let distance = number.distance_from(self.start);
        if distance < Self::WINDOW {
            self.bitmap |= 1 << distance;
        }
    }

    /// The numbers that have arrived, from the first of the window on.
    pub fn iter(self) -> impl Iterator<Item = SequenceNumber> {
        let all = (0..Self::WINDOW).map(move |distance| self.start + distance);
        all.filter(move |&number| self.acknowledges(number))
    }
}

impl<'a> BlockAck<'a> {
    /// A compressed Block Ack.
    pub fn compressed(tid: u8, acknowledged: Acknowledged) -> Self {
        let control = BlockAckControl::compressed(tid);
        Self { control, information: BlockAckInformation::Compressed(acknowledged) }
    }

    /// What a compressed Block Ack acknowledges.
    pub fn acknowledged(&self) -> Option<Acknowledged> {
        match self.information {
            BlockAckInformation::Compressed(acknowledged) => Some(acknowledged),
            BlockAckInformation::Other(_) => None,
        }
    }

    /// Whether it is a compressed Block Ack that acknowledges the MSDU.
    pub fn acknowledges(&self, number: SequenceNumber) -> bool {
        self.acknowledged().is_some_and(|set| set.acknowledges(number))
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        let control = BlockAckControl(reader.u16()?);
        let mut ahead = reader.clone();
        if control.variant() == BlockAckVariant::Compressed {
            let start = SequenceControl::from_raw(ahead.u16()?);
            if start.fragment == 0 {
                *reader = ahead;
                let acknowledged = Acknowledged { start: start.sequence, bitmap: reader.u64()? };
                return Ok(Self {
                    control,
                    information: BlockAckInformation::Compressed(acknowledged),
                });
            }
        }
        Ok(Self { control, information: BlockAckInformation::Other(reader.take_rest()) })
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.control.0.to_le_bytes());
        match self.information {
            BlockAckInformation::Compressed(Acknowledged { start, bitmap }) => {
                out.extend(SequenceControl::unfragmented(start).raw().to_le_bytes());
                out.extend(bitmap.to_le_bytes());
            }
            BlockAckInformation::Other(rest) => out.extend_from_slice(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn what_is_inserted_is_acknowledged_and_nothing_else(
            start: u16,
            steps in proptest::collection::btree_set(0..200u16, 0..80),
            probe in 0..200u16,
        ) {
            let start = SequenceNumber::new(start);
            let mut set = Acknowledged { start, bitmap: 0 };
            steps.iter().for_each(|&step| set.insert(start + step));
            let within: BTreeSet<_> = steps.into_iter().filter(|&step| step < 64).collect();
            prop_assert_eq!(set.iter().map(|number| number.distance_from(start)).collect::<BTreeSet<_>>(), within.clone());
            prop_assert_eq!(set.acknowledges(start + probe), within.contains(&probe));
        }

        #[test]
        fn other_variants_are_recognised_and_kept(raw: u16, rest: Vec<u8>) {
            let control = BlockAckControl(raw);
            prop_assume!(control.variant() != BlockAckVariant::Compressed);
            let bytes = [&raw.to_le_bytes(), rest.as_slice()].concat();
            let frame = BlockAck::read(&mut Reader::new("Block Ack", &bytes)).unwrap();
            prop_assert_eq!(frame, BlockAck { control, information: BlockAckInformation::Other(&rest) });
            let mut out = vec![];
            frame.emit(&mut out);
            prop_assert_eq!(out, bytes);
        }
    }

    #[test]
    fn the_window_ends_after_64() {
        let all = Acknowledged { start: SequenceNumber::new(4090), bitmap: u64::MAX };
        let ends = [4089, 4090, 57, 58].map(|number| all.acknowledges(SequenceNumber::new(number)));
        assert_eq!(ends, [false, true, true, false]);
    }

    #[test]
    fn a_bitmap_of_256_bits_is_not_read_as_one_of_64() {
        let mut bytes = vec![5, 0, 4, 0];
        bytes.extend([0xff; 32]);
        let frame = BlockAck::read(&mut Reader::new("Block Ack", &bytes)).unwrap();
        assert_eq!(frame.information, BlockAckInformation::Other(&bytes[2..]));
        assert!(!frame.acknowledges(SequenceNumber::new(0)));
    }
}
