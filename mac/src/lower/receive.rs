//! What a station does with a PPDU it has received.

use super::exchange::Answer;
use super::{Exchange, Lower, Upward, reverse};
use crate::peer::Received;
use crate::queue::Direction;
use crate::recipient::NumberedAs;
use crate::rider::Reception;
use crate::{
    AmpduItem, AmpduSubframes, BlockAckInformation, BlockAckReq, Control, ControlBody, Data,
    DataHeader, Frame, FrameKind, Instant, MacAddr, Management, ManagementBody, ManagementHeader,
    ManagementSubtype, RxPpdu, fcs,
};

/// What the data MPDUs of a PPDU for us came to.
#[derive(Debug, Default)]
struct Gathered {
    transmitter: Option<MacAddr>,
    reception: Reception,
    passed: Vec<Received>,
    /// There was one that is newer than all that had arrived; what follows is so too.
    newest_came: bool,
    /// There was one for us alone, which is answered.
    answered: bool,
    /// A frame of a TID without an agreement, as if there were one.
    unknown_agreement: Option<u8>,
    /// We may respond with data of our own.
    granted: bool,
}

impl Lower {
    /// A PPDU that could not be read.
    pub(super) fn receive_error(&mut self, now: Instant) {
        self.counters.garbled += 1;
        let eifs_less_difs = self.access.timing.eifs_less_difs;
        self.access.medium_mut().garbled(now, eifs_less_difs);
        if self.is_answer_due(now) {
            self.no_answer(now);
        }
    }

    pub(super) fn receive(&mut self, now: Instant, ppdu: &RxPpdu) {
        let mut right = 0;
        let mut gathered = Gathered::default();
        for mpdu in mpdus(ppdu) {
            let Some(mpdu) = fcs::strip(mpdu) else {
                self.counters.garbled += 1;
                gathered.reception.obscured |= !gathered.newest_came;
                continue;
            };
            let Ok(frame) = Frame::parse(mpdu) else { continue };
            right += 1;
            if right == 1 {
                self.access.medium_mut().received();
                self.expect_answer(now, &frame);
            }
            if !self.receive_frame(now, ppdu, &frame, &mut gathered) {
                break;
            }
        }
        if right == 0 {
            return self.receive_error(now);
        }
        if let Some(transmitter) = gathered.transmitter {
            self.finish_data(now, ppdu, transmitter, gathered);
        }
        self.collect_from_rider(now);
    }

    /// Whether the medium is awaited to bring an answer at this time, not the end of a frame that
    /// had begun before, of which a PHY may tell late.
    fn is_answer_due(&self, now: Instant) -> bool {
        let late = self.config.indication_delay;
        matches!(self.exchange, Exchange::Awaiting(awaiting) if awaiting.sent + late < now)
    }

    /// Any frame but the awaited answer tells that there will be none (10.3.2.11).
    fn expect_answer(&mut self, now: Instant, frame: &Frame<'_>) {
        let Exchange::Awaiting(awaiting) = self.exchange else { return };
        if !self.is_answer_due(now) {
            return;
        }
        let from = self.receiver_of(awaiting.stream);
        let for_us = frame.receiver() == Some(self.config.address);
        let is_answer = for_us
            && match (frame, awaiting.answer) {
                (Frame::Control(control), Answer::Cts) => control.body == ControlBody::Cts,
                (Frame::Control(control), Answer::Ack) => control.body == ControlBody::Ack,
                (Frame::Data(data), Answer::Ack) => self.answers_poll(data.header.transmitter),
                (Frame::Control(control), Answer::BlockAck | Answer::RequestedBlockAck) => {
                    matches!(control.body, ControlBody::BlockAck { transmitter, .. } if transmitter == from)
                }
                _ => false,
            };
        if !is_answer {
            self.no_answer(now);
        }
    }

    /// Takes one frame. Whether the other MPDUs of its PPDU have to be looked at: all of an
    /// A-MPDU are for one receiver (9.7.3).
    fn receive_frame(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        frame: &Frame<'_>,
        gathered: &mut Gathered,
    ) -> bool {
        let Some(receiver) = frame.receiver() else { return false };
        if let Some(peer) = frame.transmitter().and_then(|address| self.peer_mut(address)) {
            (peer.last_heard, peer.rssi_dbm) = (now, ppdu.rssi_dbm);
        }
        if receiver != self.config.address && !receiver.is_group() {
            self.overhear(ppdu.end, frame);
            return false;
        }
        self.meet(now, frame);
        self.note_power_management(frame);
        match frame {
            Frame::Control(control) => self.receive_control(now, ppdu, control),
            Frame::Management(management) => self.receive_management(now, ppdu, management),
            Frame::Data(data) => self.receive_data(now, ppdu, data, gathered),
            Frame::Other { .. } => {}
        }
        true
    }

    /// Who sends us data in our BSS, or asks for an agreement to do so, may be a peer without
    /// having introduced himself.
    fn meet(&mut self, now: Instant, frame: &Frame<'_>) {
        let stranger = match frame {
            Frame::Data(data) if self.is_from_our_bss(&data.header) => data.header.transmitter,
            Frame::Management(Management { header, .. })
                if frame.kind() == FrameKind::Management(ManagementSubtype::Action)
                    && header.bssid == self.bssid(header.transmitter) =>
            {
                header.transmitter
            }
            _ => return,
        };
        if !stranger.is_group() && self.peer(stranger).is_none() {
            self.assume_peer(now, stranger);
        }
    }

    /// A frame for others reserves the medium from its end on for what its Duration says
    /// (10.3.2.4).
    fn overhear(&mut self, end: Instant, frame: &Frame<'_>) {
        let duration = match frame {
            Frame::Control(Control { body: ControlBody::PsPoll { .. }, .. }) => {
                Some(self.answer_time(self.config.lowest_rate().into(), super::transmit::ACK_LEN))
            }
            _ => frame.duration_id().and_then(|field| field.duration()),
        };
        if let Some(duration) = duration {
            self.access.medium_mut().reserve(end + duration);
        }
    }

    /// Each frame of a peer tells whether it sleeps from then on (11.2.3.2).
    fn note_power_management(&mut self, frame: &Frame<'_>) {
        // It is to an AP that stations tell it.
        if self.direction != Direction::FromAp {
            return;
        }
        // Control frames but PS-Poll and those of Block Ack have the bit reserved.
        let tells = match frame {
            Frame::Control(control) => {
                matches!(control.body, ControlBody::BlockAckReq { .. })
            }
            Frame::Management(_) | Frame::Data(_) => true,
            Frame::Other { .. } => false,
        };
        let sleeps = frame.frame_control().power_management();
        let Some(peer) = frame.transmitter().filter(|_| tells).and_then(|ta| self.peer_mut(ta))
        else {
            return;
        };
        if peer.sleeps != sleeps {
            peer.sleeps = sleeps;
            let peer = peer.address;
            self.upward.push_back(Upward::PowerManagement { peer, sleeps });
        }
    }

    fn receive_control(&mut self, now: Instant, ppdu: &RxPpdu, control: &Control<'_>) {
        match control.body {
            ControlBody::Rts { transmitter } => {
                if !self.access.medium().is_reserved(now) {
                    self.send_cts(now, ppdu, transmitter, control.duration);
                }
            }
            ControlBody::Cts => self.cleared(now),
            ControlBody::Ack => self.acknowledged(now, ppdu, control.trailing),
            ControlBody::BlockAck { response, .. } => {
                if let BlockAckInformation::Compressed(what) = response.information {
                    self.block_acknowledged(
                        now,
                        ppdu,
                        response.control.tid(),
                        &what,
                        control.trailing,
                    );
                }
            }
            ControlBody::BlockAckReq { transmitter, request } => {
                self.receive_request(now, ppdu, transmitter, &request);
            }
            ControlBody::PsPoll { transmitter } => {
                if let Some(aid) = control.duration.aid() {
                    self.send_ack(now, ppdu, transmitter);
                    self.upward.push_back(Upward::PsPoll { peer: transmitter, aid });
                }
            }
            ControlBody::CfEnd { .. } | ControlBody::CfEndAck { .. } => {
                self.access.medium_mut().release(now);
            }
            ControlBody::Wrapper { .. } | ControlBody::Other { .. } => {}
        }
    }

    fn receive_request(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        from: MacAddr,
        request: &BlockAckReq<'_>,
    ) {
        if self.peer(from).is_none() {
            self.upward.push_back(Upward::Stranger { transmitter: from });
            return;
        }
        let tid = request.control.tid();
        let Some(start) = request.start() else { return };
        let mut passed = vec![];
        let recipient = self.recipient(from, tid);
        let known = recipient.is_some();
        let mut heard_all = false;
        if let Some(recipient) = recipient {
            heard_all = recipient.scoreboard.is_all_before(start);
            recipient.request(start, |received| passed.push(received));
        }
        if !known {
            return self.refuse_unknown_agreement(now, from, tid);
        }
        let reception =
            Reception { tid: Some(tid), requested: true, heard_all, ..Reception::default() };
        self.rider.data_received(now, from, &reception);
        self.send_block_ack(now, ppdu, from, tid);
        self.pass_up(now, from, passed);
    }

    fn receive_management(&mut self, now: Instant, ppdu: &RxPpdu, frame: &Management<'_>) {
        let header = frame.header;
        if !header.receiver.is_group() {
            self.send_ack(now, ppdu, header.transmitter);
            let control = header.frame_control;
            if self.peer(header.transmitter).is_some() {
                let (peer, more_data) = (header.transmitter, control.more_data());
                self.upward.push_back(Upward::Addressed { peer, more_data });
            }
            if !self.is_new_management(&header) {
                return;
            }
        }
        if let Ok(ManagementBody::Action(action)) = frame.read_body()
            && self.receive_action(now, header.transmitter, &action)
        {
            return;
        }
        let body = ppdu.psdu.slice_ref(frame.body);
        self.upward.push_back(Upward::Management { header, body, rssi_dbm: ppdu.rssi_dbm });
    }

    /// Whether a management frame was not received before: who asks for something again because
    /// our Ack was lost is not answered twice.
    fn is_new_management(&mut self, header: &ManagementHeader) -> bool {
        let (from, number) = (header.transmitter, header.sequence_control);
        let retry = header.frame_control.retry();
        // By its request a stranger may have become a peer.
        let last = self.last_management.replace((from, number));
        let repeated = retry && last == Some((from, number));
        let peer = self.peer_mut(from);
        peer.is_none_or(|peer| peer.last_received.is_new(NumberedAs::Management, retry, number))
            && !repeated
    }

    fn receive_data(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        data: &Data<'_>,
        gathered: &mut Gathered,
    ) {
        let header = data.header;
        let transmitter = header.transmitter;
        let group = header.receiver.is_group();
        if !self.is_from_our_bss(&header) {
            return;
        }
        let Some(peer) = self.peer_mut(transmitter) else {
            if !group {
                self.send_ack(now, ppdu, transmitter);
                self.upward.push_back(Upward::Stranger { transmitter });
            }
            return;
        };
        gathered.transmitter = Some(transmitter);
        let control = header.frame_control;
        let carries_data =
            matches!(control.kind(), FrameKind::Data(subtype) if subtype.carries_data());
        let received = || Received { header, body: ppdu.psdu.slice_ref(data.body) };
        if group {
            gathered.passed.extend(carries_data.then(received));
            return;
        }
        let tid = header.qos.map(|qos| qos.tid());
        let agreed = tid.filter(|_| carries_data);
        let agreed = agreed.and_then(|tid| peer.recipients.get_mut(usize::from(tid))?.as_mut());
        let sequence_control = header.sequence_control;
        let numbered = tid.map_or(NumberedAs::DataWithoutQos, |tid| NumberedAs::Qos { tid });
        // Noted under an agreement as well: it may end before a frame is sent again.
        let differs = peer.last_received.is_new(numbered, control.retry(), sequence_control);
        let new = match agreed {
            Some(recipient) => {
                let number = sequence_control.sequence;
                let passed = &mut gathered.passed;
                gathered.newest_came |= recipient.scoreboard.is_all_before(number);
                recipient.reorder.insert(now, number, received(), |msdu| passed.push(msdu));
                recipient.scoreboard.insert(number)
            }
            None => {
                if ppdu.aggregation && carries_data {
                    gathered.unknown_agreement = tid;
                }
                gathered.passed.extend((differs && carries_data).then(received));
                differs
            }
        };
        gathered.answered = true;
        gathered.granted |= reverse::is_granted(&header);
        gathered.reception.tid = tid;
        gathered.reception.more_data = control.more_data();
        if carries_data {
            gathered.reception.new += usize::from(new);
            gathered.reception.repeated += usize::from(!new);
            self.counters.duplicates += u64::from(!new);
        }
    }

    /// Whether data comes the way that it has to come to us.
    fn is_from_our_bss(&self, header: &DataHeader) -> bool {
        let control = header.frame_control;
        match (self.direction, control.to_ds(), control.from_ds()) {
            (Direction::FromAp, true, false) => header.receiver == self.config.address,
            (Direction::ToAp, false, true) => {
                // Our own frames to groups come back from the AP.
                header.address3 != self.config.address
            }
            (Direction::Direct { bssid }, false, false) => header.address3 == bssid,
            _ => false,
        }
    }

    /// Answers the data of a PPDU, then passes it up.
    fn finish_data(&mut self, now: Instant, ppdu: &RxPpdu, from: MacAddr, gathered: Gathered) {
        let Gathered { reception, passed, answered, unknown_agreement, granted, .. } = gathered;
        if answered {
            self.rider.data_received(now, from, &reception);
            match (ppdu.aggregation, reception.tid, unknown_agreement) {
                (true, Some(tid), None) => {
                    let end = self.send_block_ack(now, ppdu, from, tid);
                    if let Some(end) = end.filter(|_| granted) {
                        self.accept_grant(from, end);
                    }
                }
                (true, Some(tid), Some(_)) => self.refuse_unknown_agreement(now, from, tid),
                _ => self.acknowledge_data(now, ppdu, from, reception.tid),
            }
            if self.answers_poll(from) {
                self.acknowledged_by_data(now);
            }
            let more_data = reception.more_data;
            self.upward.push_back(Upward::Addressed { peer: from, more_data });
        }
        self.pass_up(now, from, passed);
    }
}

/// The MPDUs of a PPDU, with their FCS, and nothing for those that a damaged delimiter hides.
fn mpdus(ppdu: &RxPpdu) -> impl Iterator<Item = &[u8]> {
    let aggregate = AmpduSubframes::new(if ppdu.aggregation { &ppdu.psdu } else { &[] });
    let alone = (!ppdu.aggregation).then_some(&ppdu.psdu[..]);
    alone.into_iter().chain(aggregate.map(|item| match item {
        AmpduItem::Mpdu { bytes, .. } => bytes,
        AmpduItem::Gap { .. } => &[],
    }))
}
