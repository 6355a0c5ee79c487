//! Power save as a station sees it (11.2.3.2, 11.2.3.7).
//!
//! What a station does with its radio while it sleeps is its owner's business: it may be in
//! another channel. The MAC goes on receiving what it is given.

use super::{State, Station};
use crate::event::Notice;
use crate::lower::Lower;
use crate::queue::Content;
use crate::{Elements, Instant, MacAddr, Tim};

/// What the AP knows of the station's sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// It is awake.
    Awake,
    /// It wants to sleep, and what waits is sent before.
    Draining,
    /// A null frame is on its way that tells the AP.
    Telling {
        /// What it tells.
        sleeping: bool,
    },
    /// The AP holds frames back.
    Asleep {
        /// A PS-Poll is on its way.
        polling: bool,
    },
}

impl Station {
    /// The host wants the station to sleep, with frames fetched or not, or to be awake.
    pub(super) fn set_power_save(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        sleep: bool,
        fetch: bool,
    ) {
        (self.wants_sleep, self.fetches) = (sleep, fetch);
        self.turn(now, lower);
    }

    /// Does the next thing on the way to what the host wants.
    fn turn(&mut self, now: Instant, lower: &mut Lower) {
        let State::Associated(association) = &mut self.state else { return };
        let ap = association.bssid;
        match (association.power, self.wants_sleep) {
            (Power::Awake, true) => {
                association.power = Power::Draining;
                lower.rider.set_deaf(now, ap, true);
                lower.collect_from_rider(now);
            }
            (Power::Draining, false) => {
                association.power = Power::Awake;
                lower.rider.set_deaf(now, ap, false);
            }
            (Power::Asleep { .. }, false) => self.tell(now, lower, false),
            // What is on its way has to arrive first.
            (Power::Telling { .. }, _) => {}
            (Power::Awake, false) | (Power::Draining | Power::Asleep { .. }, true) => {}
        }
    }

    /// Nothing waits any more: the AP may be told.
    pub(super) fn fall_asleep_when_drained(&mut self, now: Instant, lower: &mut Lower) {
        if let State::Associated(association) = &self.state
            && association.power == Power::Draining
            && lower.queues.backlog(association.bssid) == 0
        {
            self.tell(now, lower, true);
        }
    }

    fn tell(&mut self, now: Instant, lower: &mut Lower, sleeping: bool) {
        let State::Associated(association) = &mut self.state else { return };
        association.power = Power::Telling { sleeping };
        lower.power_management = sleeping;
        lower.send_null(now, association.bssid);
    }

    /// What became of a frame without a packet.
    pub(super) fn sent(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        receiver: MacAddr,
        content: &Content,
        acknowledged: bool,
    ) {
        let State::Associated(association) = &mut self.state else { return };
        if association.bssid != receiver {
            return;
        }
        match (content, association.power) {
            (Content::Null, Power::Telling { sleeping }) if acknowledged => {
                association.power =
                    if sleeping { Power::Asleep { polling: false } } else { Power::Awake };
                lower.rider.set_deaf(now, receiver, sleeping);
                lower.notify(Notice::PowerManagement { peer: receiver, sleeping });
                self.turn(now, lower);
            }
            // The AP must know, or what it sends is lost; if it is gone, so are its beacons.
            (Content::Null, Power::Telling { sleeping }) => self.tell(now, lower, sleeping),
            (Content::PsPoll { .. }, Power::Asleep { .. }) => {
                association.power = Power::Asleep { polling: false };
            }
            _ => {}
        }
    }

    /// A beacon tells whether frames wait for us.
    pub(super) fn read_tim(&mut self, now: Instant, lower: &mut Lower, told: Elements<'_>) {
        let State::Associated(association) = &self.state else { return };
        if let Power::Telling { sleeping } = association.power
            && !lower.is_answering(association.bssid)
        {
            // There was no room for the null frame.
            self.tell(now, lower, sleeping);
            return;
        }
        let tim = told.get::<Tim<'_>>().and_then(Result::ok);
        if tim.is_some_and(|tim| tim.traffic_for(association.aid)) {
            self.poll(now, lower);
        }
    }

    /// A frame for us alone has come; if it is not the last one, the next is asked for.
    pub(super) fn fetched(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        peer: MacAddr,
        more_data: bool,
    ) {
        if more_data && self.ap() == Some(peer) {
            self.poll(now, lower);
        }
    }

    /// Asks for a frame, if the station sleeps and has not asked already.
    fn poll(&mut self, now: Instant, lower: &mut Lower) {
        if let State::Associated(association) = &mut self.state
            && self.fetches
            && association.power == (Power::Asleep { polling: false })
        {
            association.power = Power::Asleep { polling: true };
            lower.send_ps_poll(now, association.bssid, association.aid);
        }
    }
}
