//! A station that looks for an access point and joins it (11.1.4, 11.3).
//!
//! It takes the strongest AP that fits its configuration, and begins anew when it has lost it. It
//! joins open networks only.

mod association;
mod candidate;
mod join;
mod power_save;
mod scan;

use crate::event::{Command, Msdu};
use crate::lower::{Lower, Upward};
use crate::management::{ManagementBody, ManagementHeader};
use crate::queue::Direction;
use crate::{DropReason, Instant, MacAddr, Management, StationConfig};
use association::Association;
use join::Attempt;
use scan::Scanning;

use super::{Membership, elements};

/// A station of a BSS with an AP.
pub(super) struct Station {
    config: StationConfig,
    /// The host wants it to sleep when it can.
    wants_sleep: bool,
    /// Asleep, it asks the AP for frames that wait.
    fetches: bool,
    state: State,
}

/// How far it has come.
enum State {
    /// It listens for APs.
    Scanning(Scanning),
    /// It has asked one for authentication.
    Authenticating(Attempt),
    /// It has authenticated and asked for association.
    Associating(Attempt),
    /// It is associated.
    Associated(Association),
    /// The host had it leave.
    Out,
}

impl Station {
    pub(super) fn new(now: Instant, config: StationConfig, lower: &mut Lower) -> Self {
        elements::check_name(&config.ssid);
        lower.direction = Direction::ToAp;
        let mut station = Self { config, wants_sleep: false, fetches: true, state: State::Out };
        station.scan(now, lower);
        station
    }

    fn receive_management(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        header: &ManagementHeader,
        body: &ManagementBody<'_>,
        rssi_dbm: f32,
    ) {
        let from = header.transmitter;
        match (body, &self.state) {
            (ManagementBody::Beacon(beacon), State::Associated(_)) => {
                self.beacon_heard(now, lower, from, beacon);
            }
            (
                ManagementBody::Beacon(beacon) | ManagementBody::ProbeResponse(beacon),
                State::Scanning(_),
            ) => self.found(lower, from, beacon, rssi_dbm),
            (ManagementBody::Authentication(answer), State::Authenticating(_)) => {
                self.authenticated(now, lower, from, answer);
            }
            (
                ManagementBody::AssociationResponse(answer)
                | ManagementBody::ReassociationResponse(answer),
                State::Associating(_),
            ) => self.associated(now, lower, from, answer),
            (
                ManagementBody::Disassociation(leaving) | ManagementBody::Deauthentication(leaving),
                _,
            ) => self.dismissed(now, lower, from, leaving.reason),
            _ => {}
        }
    }

    /// The AP that it has to do with.
    fn ap(&self) -> Option<MacAddr> {
        match &self.state {
            State::Authenticating(attempt) | State::Associating(attempt) => {
                Some(attempt.candidate.bssid)
            }
            State::Associated(association) => Some(association.bssid),
            State::Scanning(_) | State::Out => None,
        }
    }
}

impl Membership for Station {
    fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        match &self.state {
            State::Associated(association) => lower.send_msdu(now, association.bssid, msdu),
            _ => lower.drop_msdu(&msdu, DropReason::NoRoute),
        }
    }

    fn command(&mut self, now: Instant, lower: &mut Lower, command: Command) {
        match command {
            Command::PowerSave(sleep) => self.set_power_save(now, lower, sleep, true),
            Command::Away(away) => self.set_power_save(now, lower, away, false),
            Command::Leave { peer, reason } => self.leave(now, lower, peer, reason),
        }
    }

    fn handle(&mut self, now: Instant, lower: &mut Lower, upward: Upward) {
        match upward {
            Upward::Msdu(msdu) => {
                let to = msdu.destination;
                if to == lower.config.address || to.is_group() {
                    lower.deliver(msdu);
                }
            }
            Upward::Management { header, body, rssi_dbm } => {
                if let Ok(body) = (Management { header, body: &body }).read_body() {
                    self.receive_management(now, lower, &header, &body, rssi_dbm);
                }
            }
            Upward::Addressed { peer, more_data } => self.fetched(now, lower, peer, more_data),
            Upward::Sent { receiver, content, acknowledged } => {
                self.sent(now, lower, receiver, &content, acknowledged);
            }
            Upward::PowerManagement { .. }
            | Upward::PsPoll { .. }
            | Upward::Stranger { .. }
            | Upward::BeaconSent => {}
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Scanning(scanning) => Some(scanning.until),
            State::Authenticating(attempt) | State::Associating(attempt) => Some(attempt.until),
            State::Associated(association) => Some(association.beacons.lost_at()),
            State::Out => None,
        }
    }

    fn handle_timeout(&mut self, now: Instant, lower: &mut Lower) {
        if self.next_timeout().is_none_or(|at| at > now) {
            return;
        }
        match &self.state {
            State::Scanning(_) => self.choose(now, lower),
            State::Authenticating(_) | State::Associating(_) => self.unanswered(now, lower),
            State::Associated(_) => self.lost(now, lower),
            State::Out => {}
        }
    }

    fn follow_up(&mut self, now: Instant, lower: &mut Lower) {
        self.fall_asleep_when_drained(now, lower);
    }
}
