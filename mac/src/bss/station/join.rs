//! Authentication and association as a station sees them (11.3.4.2, 11.3.5.2).

use std::time::Duration;

use super::association::Association;
use super::candidate::{self, Candidate};
use super::{State, Station, elements};
use crate::event::Notice;
use crate::lower::Lower;
use crate::{
    AssociationRequest, AssociationResponse, Authentication, AuthenticationAlgorithm, Capabilities,
    CapabilityInformation, Elements, Instant, MacAddr, ManagementSubtype, ReasonCode, StatusCode,
};

/// How long an AP may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(100);
/// How often it is asked.
const ATTEMPTS: u8 = 3;
/// Beacons that a station may sleep through, as it tells the AP.
const LISTEN_INTERVAL: u16 = 1;

/// A request that waits for its answer.
pub(super) struct Attempt {
    pub(super) candidate: Candidate,
    /// The first is 1.
    number: u8,
    pub(super) until: Instant,
}

impl Attempt {
    fn new(now: Instant, candidate: Candidate, number: u8) -> Self {
        Self { candidate, number, until: now + ANSWER_TIMEOUT }
    }
}

impl Station {
    pub(super) fn ask_for_authentication(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        candidate: Candidate,
        number: u8,
    ) {
        let mut body = vec![];
        Authentication {
            algorithm: AuthenticationAlgorithm::OPEN,
            transaction: 1,
            status: StatusCode::SUCCESS,
            elements: Elements::default(),
        }
        .emit(&mut body);
        let (ap, subtype) = (candidate.bssid, ManagementSubtype::Authentication);
        lower.send_management(now, ap, ap, subtype, body);
        self.state = State::Authenticating(Attempt::new(now, candidate, number));
    }

    fn ask_for_association(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        candidate: Candidate,
        number: u8,
    ) {
        let mut body = vec![];
        AssociationRequest {
            capabilities: CapabilityInformation::default().with_ess(true),
            listen_interval: LISTEN_INTERVAL,
            elements: Elements::default(),
        }
        .emit(&mut body);
        elements::emit_name(&candidate.ssid, &mut body);
        elements::emit_own_rates(lower, &mut body);
        elements::emit_own_capabilities(lower, &mut body);
        elements::emit_wmm_information(lower, &mut body);
        let (ap, subtype) = (candidate.bssid, ManagementSubtype::AssociationRequest);
        lower.send_management(now, ap, ap, subtype, body);
        self.state = State::Associating(Attempt::new(now, candidate, number));
    }

    /// No answer in time: once more, or another scan.
    pub(super) fn unanswered(&mut self, now: Instant, lower: &mut Lower) {
        match std::mem::replace(&mut self.state, State::Out) {
            State::Authenticating(Attempt { candidate, number, .. }) if number < ATTEMPTS => {
                self.ask_for_authentication(now, lower, candidate, number + 1);
            }
            State::Associating(Attempt { candidate, number, .. }) if number < ATTEMPTS => {
                self.ask_for_association(now, lower, candidate, number + 1);
            }
            _ => self.scan(now, lower),
        }
    }

    /// The AP has answered an authentication request.
    pub(super) fn authenticated(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        answer: &Authentication<'_>,
    ) {
        let State::Authenticating(attempt) = &self.state else { return };
        if attempt.candidate.bssid != from || answer.transaction != 2 {
            return;
        }
        if answer.status.is_success() {
            let candidate = attempt.candidate.clone();
            self.ask_for_association(now, lower, candidate, 1);
        } else {
            self.refused(now, lower, from, answer.status);
        }
    }

    /// The AP has answered an association request.
    pub(super) fn associated(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        answer: &AssociationResponse<'_>,
    ) {
        let State::Associating(attempt) = &self.state else { return };
        if attempt.candidate.bssid != from {
            return;
        }
        if !answer.status.is_success() {
            return self.refused(now, lower, from, answer.status);
        }
        let Some(aid) = answer.aid.aid() else { return };
        let candidate = attempt.candidate.clone();
        lower.add_peer(now, from, &Capabilities::from_elements(answer.elements));
        lower.rider.peer_joined(now, from, answer.elements);
        if let Some(edca) = candidate::edca(answer.elements).or(candidate.edca) {
            lower.set_edca(&edca);
        }
        if !candidate.basic_rates.is_empty() {
            lower.config.basic_rates.clone_from(&candidate.basic_rates);
        }
        let association = Association::new(now, &candidate, aid, self.config.beacon_loss);
        self.state = State::Associated(association);
        lower.notify(Notice::Associated { peer: from, aid });
    }

    fn refused(&mut self, now: Instant, lower: &mut Lower, ap: MacAddr, status: StatusCode) {
        lower.notify(Notice::Refused { peer: ap, status });
        self.scan(now, lower);
    }

    /// The AP wants us to be associated or authenticated no longer.
    pub(super) fn dismissed(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        reason: ReasonCode,
    ) {
        if self.ap() == Some(from) {
            self.end_association(now, lower, reason);
            self.scan(now, lower);
        }
    }
}
