//! The part of the MAC that all kinds of stations share: channel access, frame exchanges, queues,
//! Block Ack. Who is a member of what is the business of [`bss`](crate::bss), to which this part
//! passes up what it does not decide.

mod agreement;
mod ampdu;
mod enqueue;
mod exchange;
mod pass_up;
mod peers;
mod poll;
mod power_save;
mod receive;
mod respond;
pub(crate) mod reverse;
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
    AccessCategory, Config, Counters, EdcaRecords, Instant, MacAddr, ManagementHeader,
    PhyIndication, Rider, SequenceControl, SequenceNumber, TxPpdu,
};
use exchange::Exchange;
pub(crate) use peers::Strangers;

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

/// The function that contends for riders that go natively if no response comes first.
const RIDERS: Function = Function::Category(AccessCategory::BestEffort);

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
    /// A response with data is allowed.
    grant: Option<reverse::Grant>,
    /// SNS1, the numbers of all frames that have none of their TID (Table 10-5).
    next_sequence: SequenceNumber,
    next_dialog_token: u8,
    /// The last management frame to us, by transmitter and number.
    last_management: Option<(MacAddr, SequenceControl)>,
    /// What rides on the response that is being made; kept for its capacity.
    riders: Vec<u8>,
    /// The rider would send natively if we had the medium.
    rider_waits: bool,
}

impl Lower {
    pub(crate) fn new(config: Config, rider: Box<dyn Rider>, rng: ChaCha8Rng) -> Self {
        let timing = SlotTiming::of(config.bandwidth);
        let mut queues = Queues::new(config.queue_limit, config.schedule, config.lifetime);
        queues.with_ht_control = config.reverse_direction.is_some();
        Self {
            access: ChannelAccess::new(timing, config.edca.as_ref(), config.retry_limit),
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
            grant: None,
            next_sequence: SequenceNumber::default(),
            next_dialog_token: 0,
            last_management: None,
            riders: vec![],
            rider_waits: false,
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
        let grant = self.grant.as_ref().map(reverse::Grant::at);
        let rider = self.rider.next_timeout();
        [exchange, requests.min(), reorder, rider, grant].into_iter().flatten().min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.release_reordered(now);
        self.give_up_agreements(now);
        self.rider.handle_timeout(now);
        self.collect_from_rider(now);
        self.use_grant(now);
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
        let Self { access, queues, beacon, rng, rider_waits, .. } = self;
        let wants = |function| match function {
            RIDERS if *rider_waits => true,
            Function::Category(category) => queues.is_eligible(category),
            Function::Beacon => beacon.is_some(),
        };
        if access.next_ready(wants).is_some_and(|at| at <= now)
            && let Some(function) = access.grant(now, wants, rng)
        {
            self.begin_txop(now, function);
        }
    }

    /// Another MAC of the same radio transmits.
    pub(crate) fn preempted(&mut self, now: Instant) {
        let Self { access, queues, beacon, rng, rider_waits, exchange, .. } = self;
        let idle = matches!(exchange, Exchange::Idle);
        let wants = |function| match function {
            RIDERS if *rider_waits => idle,
            Function::Category(category) => idle && queues.is_eligible(category),
            Function::Beacon => idle && beacon.is_some(),
        };
        access.preempted(now, wants, rng);
    }

    fn wants(&self, function: Function) -> bool {
        match function {
            RIDERS if self.rider_waits => true,
            Function::Category(category) => self.queues.is_eligible(category),
            Function::Beacon => self.beacon.is_some(),
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

    /// Passes a packet to the host.
    pub(crate) fn deliver(&mut self, msdu: Msdu) {
        self.counters.delivered += 1;
        self.outputs.push_back(Output::Deliver(msdu));
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notify(notice));
    }

    pub(crate) fn drop_msdu(&mut self, msdu: &Msdu, why: DropReason) {
        self.count_drop(why);
        self.notify(Notice::Dropped { destination: msdu.destination, why });
    }

    /// Tells of a frame that was given up.
    fn dropped(&mut self, receiver: MacAddr, frame: Outgoing, why: DropReason) {
        match frame.content {
            Content::Msdu(msdu) => {
                self.rider.native_done(receiver, &msdu, false);
                self.drop_msdu(&msdu, why);
            }
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
