//! The TIM element (9.4.2.5): for which sleeping stations the AP holds frames.

use super::{Element, ElementId};
use crate::FrameError;
use crate::duration::MAX_AID;
use crate::reader::Reader;

/// Bytes of the whole virtual bitmap, a bit for each association identifier up to 2007.
const BITMAP_LEN: usize = 251;

/// A TIM as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tim<'a> {
    /// Beacons until the next DTIM, after which group frames are sent; 0 in the DTIM itself.
    pub dtim_count: u8,
    /// Beacons from DTIM to DTIM; 0 is reserved.
    pub dtim_period: u8,
    control: u8,
    bitmap: &'a [u8],
}

impl Tim<'_> {
    /// Whether group frames wait.
    pub fn group_traffic(self) -> bool {
        self.control & 1 != 0
    }

    /// Whether frames wait for the station of the association identifier, from 1.
    pub fn traffic_for(self, aid: u16) -> bool {
        // The offset counts pairs of bytes that are left out, and lies above the group bit, so
        // the control field without that bit is the number of bytes.
        let left_out = usize::from(self.control & !1);
        let byte = usize::from(aid / 8).checked_sub(left_out).and_then(|at| self.bitmap.get(at));
        (1..=MAX_AID).contains(&aid) && byte.is_some_and(|byte| byte >> (aid % 8) & 1 != 0)
    }
}

impl<'a> Element<'a> for Tim<'a> {
    const ID: ElementId = ElementId::TIM;

    fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("TIM", contents);
        let (dtim_count, dtim_period) = (reader.u8()?, reader.u8()?);
        Ok(Self { dtim_count, dtim_period, control: reader.u8()?, bitmap: reader.rest() })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend([self.dtim_count, self.dtim_period, self.control]);
        out.extend_from_slice(self.bitmap);
    }
}

/// The whole virtual bitmap, from which an AP makes its TIMs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficMap {
    bitmap: [u8; BITMAP_LEN],
    /// Whether group frames wait.
    pub group_traffic: bool,
}

impl Default for TrafficMap {
    fn default() -> Self {
        Self { bitmap: [0; BITMAP_LEN], group_traffic: false }
    }
}

impl TrafficMap {
    /// Notes whether frames wait for a station.
    pub fn set(&mut self, aid: u16, waiting: bool) {
        assert!((1..=MAX_AID).contains(&aid), "association identifiers are 1 to {MAX_AID}");
        let (byte, bit) = (usize::from(aid / 8), 1 << (aid % 8));
        self.bitmap[byte] = self.bitmap[byte] & !bit | if waiting { bit } else { 0 };
    }

    /// The TIM, with no more of the bitmap than it needs: from the last even byte before which
    /// there is no bit, to the last byte with one (method B of 9.4.2.5.1).
    pub fn tim(&self, dtim_count: u8, dtim_period: u8) -> Tim<'_> {
        let first = self.bitmap.iter().position(|&byte| byte != 0).unwrap_or(0) & !1;
        let last = self.bitmap.iter().rposition(|&byte| byte != 0).unwrap_or(0);
        let control = first as u8 | u8::from(self.group_traffic);
        Tim { dtim_count, dtim_period, control, bitmap: &self.bitmap[first..=last] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elements;
    use crate::elements::testing::{assert_lossless, between_others, emitted};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn contents_are_emitted_as_they_were(
            contents in proptest::collection::vec(any::<u8>(), 0..255), aid: u16,
        ) {
            assert_lossless::<Tim>(&contents);
            if let Ok(tim) = Tim::parse(&contents) {
                tim.traffic_for(aid);
            }
        }

        #[test]
        fn every_station_finds_its_bit(
            waiting in proptest::collection::btree_set(1..=MAX_AID, 0..6), group: bool,
        ) {
            let mut map = TrafficMap { group_traffic: group, ..TrafficMap::default() };
            map.set(5, true);
            map.set(5, false);
            waiting.iter().for_each(|&aid| map.set(aid, true));
            let bytes = between_others(&map.tim(1, 3));
            let tim = Elements(&bytes).get::<Tim>().unwrap().unwrap();
            prop_assert_eq!((tim.dtim_count, tim.dtim_period, tim.group_traffic()), (1, 3, group));
            let told: BTreeSet<u16> = (0..=u16::MAX).filter(|&aid| tim.traffic_for(aid)).collect();
            prop_assert_eq!(told, waiting);
        }
    }

    /// Stations as in the examples of annex L.2.
    #[test]
    fn a_bitmap_is_cut_to_what_it_needs() {
        let tim = |aids: &[u16], group_traffic| {
            let mut map = TrafficMap { group_traffic, ..TrafficMap::default() };
            aids.iter().for_each(|&aid| map.set(aid, true));
            emitted(&map.tim(0, 1))[2..].to_vec()
        };
        assert_eq!(tim(&[], false), [0, 1, 0, 0]);
        assert_eq!(tim(&[], true), [0, 1, 1, 0]);
        assert_eq!(tim(&[2, 7], true), [0, 1, 1, 0x84]);
        assert_eq!(tim(&[2, 7, 22, 24], true), [0, 1, 1, 0x84, 0, 0x40, 0x01]);
        assert_eq!(tim(&[24], false), [0, 1, 2, 0, 0x01]);
    }
}
