//! An ideal link in virtual time: all hear each other at once and without noise. Tests lose PPDUs,
//! damage MPDUs, send PPDUs of their own, and look at all that was on the air.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use mac::{
    AmpduBuilder, AmpduItem, AmpduSubframes, Command, Config, Event, Frame, Instant, Mac, MacAddr,
    Msdu, NoRider, Notice, Output, PhyIndication, Rider, RxPpdu, TxPpdu, fcs,
};
use phy80211::{Bandwidth, Placement, Rate, TxVector, txtime};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What becomes of a PPDU on its way to one station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    /// The PHY finds something, and cannot read it.
    Garbled,
    /// The station does not notice it.
    Unheard,
    /// The FCS of the MPDUs at these places is wrong.
    Damaged(Vec<usize>),
}

/// A PPDU that is or was on the air.
#[derive(Debug, Clone)]
pub struct Sent {
    pub from: Option<usize>,
    pub start: Instant,
    pub end: Instant,
    pub txvector: TxVector,
    /// Its MPDUs, without FCS.
    pub mpdus: Vec<Bytes>,
    psdu: Bytes,
    collided: bool,
}

impl Sent {
    pub fn frames(&self) -> Vec<Frame<'_>> {
        self.mpdus.iter().map(|mpdu| Frame::parse(mpdu).expect("we send whole frames")).collect()
    }

    /// The first frame.
    pub fn frame(&self) -> Frame<'_> {
        self.frames()[0]
    }

    /// What the first frame is called.
    pub fn name(&self) -> &'static str {
        self.frame().kind().name()
    }

    /// The sequence numbers of its MPDUs.
    pub fn numbers(&self) -> Vec<u16> {
        let numbers = self.frames().into_iter().filter_map(|frame| frame.sequence_control());
        numbers.map(|control| control.sequence.value()).collect()
    }

    pub fn airtime(&self) -> Duration {
        self.end - self.start
    }
}

enum Happening {
    Begins(usize),
    /// Carrier sense has noticed it.
    Noticed(usize),
    HeaderKnown(usize),
    Ends(usize),
}

/// A station on the link.
pub struct Node {
    pub mac: Mac,
    pub delivered: Vec<Msdu>,
    pub notices: Vec<(Instant, Notice)>,
    transmits_until: Instant,
    /// PPDUs of others that it notices now.
    noticed: usize,
    told_busy: bool,
}

/// How long carrier sense takes: aCCATime.
const CCA_TIME: Duration = Duration::from_micros(4);
/// Preamble and SIGNAL.
const HEADER: Duration = Duration::from_micros(20);

type Faults = Box<dyn FnMut(&Sent, usize) -> Fate>;

pub struct Air {
    pub now: Instant,
    pub nodes: Vec<Node>,
    /// All that was on the air, in the order of its starts.
    pub log: Vec<Sent>,
    /// How strong what arrives is.
    pub rssi_dbm: f32,
    bandwidth: Bandwidth,
    happenings: BTreeMap<(Instant, u64), Happening>,
    next_happening: u64,
    next_packet: u32,
    faults: Faults,
}

impl Air {
    pub fn new(bandwidth: Bandwidth) -> Self {
        Self {
            now: Instant::ZERO,
            nodes: vec![],
            log: vec![],
            rssi_dbm: -50.0,
            bandwidth,
            happenings: BTreeMap::new(),
            next_happening: 0,
            next_packet: 0,
            faults: Box::new(|_, _| Fate::Arrives),
        }
    }

    pub fn add(&mut self, config: Config) -> usize {
        self.add_with_rider(config, Box::new(NoRider))
    }

    pub fn add_with_rider(&mut self, config: Config, rider: Box<dyn Rider>) -> usize {
        let rng = ChaCha8Rng::seed_from_u64(self.nodes.len() as u64);
        self.nodes.push(Node {
            mac: Mac::new(self.now, config, rider, rng),
            delivered: vec![],
            notices: vec![],
            transmits_until: Instant::ZERO,
            noticed: 0,
            told_busy: false,
        });
        self.nodes.len() - 1
    }

    pub fn address(&self, node: usize) -> MacAddr {
        self.nodes[node].mac.config().address
    }

    /// From now on PPDUs fare as this tells, for each station that might hear them.
    pub fn set_faults(&mut self, faults: impl FnMut(&Sent, usize) -> Fate + 'static) {
        self.faults = Box::new(faults);
    }

    /// A host sends a packet of so many bytes to an address; its number.
    pub fn packet(&mut self, from: usize, destination: MacAddr, priority: u8, len: usize) -> u32 {
        let number = self.next_packet;
        self.next_packet += 1;
        let mut payload = number.to_be_bytes().to_vec();
        payload.resize(len.max(4), 0x5a);
        let source = self.address(from);
        let payload = payload.into();
        let msdu = Msdu { destination, source, priority, ethertype: 0x0800, payload };
        self.tell(from, Event::Msdu(msdu));
        number
    }

    /// Several packets of best effort from station to station.
    pub fn packets(&mut self, from: usize, to: usize, count: usize, len: usize) -> Vec<u32> {
        let destination = self.address(to);
        (0..count).map(|_| self.packet(from, destination, 0, len)).collect()
    }

    pub fn command(&mut self, node: usize, command: Command) {
        self.tell(node, Event::Command(command));
    }

    /// The numbers of the packets that a host has got.
    pub fn received(&self, node: usize) -> Vec<u32> {
        let packets = self.nodes[node].delivered.iter();
        packets.map(|msdu| u32::from_be_bytes(*msdu.payload.first_chunk().unwrap())).collect()
    }

    pub fn notices(&self, node: usize) -> Vec<Notice> {
        self.nodes[node].notices.iter().map(|(_, notice)| notice.clone()).collect()
    }

    /// A PPDU of nobody's, now: one MPDU without FCS, or several as an A-MPDU.
    pub fn inject(&mut self, rate: Rate, mpdus: &[Vec<u8>]) {
        let with_fcs = |mpdu: &Vec<u8>| {
            let mut mpdu = mpdu.clone();
            fcs::append(&mut mpdu, 0);
            mpdu
        };
        let mut psdu = vec![];
        match mpdus {
            [one] => psdu = with_fcs(one),
            several => {
                let mut builder = AmpduBuilder::new(&mut psdu, 0);
                several.iter().for_each(|mpdu| builder.push(&with_fcs(mpdu)));
            }
        }
        let aggregation = mpdus.len() > 1;
        self.inject_psdu(TxVector { aggregation, ..TxVector::new(rate, 1) }, psdu.into());
    }

    pub fn inject_psdu(&mut self, txvector: TxVector, psdu: Bytes) {
        self.transmit(None, TxPpdu { start: self.now, txvector, psdu });
    }

    /// Forgets what was on the air, all of which is over.
    pub fn forget_log(&mut self) {
        if self.happenings.is_empty() {
            self.log.clear();
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    pub fn run_until(&mut self, end: Instant) {
        let mut spins = 0;
        while let Some(at) = self.next_time().filter(|at| *at <= end) {
            spins = if at == self.now { spins + 1 } else { 0 };
            assert!(spins < 10_000, "time stands still at {at}");
            self.now = at;
            self.step();
        }
        self.now = end;
    }

    /// Lets time pass until something is the case.
    pub fn run_till(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let limit = self.now + Duration::from_secs(20);
        while !is_so(self) {
            let next = self.next_time().filter(|at| *at < limit);
            self.now = next.unwrap_or_else(|| panic!("never: {what}"));
            self.step();
        }
    }

    fn next_time(&self) -> Option<Instant> {
        let happening = self.happenings.keys().next().map(|key| key.0);
        let timeouts = self.nodes.iter().filter_map(|node| node.mac.next_timeout());
        let next = happening.into_iter().chain(timeouts).min()?;
        Some(next.max(self.now))
    }

    /// All that happens now: first what arrives, then what stations do of themselves, so that two
    /// of them can begin at once.
    fn step(&mut self) {
        let now = self.now;
        while let Some(entry) = self.happenings.first_entry().filter(|e| e.key().0 <= now) {
            match entry.remove() {
                Happening::Begins(index) => self.begins(index),
                Happening::Noticed(index) => self.noticed(index),
                Happening::HeaderKnown(index) => self.header_known(index),
                Happening::Ends(index) => self.ends(index),
            }
        }
        for node in 0..self.nodes.len() {
            if self.nodes[node].mac.next_timeout().is_some_and(|at| at <= now) {
                self.nodes[node].mac.handle_timeout(now);
                self.drain(node);
            }
        }
    }

    pub fn tell(&mut self, node: usize, event: Event) {
        self.nodes[node].mac.handle(self.now, event);
        self.drain(node);
    }

    fn indicate(&mut self, node: usize, indication: PhyIndication) {
        self.tell(node, Event::Phy(indication));
    }

    fn drain(&mut self, node: usize) {
        while let Some(output) = self.nodes[node].mac.poll() {
            match output {
                Output::Transmit(ppdu) => self.transmit(Some(node), ppdu),
                Output::Deliver(msdu) => self.nodes[node].delivered.push(msdu),
                Output::Notify(notice) => self.nodes[node].notices.push((self.now, notice)),
            }
        }
    }

    fn transmit(&mut self, from: Option<usize>, ppdu: TxPpdu) {
        assert!(ppdu.start >= self.now, "nothing is sent in the past");
        let TxPpdu { start, txvector, psdu } = ppdu;
        let end = start + txtime(txvector.rate, self.bandwidth, psdu.len());
        let mpdus: Vec<Bytes> = match txvector.aggregation {
            true => AmpduSubframes::new(&psdu)
                .filter_map(|item| match item {
                    AmpduItem::Mpdu { bytes, .. } => Some(psdu.slice_ref(bytes)),
                    AmpduItem::Gap { .. } => None,
                })
                .collect(),
            false => vec![psdu.clone()],
        };
        let mpdus =
            mpdus.iter().filter_map(|mpdu| fcs::strip(mpdu).map(|body| mpdu.slice_ref(body)));
        let mpdus = mpdus.collect();
        let index = self.log.len();
        self.log.push(Sent { from, start, end, txvector, mpdus, psdu, collided: false });
        self.at(start, Happening::Begins(index));
        self.at(start + CCA_TIME, Happening::Noticed(index));
        self.at(start + HEADER, Happening::HeaderKnown(index));
        self.at(end, Happening::Ends(index));
    }

    fn at(&mut self, time: Instant, happening: Happening) {
        self.happenings.insert((time, self.next_happening), happening);
        self.next_happening += 1;
    }

    fn begins(&mut self, index: usize) {
        let Sent { from, start, end, .. } = self.log[index];
        if let Some(from) = from {
            assert!(self.nodes[from].transmits_until <= start, "one PPDU at a time");
            self.nodes[from].transmits_until = end;
        }
        // What is older is over.
        let others = (0..self.log.len()).rev().take(32).filter(|&other| other != index);
        let overlapping: Vec<usize> = others
            .filter(|&other| self.log[other].start < end && self.log[other].end > start)
            .collect();
        for other in overlapping {
            self.log[other].collided = true;
            self.log[index].collided = true;
        }
    }

    fn hearers(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        let from = self.log[index].from;
        (0..self.nodes.len()).filter(move |&node| Some(node) != from)
    }

    fn noticed(&mut self, index: usize) {
        for node in self.hearers(index) {
            self.nodes[node].noticed += 1;
            self.tell_cca(node);
        }
    }

    /// Whoever transmits senses nothing.
    fn tell_cca(&mut self, node: usize) {
        let Node { noticed, told_busy, transmits_until, .. } = self.nodes[node];
        let busy = noticed > 0;
        if transmits_until <= self.now && busy != told_busy {
            self.nodes[node].told_busy = busy;
            self.indicate(node, if busy { PhyIndication::CcaBusy } else { PhyIndication::CcaIdle });
        }
    }

    fn header_known(&mut self, index: usize) {
        let Sent { start, end, collided, .. } = self.log[index];
        for node in self.hearers(index) {
            if !collided && self.nodes[node].transmits_until <= start {
                self.indicate(node, PhyIndication::RxStart { until: end });
            }
        }
    }

    fn ends(&mut self, index: usize) {
        for node in self.hearers(index) {
            let sent = self.log[index].clone();
            let fate = (self.faults)(&sent, node);
            if self.nodes[node].transmits_until <= sent.start && fate != Fate::Unheard {
                let indication = match sent.collided || fate == Fate::Garbled {
                    true => PhyIndication::RxError,
                    false => PhyIndication::Rx(received(&sent, &fate, self.rssi_dbm)),
                };
                self.indicate(node, indication);
            }
            self.nodes[node].noticed -= 1;
            self.tell_cca(node);
        }
        if let Some(from) = self.log[index].from {
            self.tell_cca(from);
        }
    }
}

fn received(sent: &Sent, fate: &Fate, rssi_dbm: f32) -> RxPpdu {
    let mut psdu = sent.psdu.to_vec();
    if let Fate::Damaged(places) = fate {
        for &place in places {
            let mpdu = &sent.mpdus[place];
            let at = mpdu.as_ptr() as usize - sent.psdu.as_ptr() as usize;
            // The last byte of the FCS.
            psdu[at + mpdu.len() + 3] ^= 1;
        }
    }
    RxPpdu {
        start: sent.start,
        end: sent.end,
        rate: sent.txvector.rate,
        placement: Placement::Whole,
        aggregation: sent.txvector.aggregation,
        rssi_dbm,
        snr_db: 40.0,
        psdu: psdu.into(),
    }
}
