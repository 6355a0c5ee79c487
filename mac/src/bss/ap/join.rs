//! Authentication and association as an AP sees them (11.3.4.3, 11.3.5.3).

use super::members::Standing;
use super::{Ap, elements};
use crate::event::Notice;
use crate::lower::Lower;
use crate::{
    AssociationResponse, Authentication, AuthenticationAlgorithm, Capabilities,
    CapabilityInformation, DurationId, Elements, Instant, MacAddr, ManagementSubtype, ReasonCode,
    ResponseDelay, Ssid, StatusCode,
};

impl Ap {
    /// Open System: anyone may.
    pub(super) fn authenticate(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        request: &Authentication<'_>,
    ) {
        let status = match (request.algorithm, request.transaction) {
            (AuthenticationAlgorithm::OPEN, 1) => StatusCode::SUCCESS,
            (AuthenticationAlgorithm::OPEN, _) => StatusCode::TRANSACTION_SEQUENCE_ERROR,
            _ => StatusCode::UNSUPPORTED_ALGORITHM,
        };
        if status.is_success() && !self.members.is_authenticated(from) {
            self.members.authenticate(from);
        }
        let mut body = vec![];
        let (algorithm, transaction) = (request.algorithm, request.transaction.saturating_add(1));
        let elements = Elements::default();
        Authentication { algorithm, transaction, status, elements }.emit(&mut body);
        let subtype = ManagementSubtype::Authentication;
        lower.send_management(now, from, lower.config.address, subtype, body);
    }

    /// A station wants to be associated, or again.
    pub(super) fn associate(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        subtype: ManagementSubtype,
        told: Elements<'_>,
    ) {
        if !self.members.is_authenticated(from) {
            let reason = ReasonCode::NOT_AUTHENTICATED;
            self.dismiss(now, lower, from, ManagementSubtype::Deauthentication, reason);
            return;
        }
        let theirs = Capabilities::from_elements(told);
        let admitted = self.admit(lower, from, &theirs, told);
        if admitted.is_ok() {
            lower.allow_for(ResponseDelay::find(told));
            lower.add_peer(now, from, &theirs);
            lower.rider.peer_joined(now, from, told);
            // It is awake again, if it slept.
            self.hold_groups(now, lower);
        }
        let (status, aid) = match admitted {
            Ok(aid) => (StatusCode::SUCCESS, DurationId::from_aid(aid)),
            Err(status) => (status, DurationId::default()),
        };
        let mut body = vec![];
        let capabilities = CapabilityInformation::default().with_ess(true);
        let elements = Elements::default();
        AssociationResponse { capabilities, status, aid, elements }.emit(&mut body);
        elements::emit_own_rates(lower, &mut body);
        elements::emit_own_capabilities(lower, &mut body);
        elements::emit_operation(lower, self.config.channel, &mut body);
        lower.send_management(now, from, lower.config.address, subtype, body);
    }

    /// The identifier of a station that is to be associated, or why it is not.
    fn admit(
        &mut self,
        lower: &Lower,
        from: MacAddr,
        theirs: &Capabilities,
        told: Elements<'_>,
    ) -> Result<u16, StatusCode> {
        let ssid = told.get::<Ssid<'_>>().and_then(Result::ok);
        if ssid.is_none_or(|ssid| ssid.bytes() != self.config.ssid) {
            return Err(StatusCode::REFUSED);
        }
        if !lower.config.basic_rates.iter().all(|rate| theirs.rates.contains(rate)) {
            return Err(StatusCode::BASIC_RATES_MISMATCH);
        }
        let member = self.members.associate(from).ok_or(StatusCode::NO_MORE_STATIONS)?;
        Ok(member.aid)
    }

    /// The answer to an association request has arrived, or has not.
    pub(super) fn answer_sent(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        station: MacAddr,
        acknowledged: bool,
    ) {
        if acknowledged {
            self.confirm(lower, station);
        } else if self.members.get(station).is_some_and(|m| m.standing == Standing::Answered) {
            self.forget(now, lower, station, ReasonCode::TIMEOUT);
        }
    }

    /// A station knows that it is associated.
    pub(super) fn confirm(&mut self, lower: &mut Lower, station: MacAddr) {
        let Some(member) = self.members.get_mut(station) else { return };
        let standing = std::mem::replace(&mut member.standing, Standing::Associated);
        if standing == Standing::Answered {
            lower.notify(Notice::Associated { peer: station, aid: member.aid });
        }
    }
}
