//! How frame exchanges end: with the answer, or without.

use super::exchange::{Answer, Awaiting, Place};
use super::{Exchange, Lower, Upward};
use crate::event::DropReason;
use crate::queue::{Content, StreamIndex, Verdict};
use crate::rate_control::TxStatus;
use crate::rider::{Response, ResponseKind};
use crate::{Acknowledged, Instant, RxPpdu};

impl Lower {
    /// A PPDU has begun in time to be the answer: its end decides.
    pub(super) fn answer_begins(&mut self, until: Instant) {
        let late = self.access.timing.slot + self.config.indication_delay;
        if let Exchange::Awaiting(awaiting) = &mut self.exchange {
            awaiting.deadline = awaiting.deadline.max(until + late);
        }
    }

    /// The exchange that awaits an answer of one of these kinds; it is over then.
    fn awaited(&mut self, answers: &[Answer]) -> Option<Awaiting> {
        let Exchange::Awaiting(awaiting) = self.exchange else { return None };
        if !answers.contains(&awaiting.answer) {
            return None;
        }
        self.exchange = Exchange::Idle;
        Some(awaiting)
    }

    /// CTS: the data follow.
    pub(super) fn cleared(&mut self, now: Instant) {
        if let Some(awaiting) = self.awaited(&[Answer::Cts])
            && !self.access.medium().is_held(now)
        {
            self.queues.streams[awaiting.stream].unanswered_rts = 0;
            let start = now + self.access.timing.sifs;
            self.send_data(now, start, awaiting.stream, awaiting.txop, Place::Cleared);
        }
    }

    /// Ack: the frame has arrived.
    pub(super) fn acknowledged(&mut self, now: Instant, ppdu: &RxPpdu, riders: &[u8]) {
        let Some(awaiting) = self.awaited(&[Answer::Ack]) else { return };
        let stream = &mut self.queues.streams[awaiting.stream];
        let verdict = stream.settle(self.config.retry_limit, |_| true);
        self.answered(now, ppdu, awaiting, ResponseKind::Ack, riders);
        self.conclude(now, awaiting, verdict);
    }

    /// Data instead of an Ack: the PS-Poll has arrived.
    pub(super) fn acknowledged_by_data(&mut self, now: Instant) {
        let Some(awaiting) = self.awaited(&[Answer::Ack]) else { return };
        let stream = &mut self.queues.streams[awaiting.stream];
        let verdict = stream.settle(self.config.retry_limit, |_| true);
        self.conclude(now, awaiting, verdict);
    }

    /// Block Ack: some MPDUs have arrived.
    pub(super) fn block_acknowledged(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        tid: u8,
        what: &Acknowledged,
        riders: &[u8],
    ) {
        let matches_tid = matches!(self.exchange, Exchange::Awaiting(awaiting)
            if self.queues.streams[awaiting.stream].tid == Some(tid));
        let answers = [Answer::BlockAck, Answer::RequestedBlockAck];
        let Some(awaiting) = matches_tid.then(|| self.awaited(&answers)).flatten() else { return };
        let stream = &mut self.queues.streams[awaiting.stream];
        stream.request = None;
        let verdict = stream.settle_by(self.config.retry_limit, what);
        self.answered(now, ppdu, awaiting, ResponseKind::BlockAck, riders);
        self.conclude(now, awaiting, verdict);
    }

    fn answered(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        awaiting: Awaiting,
        kind: ResponseKind,
        riders: &[u8],
    ) {
        let stream = &self.queues.streams[awaiting.stream];
        let (peer, tid) = (stream.receiver, stream.tid);
        if self.peer(peer).is_some() {
            let response = Response { kind, tid, rate: ppdu.rate };
            self.rider.response_received(now, peer, &response, riders);
        }
    }

    /// An exchange has succeeded.
    fn conclude(&mut self, now: Instant, awaiting: Awaiting, verdict: Verdict) {
        let acknowledged = verdict.acknowledged;
        self.report(now, awaiting, acknowledged);
        self.record(awaiting.stream, verdict);
        self.access.contender(awaiting.txop.function).succeeded(&mut self.rng);
        self.continue_txop(now, awaiting.txop);
    }

    /// What was awaited has not come.
    pub(super) fn no_answer(&mut self, now: Instant) {
        let Exchange::Awaiting(awaiting) = self.exchange else { return };
        self.exchange = Exchange::Idle;
        // The backoff goes on after this as after a busy medium (10.3.2.11).
        self.access.transmit(now, now, now);
        let retry_limit = self.config.retry_limit;
        let stream = &mut self.queues.streams[awaiting.stream];
        let data = matches!(stream.head().map(|head| &head.content), Some(Content::Msdu(_)));
        let (peer, tid) = (stream.receiver, stream.tid);
        let mut given_up = false;
        let verdict = match awaiting.answer {
            Answer::Cts => {
                self.counters.rts_unanswered += 1;
                stream.unanswered_rts += 1;
                (stream.unanswered_rts >= retry_limit).then(|| stream.give_up_head())
            }
            Answer::Ack => Some(stream.settle(retry_limit, |_| false)),
            Answer::BlockAck => {
                // Which MPDUs have arrived is asked for before any is sent again.
                stream.request = Some(0);
                None
            }
            Answer::RequestedBlockAck => {
                let attempts = stream.request.map_or(1, |attempts| attempts + 1);
                given_up = attempts >= retry_limit;
                stream.request = Some(attempts);
                given_up.then(|| stream.give_up_request(retry_limit))
            }
        };
        if matches!(awaiting.answer, Answer::Ack | Answer::BlockAck) && data {
            self.counters.data_ppdus_unanswered += 1;
        }
        self.report(now, awaiting, 0);
        if let Some(verdict) = verdict {
            given_up |= !verdict.given_up.is_empty();
            self.record(awaiting.stream, verdict);
        }
        if awaiting.answer != Answer::Cts && self.peer(peer).is_some() {
            self.rider.response_missed(now, peer, tid, given_up);
        }
        self.access.contender(awaiting.txop.function).failed(&mut self.rng);
        self.collect_from_rider(now);
    }

    /// A frame that nobody answers has left.
    pub(super) fn settle_sent(&mut self, stream: StreamIndex) {
        let verdict = self.queues.streams[stream].settle(1, |_| true);
        self.record(stream, Verdict { acknowledged: 0, of_them_retried: 0, ..verdict });
    }

    fn report(&mut self, now: Instant, awaiting: Awaiting, acknowledged: usize) {
        let Awaiting { rate, mpdus, stream, .. } = awaiting;
        let receiver = self.receiver_of(stream);
        if mpdus > 0
            && let Some(peer) = self.peer_mut(receiver)
        {
            peer.rate_control.report(now, TxStatus { rate, sent: mpdus, acknowledged });
        }
    }

    /// Counts what became of frames, and tells of those that somebody waits for.
    fn record(&mut self, stream: StreamIndex, verdict: Verdict) {
        let (receiver, category) = (self.receiver_of(stream), self.queues.streams[stream].category);
        let left = verdict.delivered.len() + verdict.given_up.len();
        let queue = &mut self.queues.streams[stream];
        queue.released = queue.released.saturating_sub(left);
        if verdict.delivered.first().is_some_and(|frame| matches!(frame.content, Content::Msdu(_)))
        {
            self.counters.acknowledged += verdict.acknowledged as u64;
            self.counters.acknowledged_retries += verdict.of_them_retried as u64;
        }
        for frame in verdict.delivered {
            self.queues.gone(category, &frame);
            match frame.content {
                Content::Msdu(msdu) => {
                    let sequence = frame.sequence.expect("a frame that arrived was sent");
                    self.queues.streams[stream].arrived(sequence, msdu);
                }
                content => {
                    self.upward.push_back(Upward::Sent { receiver, content, acknowledged: true });
                }
            }
        }
        for msdu in self.queues.streams[stream].passed_up() {
            self.rider.native_done(receiver, &msdu, true);
        }
        for frame in verdict.given_up {
            self.queues.gone(category, &frame);
            self.dropped(receiver, frame, DropReason::RetryLimit);
        }
    }
}
