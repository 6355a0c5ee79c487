//! Block Ack agreements: asked for, answered, ended (10.25.2, 10.25.5, 11.5).

use std::time::Duration;

use super::Lower;
use crate::queue::{Agreement, StreamIndex};
use crate::recipient::Recipient;
use crate::{
    AccessCategory, Acknowledged, Action, AddBlockAckRequest, AddBlockAckResponse,
    BlockAckParameters, DeleteBlockAck, DeleteParameters, Elements, Instant, MacAddr,
    ManagementSubtype, ReasonCode, SequenceControl, StatusCode, TimeUnits,
};

/// How long an ADDBA Request waits for its response.
const AGREEMENT_TIMEOUT: Duration = Duration::from_millis(200);
/// How long after nobody answered an agreement is asked for again.
const AGREEMENT_RETRY: Duration = Duration::from_millis(200);
/// How long after it was refused or ended.
const AGREEMENT_PAUSE: Duration = Duration::from_secs(5);

impl Lower {
    /// Whether an agreement would let the frames of a stream go in A-MPDUs.
    pub(super) fn wants_agreement(&self, now: Instant, stream: StreamIndex) -> bool {
        let stream = &self.queues.streams[stream];
        let may_ask = matches!(stream.agreement, Agreement::None { ask_from } if ask_from <= now);
        may_ask
            && stream.tid.is_some()
            // Its answer would have to be polled for before any data.
            && !stream.held
            // A recipient that begins anew would take the retry of an MPDU for a new one.
            && stream.head().is_none_or(|head| head.sequence.is_none())
            && self.config.ampdu.is_some()
            && self.peer(stream.receiver).is_some_and(|peer| peer.common.ht.is_some())
    }

    pub(super) fn ask_for_agreement(&mut self, now: Instant, stream: StreamIndex) {
        self.next_dialog_token = self.next_dialog_token.wrapping_add(1);
        let token = self.next_dialog_token;
        let queue = &mut self.queues.streams[stream];
        queue.agreement = Agreement::Requested { token, until: now + AGREEMENT_TIMEOUT };
        let (receiver, tid) = (queue.receiver, queue.tid.unwrap_or(0));
        let request = AddBlockAckRequest {
            dialog_token: token,
            parameters: BlockAckParameters::default()
                .with_immediate(true)
                .with_tid(tid)
                .with_buffer_size(Acknowledged::WINDOW),
            timeout: TimeUnits(0),
            start: SequenceControl::unfragmented(queue.window_start()),
            elements: Elements::default(),
        };
        self.send_action(now, receiver, &Action::AddBlockAckRequest(request));
    }

    /// Agreements that nobody has answered are not asked for again for a while. The answer may have
    /// been lost, and the recipient is told that there is none.
    pub(super) fn give_up_agreements(&mut self, now: Instant) {
        for index in 0..self.queues.streams.len() {
            let stream = &mut self.queues.streams[index];
            if stream.agreement.asked_until().is_some_and(|until| until <= now) {
                let (receiver, tid) = (stream.receiver, stream.tid.unwrap_or(0));
                self.set_agreement(now, index, Agreement::None { ask_from: now + AGREEMENT_RETRY });
                self.end_agreement(now, receiver, tid, true, ReasonCode::TIMEOUT);
            }
        }
    }

    /// The outcome of a request: what waited for it may be sent.
    pub(super) fn set_agreement(
        &mut self,
        now: Instant,
        stream: StreamIndex,
        agreement: Agreement,
    ) {
        let eligible_before = AccessCategory::ALL.map(|ac| self.queues.is_eligible(ac));
        self.queues.streams[stream].agreement = agreement;
        self.newly_eligible(now, eligible_before);
    }

    fn send_action(&mut self, now: Instant, receiver: MacAddr, action: &Action<'_>) {
        let mut body = vec![];
        action.emit(&mut body);
        let bssid = self.bssid(receiver);
        self.send_management(now, receiver, bssid, ManagementSubtype::Action, body);
    }

    /// Whether an action frame was one of Block Ack, and thus is dealt with.
    pub(super) fn receive_action(
        &mut self,
        now: Instant,
        peer: MacAddr,
        action: &Action<'_>,
    ) -> bool {
        match action {
            Action::AddBlockAckRequest(request) => self.agreement_asked(now, peer, request),
            Action::AddBlockAckResponse(response) => self.agreement_answered(now, peer, response),
            Action::DeleteBlockAck(delete) => self.agreement_ended(now, peer, delete.parameters),
            Action::Other { .. } => return false,
        }
        true
    }

    /// The peer will send A-MPDUs under a TID.
    fn agreement_asked(&mut self, now: Instant, from: MacAddr, request: &AddBlockAckRequest<'_>) {
        let tid = request.parameters.tid();
        let release = self.config.reorder_release;
        let understood = self.config.capabilities.ht.is_some() && request.parameters.immediate();
        // What waits under an earlier agreement will not become complete.
        self.end_recipient(now, from, tid);
        let Some(peer) = self.peer_mut(from) else { return };
        let recipient = peer.recipients.get_mut(usize::from(tid));
        let (status, buffer_size) = match recipient.filter(|_| understood) {
            Some(recipient) => {
                let size = match request.parameters.buffer_size() {
                    0 => Acknowledged::WINDOW,
                    size => size.min(Acknowledged::WINDOW),
                };
                let start = request.start.sequence;
                *recipient = Some(Box::new(Recipient::new(start, size, release)));
                (StatusCode::SUCCESS, size)
            }
            None => (StatusCode::REQUEST_DECLINED, 0),
        };
        let response = AddBlockAckResponse {
            dialog_token: request.dialog_token,
            status,
            parameters: request.parameters.with_amsdu_supported(true).with_buffer_size(buffer_size),
            timeout: TimeUnits(0),
            elements: Elements::default(),
        };
        self.send_action(now, from, &Action::AddBlockAckResponse(response));
    }

    fn agreement_answered(
        &mut self,
        now: Instant,
        from: MacAddr,
        response: &AddBlockAckResponse<'_>,
    ) {
        let Some(stream) = self.queues.find(from, Some(response.parameters.tid())) else { return };
        let asked = self.queues.streams[stream].agreement;
        if !matches!(asked, Agreement::Requested { token, .. } if token == response.dialog_token) {
            return;
        }
        let agreement = match response.status.is_success() {
            true => {
                let size = response.parameters.buffer_size().clamp(1, Acknowledged::WINDOW);
                Agreement::Active { buffer_size: size }
            }
            false => Agreement::None { ask_from: now + AGREEMENT_PAUSE },
        };
        self.set_agreement(now, stream, agreement);
    }

    fn agreement_ended(&mut self, now: Instant, from: MacAddr, parameters: DeleteParameters) {
        let tid = parameters.tid();
        if parameters.initiator() {
            self.end_recipient(now, from, tid);
        } else if let Some(stream) = self.queues.find(from, Some(tid)) {
            self.queues.streams[stream].request = None;
            self.set_agreement(now, stream, Agreement::None { ask_from: now + AGREEMENT_PAUSE });
        }
    }

    /// Passes up what waits for frames that will not come.
    fn end_recipient(&mut self, now: Instant, from: MacAddr, tid: u8) {
        let Some(peer) = self.peer_mut(from) else { return };
        let recipient = peer.recipients.get_mut(usize::from(tid)).and_then(Option::take);
        let mut passed = vec![];
        if let Some(mut recipient) = recipient {
            recipient.reorder.flush(|received| passed.push(received));
        }
        self.pass_up(now, from, passed);
    }

    /// A peer sends under an agreement that we know nothing of, as after a restart.
    pub(super) fn refuse_unknown_agreement(&mut self, now: Instant, peer: MacAddr, tid: u8) {
        self.end_agreement(now, peer, tid, false, ReasonCode::UNKNOWN_BLOCK_ACK);
    }

    /// Tells a peer that there is no agreement for what we send, as its initiator, or it sends.
    fn end_agreement(
        &mut self,
        now: Instant,
        peer: MacAddr,
        tid: u8,
        initiator: bool,
        reason: ReasonCode,
    ) {
        let parameters = DeleteParameters::default().with_initiator(initiator).with_tid(tid);
        let delete = DeleteBlockAck { parameters, reason, elements: Elements::default() };
        self.send_action(now, peer, &Action::DeleteBlockAck(delete));
    }
}
