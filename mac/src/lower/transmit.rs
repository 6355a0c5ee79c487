//! What a station sends when it has won the medium.

use std::time::Duration;

use phy80211::{OfdmRate, Rate};

use super::exchange::{Answer, Awaiting, Place, Txop};
use super::{Exchange, Lower, RIDERS, Upward, ampdu};
use crate::access::Function;
use crate::event::DropReason;
use crate::queue::{Content, Direction, SentWith, StreamIndex};
use crate::rate_control::response_rate;
use crate::{
    AccessCategory, AmpduBuilder, AmpduLayout, BlockAckReq, Control, ControlBody, Departure,
    DurationId, Instant, MacAddr, Management, ManagementHeader, ManagementSubtype, SequenceControl,
    fcs,
};

/// Bytes of an Ack or CTS.
pub(super) const ACK_LEN: usize = 14;
/// Bytes of an RTS.
const RTS_LEN: usize = 20;
/// Bytes of a compressed Block Ack request.
const BLOCK_ACK_REQUEST_LEN: usize = 24;
/// Bytes of a compressed Block Ack without riders.
pub(super) const BLOCK_ACK_LEN: usize = 32;

impl Lower {
    /// A function has won the medium.
    pub(super) fn begin_txop(&mut self, now: Instant, function: Function) {
        let limit = match function {
            Function::Category(category) => self.txop_limit(category),
            Function::Beacon => Duration::ZERO,
        };
        let end = (limit > Duration::ZERO).then(|| now + limit);
        let txop = Txop { function, end };
        match function {
            Function::Category(category) => {
                if self.rider_waits && function == RIDERS {
                    self.rider.medium_won(now);
                    self.collect_from_rider(now);
                }
                self.send_from(now, now, category, txop, Place::First);
                if matches!(self.exchange, Exchange::Idle) {
                    self.send_poll(now, now, txop);
                }
            }
            Function::Beacon => self.send_beacon(now, function),
        }
    }

    /// Goes on with a TXOP after an exchange, if another one fits into it.
    pub(super) fn continue_txop(&mut self, now: Instant, txop: Txop) {
        let start = now + self.access.timing.sifs;
        if !self.access.medium().is_held(now) && self.send_poll(now, start, txop) {
            return;
        }
        if let (Function::Category(category), Some(end)) = (txop.function, txop.end)
            && start < end
            && !self.access.medium().is_held(now)
        {
            self.send_from(now, start, category, txop, Place::Later);
        }
    }

    fn txop_limit(&self, category: AccessCategory) -> Duration {
        let record = self.config.edca.as_ref().and_then(|records| records.of(category));
        record.map_or(Duration::ZERO, |record| record.txop_limit())
    }

    /// Sends the next frames of a category.
    fn send_from(
        &mut self,
        now: Instant,
        start: Instant,
        category: AccessCategory,
        txop: Txop,
        place: Place,
    ) {
        while let Some(stream) = self.next_stream(now, category) {
            let receiver = self.receiver_of(stream);
            if let Some(frame) = self.queues.take_expired(now, stream) {
                self.dropped(receiver, frame, DropReason::Lifetime);
            } else if self.wants_agreement(now, stream) {
                self.ask_for_agreement(now, stream);
            } else if self.queues.streams[stream].request.is_some() {
                return self.send_block_ack_request(now, start, stream, txop, place);
            } else {
                return self.send_data(now, start, stream, txop, place);
            }
        }
    }

    /// The stream of a category that is next.
    fn next_stream(&mut self, now: Instant, category: AccessCategory) -> Option<StreamIndex> {
        let Self { queues, rider, config, .. } = self;
        queues.choose(category, |stream| {
            let limits = config.ampdu.as_ref().filter(|_| stream.agreement.window().is_some());
            let has_room = limits.is_some_and(|limits| ampdu::has_room(stream, limits));
            has_room && stream.request.is_none() && rider.may_wait(now, stream.receiver)
        })
    }

    /// Sends the head of a stream, or an A-MPDU from its head on; an RTS goes before it if it is
    /// long.
    pub(super) fn send_data(
        &mut self,
        now: Instant,
        start: Instant,
        stream: StreamIndex,
        txop: Txop,
        place: Place,
    ) {
        let receiver = self.receiver_of(stream);
        let Some((rate, plan)) = self.plan(now, start, stream, txop, place) else { return };
        let group = receiver.is_group();
        let answer = if plan.mpdus > 1 { Answer::BlockAck } else { Answer::Ack };
        let answer_len = if plan.mpdus > 1 { BLOCK_ACK_LEN } else { ACK_LEN };
        let answer_time = if group { Duration::ZERO } else { self.answer_time(rate, answer_len) };

        let psdu_len = self.psdu_len(stream, plan);
        let airtime = self.airtime(rate, psdu_len);
        let exchange = airtime + answer_time;
        let long = self.config.rts_threshold.is_some_and(|threshold| psdu_len > threshold);
        let protect = long && !group && place != Place::Cleared;
        let protection = if protect { self.protection_time(stream) } else { Duration::ZERO };
        if place == Place::Later && !txop.has_time(start, protection + exchange) {
            return;
        }
        if protect {
            return self.send_rts(now, start, stream, txop, exchange);
        }

        let psdu = self.build(now, stream, plan, answer_time, psdu_len);
        let data = matches!(self.head_content(stream), Some(Content::Msdu(_)));
        if data {
            self.counters.data_ppdus += 1;
            self.counters.data_mpdus += plan.mpdus as u64;
        }
        if plan.mpdus > 1 {
            self.counters.ampdus += 1;
            self.counters.ampdu_mpdus += plan.mpdus as u64;
        }
        let txvector = self.txvector(rate, plan.mpdus > 1);
        let end = self.transmit(now, start, txvector, psdu);
        self.queues.streams[stream].count_attempt();
        if group {
            self.settle_sent(stream);
            self.exchange = Exchange::Sending { function: txop.function, until: end };
        } else {
            let mpdus = plan.mpdus;
            self.await_answer(Awaiting {
                txop,
                stream,
                answer,
                sent: end,
                deadline: end,
                rate,
                mpdus,
            });
        }
    }

    fn head_content(&self, stream: StreamIndex) -> Option<&Content> {
        self.queues.streams[stream].head().map(|head| &head.content)
    }

    /// At which rate what of a stream goes next.
    fn plan(
        &mut self,
        now: Instant,
        start: Instant,
        stream: StreamIndex,
        txop: Txop,
        place: Place,
    ) -> Option<(Rate, ampdu::Plan)> {
        let alone = ampdu::Plan { mpdus: 1, start_spacing: 0 };
        let queue = &self.queues.streams[stream];
        let head = queue.head()?;
        let lowest = Rate::NonHt(self.config.lowest_rate());
        let peer = self.peers.iter_mut().find(|peer| peer.address == queue.receiver);
        let Some(peer) = peer.filter(|_| matches!(head.content, Content::Msdu(_))) else {
            return Some((lowest, alone));
        };
        let rate = peer.rate_control.choose(now, head.attempts);
        let (Rate::Ht(_), Some(limits), Some(window)) =
            (rate, &self.config.ampdu, queue.agreement.window())
        else {
            return Some((rate, alone));
        };
        // A station that sleeps gets what it asked for and no more.
        let window = if queue.held { window.min(queue.released as u16) } else { window };
        let bandwidth = self.config.bandwidth;
        let longest = txop.end.map(|end| {
            let preamble = phy80211::txtime(rate, bandwidth, 0);
            let mut others = preamble + self.answer_time(rate, BLOCK_ACK_LEN);
            if place != Place::Cleared && self.config.rts_threshold.is_some() {
                others += self.protection_time(stream);
            }
            end.since(start).saturating_sub(others)
        });
        let queue = &self.queues.streams[stream];
        let Some(ht) = self.peer(queue.receiver).and_then(|peer| peer.common.ht.as_ref()) else {
            return Some((rate, alone));
        };
        Some((rate, ampdu::plan(queue, limits, ht, window, rate, bandwidth, longest)))
    }

    fn psdu_len(&self, stream: StreamIndex, plan: ampdu::Plan) -> usize {
        let frames = self.queues.streams[stream].iter().take(plan.mpdus);
        let lengths = frames.map(|frame| frame.mpdu_len());
        match plan.mpdus {
            1 => lengths.sum(),
            _ => {
                let layout = AmpduLayout::new(plan.start_spacing);
                lengths.fold(layout, |layout, len| layout.with(len)).len()
            }
        }
    }

    /// The PSDU of what is sent now, which is in flight from then on.
    fn build(
        &mut self,
        now: Instant,
        stream: StreamIndex,
        plan: ampdu::Plan,
        duration: Duration,
        psdu_len: usize,
    ) -> Vec<u8> {
        let receiver = self.receiver_of(stream);
        let queued = self.queues.backlog(receiver) - plan.mpdus;
        let queue = &self.queues.streams[stream];
        let sleeps = queue.held;
        let more_data = match receiver.is_group() {
            true => queue.held && queue.released > plan.mpdus,
            false => {
                let can_poll = self.poll_stream(receiver).is_some();
                let departure = Departure { queued, sleeps, can_poll };
                self.rider.more_data(now, receiver, &departure)
            }
        };
        let with = SentWith {
            transmitter: self.config.address,
            receiver,
            direction: self.direction,
            duration,
            more_data,
            power_management: self.power_management,
            end_of_service_period: false,
            reverse_grant: plan.mpdus > 1 && self.grants_reverse(),
        };
        let next_sequence = &mut self.next_sequence;
        let queue = &mut self.queues.streams[stream];
        queue.send(plan.mpdus, || {
            let sequence = *next_sequence;
            *next_sequence = sequence.next();
            sequence
        });
        let mut psdu = Vec::with_capacity(psdu_len);
        match queue.head() {
            Some(head) if plan.mpdus == 1 => head.emit(&with, &mut psdu),
            _ => {
                let mut ampdu = AmpduBuilder::new(&mut psdu, plan.start_spacing);
                for frame in queue.iter().take(plan.mpdus) {
                    ampdu.push_with(frame.mpdu_len(), |out| frame.emit(&with, out));
                }
            }
        }
        psdu
    }

    /// SIFS and the answer to a frame, with the time that peers may need beyond SIFS.
    pub(super) fn answer_time(&self, rate: Rate, answer_len: usize) -> Duration {
        let answer_rate = response_rate(rate, &self.config.basic_rates);
        let answer = self.airtime(answer_rate.into(), answer_len);
        self.access.timing.sifs + self.config.ack_turnaround + answer
    }

    /// Waits for the answer to a frame (10.3.2.11).
    fn await_answer(&mut self, awaiting: Awaiting) {
        let timing = &self.access.timing;
        let interval = timing.sifs + timing.slot + timing.rx_phy_start_delay;
        let late = self.config.ack_turnaround + self.config.indication_delay;
        let deadline = awaiting.sent + interval + late;
        self.exchange = Exchange::Awaiting(Awaiting { deadline, ..awaiting });
    }

    /// RTS and CTS, and SIFS before the data.
    fn protection_time(&self, stream: StreamIndex) -> Duration {
        let queue = &self.queues.streams[stream];
        let rate = self.request_rate(queue.receiver, queue.unanswered_rts);
        let rts = self.airtime(rate, RTS_LEN);
        rts + self.answer_time(rate, ACK_LEN) + self.access.timing.sifs
    }

    fn send_rts(
        &mut self,
        now: Instant,
        start: Instant,
        stream: StreamIndex,
        txop: Txop,
        exchange: Duration,
    ) {
        let queue = &self.queues.streams[stream];
        let rate = self.request_rate(queue.receiver, queue.unanswered_rts);
        let sifs = self.access.timing.sifs;
        let duration = self.answer_time(rate, ACK_LEN) + sifs + exchange;
        let body = ControlBody::Rts { transmitter: self.config.address };
        let end = self.send_control(now, start, self.receiver_of(stream), duration, body, rate);
        self.counters.rts += 1;
        let (answer, mpdus) = (Answer::Cts, 0);
        self.await_answer(Awaiting { txop, stream, answer, sent: end, deadline: end, rate, mpdus });
    }

    pub(super) fn send_block_ack_request(
        &mut self,
        now: Instant,
        start: Instant,
        stream: StreamIndex,
        txop: Txop,
        place: Place,
    ) {
        let queue = &self.queues.streams[stream];
        let (receiver, tid) = (queue.receiver, queue.tid.unwrap_or(0));
        let request = BlockAckReq::compressed(tid, queue.window_start());
        let rate = self.request_rate(receiver, queue.request.unwrap_or(0));
        let body = ControlBody::BlockAckReq { transmitter: self.config.address, request };
        let duration = self.answer_time(rate, BLOCK_ACK_LEN);
        let exchange = self.airtime(rate, BLOCK_ACK_REQUEST_LEN) + duration;
        if place == Place::Later && !txop.has_time(start, exchange) {
            return;
        }
        let end = self.send_control(now, start, receiver, duration, body, rate);
        self.counters.block_ack_requests += 1;
        let (answer, mpdus) = (Answer::RequestedBlockAck, 0);
        self.await_answer(Awaiting { txop, stream, answer, sent: end, deadline: end, rate, mpdus });
    }

    /// The rate of RTS and Block Ack requests: as robust as that of a response to data would be,
    /// and more so after `attempts` in vain.
    fn request_rate(&self, receiver: MacAddr, attempts: u8) -> Rate {
        let data_rate = self.peer(receiver).map(|peer| peer.rate_control.proven(attempts));
        let data_rate = data_rate.unwrap_or(OfdmRate::Mbps6.into());
        Rate::NonHt(response_rate(data_rate, &self.config.basic_rates))
    }

    fn send_control(
        &mut self,
        now: Instant,
        start: Instant,
        receiver: MacAddr,
        duration: Duration,
        body: ControlBody<'_>,
        rate: Rate,
    ) -> Instant {
        let mut mpdu = Vec::with_capacity(BLOCK_ACK_LEN);
        let mut control = Control::new(receiver, DurationId::from_duration(duration), body);
        control.frame_control = control.frame_control.with_power_management(self.power_management);
        control.emit(&mut mpdu);
        fcs::append(&mut mpdu, 0);
        let txvector = self.txvector(rate, false);
        self.transmit(now, start, txvector, mpdu)
    }

    fn send_beacon(&mut self, now: Instant, function: Function) {
        let Some(mut body) = self.beacon.take() else { return };
        // The timestamp is that of its own first bit (11.1.3.1).
        let rate = Rate::NonHt(self.config.lowest_rate());
        let before = self.airtime(rate, ManagementHeader::LEN);
        let timestamp_us = (now + before).as_nanos() / 1000;
        body[..8].copy_from_slice(&timestamp_us.to_le_bytes());
        let (to, own) = (MacAddr::BROADCAST, self.config.address);
        let bssid = match self.direction {
            Direction::Direct { bssid } => bssid,
            Direction::FromAp | Direction::ToAp => own,
        };
        let mut header = ManagementHeader::new(ManagementSubtype::Beacon, to, own, bssid);
        header.sequence_control = SequenceControl::unfragmented(self.next_sequence());
        let mut mpdu = vec![];
        Management { header, body: &body }.emit(&mut mpdu);
        fcs::append(&mut mpdu, 0);
        let txvector = self.txvector(self.config.lowest_rate().into(), false);
        let until = self.transmit(now, now, txvector, mpdu);
        self.counters.beacons += 1;
        self.upward.push_back(Upward::BeaconSent);
        self.exchange = Exchange::Sending { function, until };
    }
}
