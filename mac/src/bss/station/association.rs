//! What a station does while it is associated: it follows the beacons of its AP, and leaves.

use std::time::Duration;

use super::candidate::{self, Candidate};
use super::power_save::Power;
use super::{State, Station};
use crate::event::Notice;
use crate::lower::Lower;
use crate::{
    Beacon, Elements, Instant, Leaving, MacAddr, ManagementSubtype, ReasonCode, TimeUnits,
};

/// An association.
pub(super) struct Association {
    pub(super) bssid: MacAddr,
    pub(super) aid: u16,
    pub(super) beacons: Beacons,
    pub(super) power: Power,
}

/// When the last beacon of the AP was heard, and when the next ones are due.
pub(super) struct Beacons {
    last: Instant,
    interval: Duration,
    /// Beacons in a row that may be missed.
    loss: u32,
}

impl Beacons {
    fn new(now: Instant, interval: TimeUnits, loss: u32) -> Self {
        Self { last: now, interval: interval.duration(), loss: loss.max(1) }
    }

    fn heard(&mut self, now: Instant, interval: TimeUnits) {
        *self = Self::new(now, TimeUnits(interval.0.max(1)), self.loss);
    }

    /// When the AP is lost: the last beacon that may be missed has half an interval to come late.
    pub(super) fn lost_at(&self) -> Instant {
        self.last + self.loss * self.interval + self.interval / 2
    }
}

impl Association {
    pub(super) fn new(now: Instant, bss: &Candidate, aid: u16, beacon_loss: u32) -> Self {
        Self {
            bssid: bss.bssid,
            aid,
            beacons: Beacons::new(now, bss.interval, beacon_loss),
            power: Power::Awake,
        }
    }
}

impl Station {
    /// A beacon, if it is the AP's: how its stations contend, and whether something waits.
    pub(super) fn beacon_heard(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        beacon: &Beacon<'_>,
    ) {
        let State::Associated(association) = &mut self.state else { return };
        if association.bssid != from {
            return;
        }
        association.beacons.heard(now, beacon.interval);
        let told = candidate::edca(beacon.elements);
        if let Some(edca) = told.filter(|edca| lower.config.edca.is_some_and(|ours| ours != *edca))
        {
            lower.set_edca(&edca);
        }
        self.read_tim(now, lower, beacon.elements);
    }

    /// The AP has not been heard for too long.
    pub(super) fn lost(&mut self, now: Instant, lower: &mut Lower) {
        self.end_association(now, lower, ReasonCode::INACTIVITY);
        self.scan(now, lower);
    }

    /// The host wants to leave the BSS, and to stay out of any.
    pub(super) fn leave(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        ap: MacAddr,
        reason: ReasonCode,
    ) {
        if self.ap() != Some(ap) {
            return;
        }
        self.end_association(now, lower, reason);
        let mut body = vec![];
        Leaving { reason, elements: Elements::default() }.emit(&mut body);
        lower.send_management(now, ap, ap, ManagementSubtype::Disassociation, body);
    }

    pub(super) fn end_association(&mut self, now: Instant, lower: &mut Lower, reason: ReasonCode) {
        if let State::Associated(association) = std::mem::replace(&mut self.state, State::Out) {
            lower.power_management = false;
            lower.remove_peer(now, association.bssid);
            lower.notify(Notice::Left { peer: association.bssid, reason });
        }
    }
}
