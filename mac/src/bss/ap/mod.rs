//! An access point: its beacons, its stations, and the packets between them (4.5, 11.1, 11.3).

mod beacon;
mod join;
mod members;
mod power_save;

use crate::event::{Command, Msdu, Notice};
use crate::lower::{Lower, Upward};
use crate::management::{ManagementBody, ManagementHeader};
use crate::queue::{Content, Direction};
use crate::{
    ApConfig, DropReason, Elements, Instant, Leaving, MacAddr, Management, ManagementSubtype,
    ReasonCode,
};
use beacon::Schedule;
use members::{Members, Standing};

use super::{Membership, elements};

/// An access point.
pub(super) struct Ap {
    config: ApConfig,
    schedule: Schedule,
    members: Members,
}

impl Ap {
    pub(super) fn new(now: Instant, config: ApConfig, lower: &mut Lower) -> Self {
        elements::check_name(&config.ssid);
        lower.direction = Direction::FromAp;
        let schedule = Schedule::new(now, &config);
        Self { config, schedule, members: Members::default() }
    }

    /// A packet of the host, or of one station for another. Whether there is a way.
    fn forward(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) -> Result<(), Msdu> {
        let to = msdu.destination;
        if to.is_group() || self.members.is_associated(to) {
            lower.send_msdu(now, to, msdu);
            return Ok(());
        }
        Err(msdu)
    }

    /// A packet has come from a station: the host gets it if it is not for a station, or for all.
    fn relay(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        let for_all = msdu.destination.is_group();
        if for_all {
            lower.deliver(msdu.clone());
        }
        if let Err(msdu) = self.forward(now, lower, msdu) {
            lower.deliver(msdu);
        }
    }

    fn receive_management(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        header: &ManagementHeader,
        body: &ManagementBody<'_>,
    ) {
        let from = header.transmitter;
        let to_us = header.receiver == lower.config.address;
        match body {
            ManagementBody::ProbeRequest(elements) => self.probed(now, lower, from, *elements),
            _ if !to_us || from.is_group() => {}
            ManagementBody::Authentication(request) => {
                self.authenticate(now, lower, from, request);
            }
            ManagementBody::AssociationRequest(request) => {
                let subtype = ManagementSubtype::AssociationResponse;
                self.associate(now, lower, from, subtype, request.elements);
            }
            ManagementBody::ReassociationRequest(request) => {
                let subtype = ManagementSubtype::ReassociationResponse;
                self.associate(now, lower, from, subtype, request.elements);
            }
            ManagementBody::Disassociation(leaving) => {
                self.forget(now, lower, from, leaving.reason);
            }
            ManagementBody::Deauthentication(leaving) => {
                self.forget(now, lower, from, leaving.reason);
                self.members.deauthenticate(from);
            }
            _ => {}
        }
    }

    /// A station that is not associated has sent what only those that are may send (11.3.3).
    fn refuse(&mut self, now: Instant, lower: &mut Lower, stranger: MacAddr) {
        let (subtype, reason) = match self.members.is_authenticated(stranger) {
            true => (ManagementSubtype::Disassociation, ReasonCode::NOT_ASSOCIATED),
            false => (ManagementSubtype::Deauthentication, ReasonCode::NOT_AUTHENTICATED),
        };
        self.dismiss(now, lower, stranger, subtype, reason);
    }

    /// Tells a station that it is not associated, or not authenticated. It is told once at a time,
    /// however many frames it sends.
    fn dismiss(
        &self,
        now: Instant,
        lower: &mut Lower,
        station: MacAddr,
        subtype: ManagementSubtype,
        reason: ReasonCode,
    ) {
        if !station.is_group() && !lower.is_answering(station) {
            let leaving = Leaving { reason, elements: Elements::default() };
            let mut body = vec![];
            leaving.emit(&mut body);
            lower.send_management(now, station, lower.config.address, subtype, body);
        }
    }

    /// A station is no longer associated.
    fn forget(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        station: MacAddr,
        reason: ReasonCode,
    ) -> bool {
        let known = self.members.remove(station);
        if let Some(member) = &known {
            lower.remove_peer(now, station);
            if member.standing != Standing::Answered {
                lower.notify(Notice::Left { peer: station, reason });
            }
            self.hold_groups(now, lower);
        }
        known.is_some()
    }

    /// Ends an association.
    fn expel(&mut self, now: Instant, lower: &mut Lower, station: MacAddr, reason: ReasonCode) {
        if self.forget(now, lower, station, reason) {
            self.dismiss(now, lower, station, ManagementSubtype::Disassociation, reason);
        }
    }

    /// What became of a frame without a packet.
    fn sent(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        receiver: MacAddr,
        content: &Content,
        acknowledged: bool,
    ) {
        match content {
            Content::Management {
                subtype:
                    ManagementSubtype::AssociationResponse | ManagementSubtype::ReassociationResponse,
                ..
            } => self.answer_sent(now, lower, receiver, acknowledged),
            Content::Null => self.asked(now, lower, receiver, acknowledged),
            _ => {}
        }
    }
}

impl Membership for Ap {
    fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        if let Err(msdu) = self.forward(now, lower, msdu) {
            lower.drop_msdu(&msdu, DropReason::NoRoute);
        }
    }

    fn command(&mut self, now: Instant, lower: &mut Lower, command: Command) {
        match command {
            Command::Leave { peer, reason } => self.expel(now, lower, peer, reason),
            // An AP is always awake.
            Command::PowerSave(_) | Command::Away(_) => {}
        }
    }

    fn handle(&mut self, now: Instant, lower: &mut Lower, upward: Upward) {
        match upward {
            Upward::Msdu(msdu) => self.relay(now, lower, msdu),
            Upward::Management { header, body, .. } => {
                if let Ok(body) = (Management { header, body: &body }).read_body() {
                    self.receive_management(now, lower, &header, &body);
                }
            }
            Upward::PowerManagement { peer, sleeps } => self.turned(now, lower, peer, sleeps),
            Upward::PsPoll { peer, aid } => self.polled(now, lower, peer, aid),
            Upward::Stranger { transmitter } => self.refuse(now, lower, transmitter),
            Upward::BeaconSent => self.beacon_sent(now, lower),
            Upward::Sent { receiver, content, acknowledged } => {
                self.sent(now, lower, receiver, &content, acknowledged);
            }
            Upward::Addressed { .. } => {}
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        Some(self.schedule.next())
    }

    fn handle_timeout(&mut self, now: Instant, lower: &mut Lower) {
        if self.schedule.next() <= now {
            lower.expire_held(now);
            self.look_for_silent(now, lower);
            self.beacon(now, lower);
        }
    }
}
