//! Stations that sleep, and those that have fallen silent (11.2.3.5 to 11.2.3.6).

use super::Ap;
use super::members::Standing;
use crate::lower::Lower;
use crate::{Instant, MacAddr, ReasonCode};

impl Ap {
    /// A station falls asleep, or wakes and gets all that has waited for it.
    pub(super) fn turned(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        station: MacAddr,
        sleeps: bool,
    ) {
        lower.hold(now, station, sleeps);
        lower.rider.set_deaf(now, station, sleeps);
        lower.collect_from_rider(now);
        self.hold_groups(now, lower);
    }

    /// Frames to groups wait for the DTIM as long as anybody sleeps.
    pub(super) fn hold_groups(&mut self, now: Instant, lower: &mut Lower) {
        let anybody = lower.peers.iter().any(|peer| peer.sleeps);
        lower.hold_groups(now, anybody);
    }

    /// A station asks for one frame, and gets one without a packet if none is left.
    pub(super) fn polled(&mut self, now: Instant, lower: &mut Lower, station: MacAddr, aid: u16) {
        let Some(member) = self.members.get(station) else {
            return self.refuse(now, lower, station);
        };
        let sleeps = lower.peer(station).is_some_and(|peer| peer.sleeps);
        if member.aid == aid && sleeps && !lower.release_one(now, station) {
            lower.send_null(now, station);
            lower.release_one(now, station);
        }
    }

    /// Asks stations that have been silent for long whether they are still there; who does not
    /// answer is disassociated. A station that sleeps learns of it by the TIM.
    pub(super) fn look_for_silent(&mut self, now: Instant, lower: &mut Lower) {
        let limit = self.config.inactivity;
        let (mut silent, mut gone) = (vec![], vec![]);
        for member in self.members.iter_mut() {
            let heard = lower.peer(member.address).map(|peer| peer.last_heard);
            let silence = heard.map_or(limit, |heard| now.since(heard));
            match member.standing {
                Standing::Asked if silence < limit => member.standing = Standing::Associated,
                Standing::Asked if silence >= 2 * limit => gone.push(member.address),
                Standing::Associated if silence >= limit => {
                    member.standing = Standing::Asked;
                    silent.push(member.address);
                }
                Standing::Answered | Standing::Associated | Standing::Asked => {}
            }
        }
        for station in silent {
            lower.send_null(now, station);
        }
        for station in gone {
            self.expel(now, lower, station, ReasonCode::INACTIVITY);
        }
    }

    /// A frame without a packet has been acknowledged, or not.
    pub(super) fn asked(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        station: MacAddr,
        acknowledged: bool,
    ) {
        let Some(peer) = lower.peer_mut(station) else { return };
        if acknowledged {
            // An Ack does not say whose it is, but this one can only be the station's.
            peer.last_heard = now;
            self.confirm(lower, station);
        } else if !peer.sleeps
            && self.members.get(station).is_some_and(|member| member.standing == Standing::Asked)
        {
            self.expel(now, lower, station, ReasonCode::INACTIVITY);
        }
    }
}
