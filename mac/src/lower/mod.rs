//! The part of the MAC that all kinds of stations share: channel access, frame exchanges, queues,
//! Block Ack. Who is a member of what is the business of [`bss`](crate::bss), to which this part
//! passes up what it does not decide.

mod agreement;
mod ampdu;
mod exchange;
mod power_save;
mod receive;
mod respond;
mod settle;
mod transmit;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use phy80211::{Bandwidth, HtRate, HtWidth, Placement, Rate, TxVector, txtime};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::access::{ChannelAccess, Function, SlotTiming};
use crate::event::{DropReason, Msdu, Notice, Output};
use crate::peer::Peer;
use crate::queue::{Content, Direction, Outgoing, Queues, StreamIndex};
use crate::{
    AccessCategory, Capabilities, Config, Counters, EdcaRecords, Elements, Instant, MAX_MSDU,
    MacAddr, ManagementHeader, ManagementSubtype, PhyIndication, Rider, SequenceControl,
    SequenceNumber, Snap, TxPpdu,
};
use exchange::Exchange;

/// What the lower part tells the upper.
#[derive(Debug)]
pub(crate) enum Upward {
    /// A management frame for us or a group.
    Management { header: ManagementHeader, body: Bytes, rssi_dbm: f32 },
    /// A packet for us, a group, or somebody beyond us.
    Msdu(Msdu),
    /// A station tells with each frame whether it sleeps; this one has told otherwise than before.
    PowerManagement { peer: MacAddr, sleeps: bool },
    /// A station that sleeps asks for a frame.
    PsPoll { peer: MacAddr, aid: u16 },
    /// A frame of class 3 (11.3.3) to us from a station that is no peer.
    Stranger { transmitter: MacAddr },
    /// A data or management frame from a peer to us alone, with its More Data bit.
    Addressed { peer: MacAddr, more_data: bool },
    /// A beacon of ours is on the air.
    BeaconSent,
    /// A frame without a packet has been acknowledged, or given up.
    Sent { receiver: MacAddr, content: Content, acknowledged: bool },
}

/// What becomes of a station that sends us data without being a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// It is reported as [`Upward::Stranger`].
    Reported,
    /// It becomes a peer that can do what we can.
    LikeUs,
    /// It becomes a peer that can do this, until it tells what it can.
    Assumed(Capabilities),
}

/// Peers that became so without being asked, at most.
const MAX_UNASKED_PEERS: usize = 256;

/// Channel access, exchanges, queues and peers of a station.
pub(crate) struct Lower {
    pub(crate) config: Config,
    pub(crate) rider: Box<dyn Rider>,
    pub(crate) counters: Counters,
    /// Which way data goes; in an IBSS and at a station that has not joined anything, directly.
    pub(crate) direction: Direction,
    /// What becomes of who sends us data without being a peer.
    pub(crate) strangers: Strangers,
    /// Frames to groups are held back because a station of the BSS sleeps.
    groups_held: bool,
    /// The power management bit of what we send.
    pub(crate) power_management: bool,
    /// A beacon that is to be sent, its timestamp still to be put in.
    pub(crate) beacon: Option<Vec<u8>>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) queues: Queues,
    pub(crate) upward: VecDeque<Upward>,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) rng: ChaCha8Rng,
    access: ChannelAccess,
    exchange: Exchange,
    /// SNS1, the numbers of all frames that have none of their TID (Table 10-5).
    next_sequence: SequenceNumber,
    next_dialog_token: u8,
    /// The last management frame to us, by transmitter and number.
    last_management: Option<(MacAddr, SequenceControl)>,
    /// What rides on the response that is being made; kept for its capacity.
    riders: Vec<u8>,
}

impl Lower {
    pub(crate) fn new(config: Config, rider: Box<dyn Rider>, rng: ChaCha8Rng) -> Self {
        let timing = SlotTiming::of(config.bandwidth);
        let queues = Queues::new(config.queue_limit, config.schedule, config.lifetime);
        Self {
            access: ChannelAccess::new(timing, config.edca.as_ref()),
            config,
            rider,
            counters: Counters::default(),
            direction: Direction::ToAp,
            strangers: Strangers::Reported,
            groups_held: false,
            power_management: false,
            beacon: None,
            peers: vec![],
            queues,
            upward: VecDeque::new(),
            outputs: VecDeque::new(),
            rng,
            exchange: Exchange::Idle,
            next_sequence: SequenceNumber::default(),
            next_dialog_token: 0,
            last_management: None,
            riders: vec![],
        }
    }

    pub(crate) fn handle_phy(&mut self, now: Instant, indication: PhyIndication) {
        match indication {
            PhyIndication::CcaBusy => self.access.cca_busy(now),
            PhyIndication::CcaIdle => self.access.medium_mut().cca(now, false),
            PhyIndication::RxStart { until } => self.answer_begins(until),
            PhyIndication::Rx(ppdu) => self.receive(now, &ppdu),
            PhyIndication::RxError => self.receive_error(now),
        }
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let exchange = match &self.exchange {
            Exchange::Idle => self.access.next_ready(|function| self.wants(function)),
            Exchange::Sending { until, .. } => Some(*until),
            Exchange::Awaiting(awaiting) => Some(awaiting.deadline),
        };
        let requests =
            self.queues.streams.iter().filter_map(|stream| stream.agreement.asked_until());
        let recipients = self.peers.iter().flat_map(|peer| peer.recipients.iter().flatten());
        let reorder = recipients.filter_map(|recipient| recipient.reorder.next_timeout()).min();
        [exchange, requests.min(), reorder, self.rider.next_timeout()].into_iter().flatten().min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.release_reordered(now);
        self.give_up_agreements(now);
        self.rider.handle_timeout(now);
        self.collect_from_rider(now);
        match self.exchange {
            Exchange::Sending { function, until } if until <= now => {
                self.exchange = Exchange::Idle;
                self.access.contender(function).succeeded(&mut self.rng);
            }
            Exchange::Awaiting(awaiting) if awaiting.deadline <= now => self.no_answer(now),
            _ => {}
        }
        if matches!(self.exchange, Exchange::Idle) {
            self.contend(now);
        }
    }

    /// Transmits, if a function may.
    fn contend(&mut self, now: Instant) {
        let Self { access, queues, beacon, rng, .. } = self;
        let wants = |function| match function {
            Function::Category(category) => queues.is_eligible(category),
            Function::Beacon => beacon.is_some(),
        };
        if access.next_ready(wants).is_some_and(|at| at <= now)
            && let Some(function) = access.grant(now, wants, rng)
        {
            self.begin_txop(now, function);
        }
    }

    fn wants(&self, function: Function) -> bool {
        match function {
            Function::Category(category) => self.queues.is_eligible(category),
            Function::Beacon => self.beacon.is_some(),
        }
    }

    pub(crate) fn peer(&self, address: MacAddr) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.address == address)
    }

    pub(crate) fn peer_mut(&mut self, address: MacAddr) -> Option<&mut Peer> {
        self.peers.iter_mut().find(|peer| peer.address == address)
    }

    /// A station with which data may be exchanged from now on; one that was there begins anew.
    pub(crate) fn add_peer(&mut self, now: Instant, address: MacAddr, theirs: &Capabilities) {
        self.remove_peer(now, address);
        let common = self.config.capabilities.common(theirs);
        let (bandwidth, selection) = (self.config.bandwidth, self.config.data_rate);
        self.peers.push(Peer::new(now, address, common, bandwidth, selection));
    }

    /// Takes a station to be a peer of which nothing has been heard but that it is there.
    pub(crate) fn assume_peer(&mut self, now: Instant, address: MacAddr) {
        let (theirs, like_us) = match &self.strangers {
            Strangers::Reported => return,
            Strangers::LikeUs => (self.config.capabilities.clone(), true),
            Strangers::Assumed(capabilities) => (capabilities.clone(), false),
        };
        self.make_room(now);
        self.add_peer(now, address, &theirs);
        if like_us {
            let mut elements = vec![];
            self.rider.announce(&mut elements);
            self.rider.peer_joined(now, address, Elements(&elements));
        } else if let Some(peer) = self.peer_mut(address) {
            peer.assumed = true;
        }
    }

    /// A station has told what it can do. What is under way with it goes on if it was a peer
    /// before. Whether it tells for the first time.
    pub(crate) fn learn(&mut self, now: Instant, address: MacAddr, theirs: &Capabilities) -> bool {
        let common = self.config.capabilities.common(theirs);
        let (bandwidth, selection) = (self.config.bandwidth, self.config.data_rate);
        let Some(peer) = self.peer_mut(address) else {
            self.make_room(now);
            self.add_peer(now, address, theirs);
            return true;
        };
        if peer.common != common {
            peer.set_common(common, bandwidth, selection);
        }
        std::mem::take(&mut peer.assumed)
    }

    /// If too many stations have become peers without being asked, the one that was silent for the
    /// longest time is forgotten.
    fn make_room(&mut self, now: Instant) {
        if self.peers.len() >= MAX_UNASKED_PEERS
            && let Some(silent) = self.peers.iter().min_by_key(|peer| peer.last_heard)
        {
            self.remove_peer(now, silent.address);
        }
    }

    /// No more data to and from a station; what waits for it is dropped.
    pub(crate) fn remove_peer(&mut self, now: Instant, address: MacAddr) {
        let Some(index) = self.peers.iter().position(|peer| peer.address == address) else {
            return;
        };
        let mut peer = self.peers.swap_remove(index);
        self.rider.peer_left(now, address);
        for recipient in peer.recipients.iter_mut().flatten() {
            recipient.reorder.flush(|_| {});
        }
        if let Exchange::Awaiting(awaiting) = self.exchange
            && self.queues.streams[awaiting.stream].receiver == address
        {
            // What the answer would have settled is gone.
            self.exchange =
                Exchange::Sending { function: awaiting.txop.function, until: awaiting.deadline };
        }
        for frame in self.queues.remove(address) {
            self.dropped(address, frame, DropReason::NoRoute);
        }
    }

    /// The TID of a packet to a receiver: its priority, if both have QoS.
    fn tid(&self, receiver: MacAddr, priority: u8) -> Option<u8> {
        let qos =
            self.config.capabilities.qos && self.peer(receiver).is_some_and(|peer| peer.common.qos);
        qos.then_some(priority & 7)
    }

    /// Queues a packet for a peer or a group.
    pub(crate) fn send_msdu(&mut self, now: Instant, receiver: MacAddr, msdu: Msdu) {
        if msdu.payload.len() + Snap::HEADER_LEN > MAX_MSDU {
            self.drop_msdu(&msdu, DropReason::TooLong);
            return;
        }
        if receiver.is_group() {
            self.queue_msdu(now, receiver, msdu);
        } else if let Some(msdu) = self.rider.hold(now, receiver, msdu) {
            self.queue_msdu(now, receiver, msdu);
        }
        self.collect_from_rider(now);
    }

    fn queue_msdu(&mut self, now: Instant, receiver: MacAddr, msdu: Msdu) {
        // All groups share a stream: theirs is the order that counts, and there is no end of them.
        let receiver = if receiver.is_group() { MacAddr::BROADCAST } else { receiver };
        let tid = self.tid(receiver, msdu.priority);
        let category = self.category(AccessCategory::of_tid(msdu.priority & 7));
        let destination = msdu.destination;
        if let Err(why) = self.queue(now, receiver, tid, category, Content::Msdu(msdu)) {
            self.count_drop(why);
            self.outputs.push_back(Output::Notify(Notice::Dropped { destination, why }));
        }
    }

    /// Queues a management frame.
    pub(crate) fn send_management(
        &mut self,
        now: Instant,
        receiver: MacAddr,
        bssid: MacAddr,
        subtype: ManagementSubtype,
        body: Vec<u8>,
    ) {
        let content = Content::Management { subtype, bssid, body };
        self.queue_unlimited(now, receiver, content);
    }

    /// Queues a frame that has nothing but its power management bit.
    pub(crate) fn send_null(&mut self, now: Instant, receiver: MacAddr) {
        self.queue_unlimited(now, receiver, Content::Null);
    }

    /// Asks an AP for a frame that it holds back.
    pub(crate) fn send_ps_poll(&mut self, now: Instant, receiver: MacAddr, aid: u16) {
        self.queue_unlimited(now, receiver, Content::PsPoll { aid });
    }

    /// Queues a frame of our own, which goes with the highest priority. One too many is dropped
    /// silently, as if the air had lost it.
    fn queue_unlimited(&mut self, now: Instant, receiver: MacAddr, content: Content) {
        let category = self.category(Some(AccessCategory::Voice));
        let _ = self.queue(now, receiver, None, category, content);
    }

    /// Whether a frame of our own, not of the host, waits for a receiver.
    pub(crate) fn is_answering(&self, receiver: MacAddr) -> bool {
        let mut frames = self.queues.frames_for(receiver);
        frames.any(|frame| !matches!(frame.content, Content::Msdu(_)))
    }

    /// Passes a packet to the host.
    pub(crate) fn deliver(&mut self, msdu: Msdu) {
        self.counters.delivered += 1;
        self.outputs.push_back(Output::Deliver(msdu));
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notify(notice));
    }

    /// DCF has one function for everything.
    fn category(&self, category: Option<AccessCategory>) -> AccessCategory {
        let category = category.filter(|_| self.config.edca.is_some());
        category.unwrap_or(AccessCategory::BestEffort)
    }

    fn queue(
        &mut self,
        now: Instant,
        receiver: MacAddr,
        tid: Option<u8>,
        category: AccessCategory,
        content: Content,
    ) -> Result<(), DropReason> {
        let function = Function::Category(category);
        let was_empty = !self.queues.is_eligible(category);
        let held = match receiver.is_group() {
            true => self.groups_held,
            false => self.peer(receiver).is_some_and(|peer| peer.sleeps),
        };
        let stream = self.queues.stream(receiver, tid, category, held);
        self.queues.push(now, stream, content)?;
        if was_empty && self.queues.is_eligible(category) {
            let busy = self.access.medium().is_busy(now);
            self.access.contender(function).frame_arrived(busy, &mut self.rng);
        }
        Ok(())
    }

    /// Queues what the rider no longer holds back, and passes up what rode here.
    pub(crate) fn collect_from_rider(&mut self, now: Instant) {
        while let Some((receiver, msdu)) = self.rider.release(now) {
            self.queue_msdu(now, receiver, msdu);
        }
        while let Some(msdu) = self.rider.deliver() {
            self.upward.push_back(Upward::Msdu(msdu));
        }
    }

    fn newly_eligible(&mut self, now: Instant, before: [bool; 4]) {
        let busy = self.access.medium().is_busy(now);
        for (category, before) in AccessCategory::ALL.into_iter().zip(before) {
            if !before && self.queues.is_eligible(category) {
                let contender = self.access.contender(Function::Category(category));
                contender.frame_arrived(busy, &mut self.rng);
            }
        }
    }

    /// The AP has told how its stations contend. To a station without QoS it means nothing.
    pub(crate) fn set_edca(&mut self, records: &EdcaRecords) {
        if self.config.edca.is_some() {
            self.config.edca = Some(*records);
            self.access.set_edca(records);
        }
    }

    /// Gives a PPDU to the PHY. When it will be over.
    fn transmit(
        &mut self,
        now: Instant,
        start: Instant,
        txvector: TxVector,
        psdu: Vec<u8>,
    ) -> Instant {
        let end = start + self.airtime(txvector.rate, psdu.len());
        self.access.transmit(now, start, end);
        self.outputs.push_back(Output::Transmit(TxPpdu {
            start,
            txvector,
            psdu: Bytes::from(psdu),
        }));
        end
    }

    fn airtime(&self, rate: Rate, psdu_len: usize) -> Duration {
        txtime(rate, self.config.bandwidth, psdu_len)
    }

    /// A TXVECTOR. In a channel of 40 MHz what is not HT goes out in both halves, and HT PPDUs of
    /// 20 MHz in the lower one, which is the primary.
    fn txvector(&mut self, rate: Rate, aggregation: bool) -> TxVector {
        let narrow = matches!(rate, Rate::Ht(HtRate { width: HtWidth::Mhz20, .. }));
        let placement = match self.config.bandwidth {
            Bandwidth::Mhz40 if narrow => Placement::Lower,
            _ => Placement::Whole,
        };
        let scrambler_init = self.rng.random_range(1..=127);
        TxVector { rate, placement, aggregation, scrambler_init }
    }

    fn next_sequence(&mut self) -> SequenceNumber {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.next();
        sequence
    }

    /// The BSS of management frames to and from another station.
    pub(crate) fn bssid(&self, other: MacAddr) -> MacAddr {
        match self.direction {
            Direction::FromAp => self.config.address,
            Direction::ToAp => other,
            Direction::Direct { bssid } => bssid,
        }
    }

    pub(crate) fn drop_msdu(&mut self, msdu: &Msdu, why: DropReason) {
        self.count_drop(why);
        let destination = msdu.destination;
        self.outputs.push_back(Output::Notify(Notice::Dropped { destination, why }));
    }

    /// Tells of a frame that was given up.
    fn dropped(&mut self, receiver: MacAddr, frame: Outgoing, why: DropReason) {
        match frame.content {
            Content::Msdu(msdu) => self.drop_msdu(&msdu, why),
            content => {
                self.upward.push_back(Upward::Sent { receiver, content, acknowledged: false });
            }
        }
    }

    fn count_drop(&mut self, why: DropReason) {
        let counters = &mut self.counters;
        *match why {
            DropReason::QueueFull => &mut counters.dropped_queue_full,
            DropReason::RetryLimit => &mut counters.dropped_retry_limit,
            DropReason::Lifetime => &mut counters.dropped_lifetime,
            DropReason::NoRoute | DropReason::TooLong => &mut counters.dropped_other,
        } += 1;
    }

    /// Packets queued in a category, those in flight included.
    pub(crate) fn queued(&self, category: AccessCategory) -> usize {
        self.queues.packets(category)
    }

    fn receiver_of(&self, stream: StreamIndex) -> MacAddr {
        self.queues.streams[stream].receiver
    }
}
