//! The flows of the end that sends ACKs: which may ride, and from which reference.
//!
//! A flow rides when none of its native packets is in flight, so that an ACK cannot overtake
//! another, and when the peer is known to have a native ACK of it to start from. Flows with the same
//! CID ride side by side unless their references have the same CRC, too: then the incumbent keeps
//! both and the newcomer waits. docs/ack-group.md sections 6 and 8.

use super::chain::{Chain, Slot};
use super::crc16::Crc16;
use super::directory::MAX_FLOWS;
use super::effect::Effect;
use super::fields::Fields;
use super::flow_key::FlowKey;
use super::packet::{Packet, Template};
use super::record::FlowState;

/// Packets of other flows after which a flow is idle, and its place may be taken.
const IDLE_AFTER: u64 = 256;

/// Places for what was found last.
const PLACES: usize = 64;

/// Why a packet is sent natively.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Not TCP in IPv4 or IPv6, a fragment, or behind extension headers.
    NotTcp,
    /// TCP, but with payload, SYN, FIN, RST, URG, or options laid out in an unusual way.
    NotPureAck,
    /// Rebuilt from its context it would not be the same: a wrong checksum, another IPv6 flow
    /// label, timestamps that come or go.
    Uncodable,
    /// No native ACK of the flow is known to be with the peer.
    NoReference,
    /// Native packets of the flow are in flight.
    InFlight,
    /// Another flow has the CID, and a reference with the same CRC.
    CidTaken,
    /// It looks like an earlier ACK, so that the peer could not tell a copy from a new one.
    Indistinct,
    /// As many ACKs are held as can be.
    Full,
    /// As many flows are known as can be.
    TooManyFlows,
    /// Whoever sends it does not want it to ride.
    Unwanted,
}

/// A flow.
#[derive(Debug, Clone, Copy)]
struct Sender {
    cid: u8,
    /// Of the last pure ACK that was sent natively, the reference.
    template: Template,
    /// The CRC-16 of the reference.
    reference_crc: u16,
    /// Its fields, if the peer has it.
    heard: Option<Fields>,
    in_flight: u32,
    held: u32,
    /// The last ACK, on whichever way.
    last: Fields,
    /// Whether the last ACK rode and is confirmed, and there was no drain since.
    has_ridden: bool,
    /// When it was last seen, in packets.
    seen: u64,
}

/// All flows.
#[derive(Debug, Clone)]
pub struct Senders {
    senders: Vec<Sender>,
    /// Their keys, which are looked through for most packets.
    keys: Vec<FlowKey>,
    now: u64,
    /// Flows by their keys' places, of each place the last one that was found.
    recent: [u8; PLACES],
}

/// Why not, and whether ACKs of the flow are held.
pub type Refusal = (Reason, bool);

impl Senders {
    pub fn new() -> Self {
        let (senders, keys) = (Vec::with_capacity(MAX_FLOWS), Vec::with_capacity(MAX_FLOWS));
        Self { senders, keys, now: 0, recent: [0; PLACES] }
    }

    /// Decides whether a packet rides; `fields` are those of a pure ACK. If it does it counts as
    /// held, by the flow that is returned; else as in flight, unless ACKs of its flow are held.
    #[inline(always)]
    pub fn admit(
        &mut self,
        packet: &[u8],
        fields: Option<&Fields>,
        is_full: bool,
        chain: &mut Chain<()>,
    ) -> Result<usize, Refusal> {
        let Some(key) = &FlowKey::of(packet) else { return Err((Reason::NotTcp, false)) };
        self.now += 1;
        let Some(flow) = self.find(key) else {
            let reason = match fields {
                None => Reason::NotPureAck,
                Some(fields) if self.insert(*key, fields, packet, chain) => Reason::NoReference,
                Some(_) => Reason::TooManyFlows,
            };
            return Err((reason, false));
        };
        let obstacle = match fields {
            None => Some(Reason::NotPureAck),
            Some(fields) => self.obstacle(flow, fields, packet, is_full, chain),
        };
        let Some(reason) = obstacle else {
            let sender = &mut self.senders[flow];
            sender.seen = self.now;
            sender.held += 1;
            sender.last = *fields.expect("a packet without fields has an obstacle");
            return Ok(flow);
        };
        Err(self.refuse(flow, reason, packet, fields, chain))
    }

    /// A packet goes natively though it might ride.
    pub fn pass(
        &mut self,
        packet: &[u8],
        fields: Option<&Fields>,
        chain: &mut Chain<()>,
    ) -> Refusal {
        let Some(key) = FlowKey::of(packet) else { return (Reason::NotTcp, false) };
        self.now += 1;
        if let Some(flow) = self.find(&key) {
            return self.refuse(flow, Reason::Unwanted, packet, fields, chain);
        }
        let known = fields.is_some_and(|fields| self.insert(key, fields, packet, chain));
        (if known { Reason::NoReference } else { Reason::Unwanted }, false)
    }

    /// A packet of a known flow goes natively, unless ACKs of the flow are held.
    #[cold]
    fn refuse(
        &mut self,
        flow: usize,
        reason: Reason,
        packet: &[u8],
        fields: Option<&Fields>,
        chain: &mut Chain<()>,
    ) -> Refusal {
        let sender = &mut self.senders[flow];
        sender.seen = self.now;
        if sender.held > 0 {
            return (reason, true);
        }
        sender.in_flight += 1;
        // What rode before has been overtaken.
        sender.has_ridden = false;
        if let Some(fields) = fields {
            sender.sent_natively(fields, packet);
        }
        if matches!(reason, Reason::Uncodable | Reason::Unwanted) {
            // What does not change within a chain may have: it starts again from this.
            chain.forget(flow);
        }
        (reason, false)
    }

    /// What an ACK that rides does to the CRC of a chain.
    #[inline(always)]
    pub fn effect(&self, flow: usize, packet: &[u8]) -> Effect {
        self.senders[flow].template.effect(packet)
    }

    /// What keeps a pure ACK of a known flow from riding.
    #[inline(always)]
    fn obstacle(
        &self,
        flow: usize,
        fields: &Fields,
        packet: &[u8],
        is_full: bool,
        chain: &Chain<()>,
    ) -> Option<Reason> {
        let sender = &self.senders[flow];
        let has_template = fields.has_timestamps == sender.last.has_timestamps;
        if !has_template || !sender.template.fits(packet) {
            return Some(Reason::Uncodable);
        }
        if sender.in_flight > 0 {
            return Some(Reason::InFlight);
        }
        if !chain.has(flow) && sender.held == 0 {
            if sender.heard.is_none() {
                return Some(Reason::NoReference);
            }
            if let Some(reason) = self.obstacle_to_introduction(flow) {
                return Some(reason);
            }
        }
        if !fields.is_distinct_after(&sender.last) {
            return Some(Reason::Indistinct);
        }
        is_full.then_some(Reason::Full)
    }

    /// What keeps a flow whose reference is heard from being introduced.
    #[cold]
    fn obstacle_to_introduction(&self, flow: usize) -> Option<Reason> {
        let name = self.introduction(flow);
        let is_namesake = |other: usize| other != flow && self.introduction(other) == name;
        if (0..self.senders.len()).any(is_namesake) {
            return Some(Reason::CidTaken);
        }
        // Those that wait to ride stay in the chain when it is full.
        let held = self.senders.iter().filter(|sender| sender.held > 0).count();
        (held == MAX_FLOWS).then_some(Reason::TooManyFlows)
    }

    pub fn native_done(&mut self, packet: &[u8], was_heard: bool) {
        let Some(flow) = FlowKey::of(packet).and_then(|key| self.find(&key)) else { return };
        let sender = &mut self.senders[flow];
        sender.in_flight = sender.in_flight.saturating_sub(1);
        if was_heard && packet == sender.template.reference() {
            sender.heard = Fields::parse(packet);
        }
    }

    /// The first ACK of a flow that is held is confirmed.
    pub fn confirmed(&mut self, flow: usize) {
        let sender = &mut self.senders[flow];
        sender.held -= 1;
        sender.has_ridden |= sender.held == 0;
    }

    /// An ACK that is held goes natively instead. Returns it.
    pub fn drained(&mut self, flow: usize, fields: &Fields) -> Packet {
        let sender = &mut self.senders[flow];
        sender.held -= 1;
        sender.drained(fields)
    }

    /// Appends the newest ACKs of flows of which none was unconfirmed.
    pub fn drain_newest(&mut self, drained: &mut Vec<Packet>) {
        for sender in self.senders.iter_mut().filter(|sender| sender.has_ridden) {
            let newest = sender.last;
            drained.push(sender.drained(&newest));
        }
    }

    /// How a flow is introduced in a section: its CID, and the CRC-16 of its reference.
    pub fn introduction(&self, flow: usize) -> (u8, u16) {
        (self.senders[flow].cid, self.senders[flow].reference_crc)
    }

    /// The slot of the flow that is introduced like this.
    pub fn introduced(&self, cid: u8, crc: u16) -> Option<Slot<()>> {
        let flow = (0..self.senders.len()).find(|&flow| self.introduction(flow) == (cid, crc))?;
        let sender = &self.senders[flow];
        let fields = sender.heard?;
        let headers_len = sender.template.headers_len(fields.has_timestamps);
        Some(Slot::new(flow, (), FlowState::new(fields, headers_len)))
    }

    pub fn knows(&self, key: &FlowKey) -> bool {
        self.keys.contains(key)
    }

    #[inline(always)]
    fn find(&mut self, key: &FlowKey) -> Option<usize> {
        let recent = &mut self.recent[key.place(PLACES)];
        if self.keys.get(usize::from(*recent)).is_some_and(|other| other.is(key)) {
            return Some(usize::from(*recent));
        }
        let flow = self.keys.iter().position(|other| other == key)?;
        *recent = flow as u8;
        Some(flow)
    }

    /// Whether nothing of a flow is on its way and it was not seen for long.
    fn is_idle(&self, flow: usize) -> bool {
        let sender = &self.senders[flow];
        sender.held == 0 && self.now - sender.seen > IDLE_AFTER
    }

    /// Takes in a flow with its first pure ACK, which is sent natively.
    #[cold]
    fn insert(
        &mut self,
        key: FlowKey,
        fields: &Fields,
        packet: &[u8],
        chain: &mut Chain<()>,
    ) -> bool {
        let sender = Sender {
            cid: key.cid(),
            template: Template::new(Packet::new(packet)),
            reference_crc: Crc16::of(packet).0,
            heard: None,
            in_flight: 1,
            held: 0,
            last: *fields,
            has_ridden: false,
            seen: self.now,
        };
        if self.senders.len() < MAX_FLOWS {
            self.senders.push(sender);
            self.keys.push(key);
            return true;
        }
        let idle = (0..self.senders.len()).filter(|&flow| self.is_idle(flow));
        let Some(flow) = idle.min_by_key(|&flow| self.senders[flow].seen) else { return false };
        chain.forget(flow);
        self.senders[flow] = sender;
        self.keys[flow] = key;
        true
    }
}

impl Sender {
    /// An ACK that was to ride goes natively: it is built again from what it was found to fit.
    fn drained(&mut self, fields: &Fields) -> Packet {
        let mut packet = Packet::EMPTY;
        self.template.build(fields, &mut packet);
        self.has_ridden = false;
        self.in_flight += 1;
        self.sent_natively(fields, packet.bytes());
        packet
    }

    /// An ACK goes natively: the flow starts from it once the peer has it.
    fn sent_natively(&mut self, fields: &Fields, packet: &[u8]) {
        self.last = *fields;
        self.template = Template::new(Packet::new(packet));
        self.reference_crc = Crc16::of(packet).0;
        self.heard = None;
    }
}
