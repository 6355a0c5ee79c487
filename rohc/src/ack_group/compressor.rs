//! The end that has ACKs to send: pending, unconfirmed, gone. docs/ack-group.md section 6.
//!
//! Which packets may ride at all is decided in [`senders`](super::senders).

use std::collections::VecDeque;

use super::chain::Chain;
use super::crc16::Crc16;
use super::directory::{self, Group, MAX_ACKS, MAX_FLOWS, Source};
use super::effect::Effect;
use super::fields::Fields;
use super::flow_key::FlowKey;
use super::frame::{Frame, MAX_SECTION_LEN, MAX_SECTIONS, SectionNumber, overhead};
use super::model::Backup;
use super::packet::Packet;
use super::range_coder::{Encoder, MAX_ENDING};
use super::ring::Ring;
use super::senders::{Reason, Senders};

/// An ACK that takes more bytes than this has next to nothing in common with the one before.
const ROOM_FOR_ONE: usize = 64;
/// Nor have several that take this many more for each further one.
const ROOM_FOR_MORE: usize = 9;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The ACK rides: the compressor has it, and it must not be sent otherwise.
    Ride,
    /// The packet is to be sent natively.
    Native(Reason),
    /// The packet cannot ride, but earlier ACKs of its flow are held and must go first: drain, then
    /// compress it again. Until then there is no frame.
    DrainFirst(Reason),
}

/// Names a frame when its fate is known. It stands for all sections up to its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameId(u32);

/// A section that is not confirmed.
#[derive(Debug, Clone)]
struct Section {
    buffer: Box<[u8]>,
    len: usize,
    /// ACKs in it.
    acks: usize,
    starts_chain: bool,
    /// CRC of the chain up to its end.
    crc: Crc16,
}

impl Section {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// An ACK that is pending or in an unconfirmed section.
#[derive(Debug, Clone, Copy)]
struct Held {
    flow: usize,
    fields: Fields,
    /// What the packet does to the chain's CRC.
    effect: Effect,
}

impl Held {
    const NOTHING: Self = Self { flow: 0, fields: Fields::NOTHING, effect: Effect::NONE };
}

/// Takes pure ACKs in and gives frames out, until what they carry is confirmed or drained.
///
/// All packets that the host sends to the peer must pass [`compress`](Self::compress), in their
/// order, and what becomes of the native ones must be told to
/// [`native_done`](Self::native_done): that is how flows start to ride, and how they stay in order.
#[derive(Debug, Clone)]
pub struct Compressor {
    senders: Senders,
    chain: Chain<()>,
    /// The chain before the section that is being written, in case it is too long.
    backup: Chain<()>,
    /// Unconfirmed ACKs, section by section, then pending ones, as they came.
    held: Ring<Held>,
    /// Unconfirmed sections, and after them buffers of former ones.
    sections: VecDeque<Section>,
    unconfirmed: usize,
    /// Index of the next section.
    next_index: u32,
    is_fresh: bool,
    /// Nothing goes on but for a drain.
    must_drain: bool,
    unheard: u32,
    groups: Vec<Group>,
    frame: Vec<u8>,
    drained: Vec<Packet>,
}

impl Default for Compressor {
    fn default() -> Self {
        Self::new()
    }
}

impl Compressor {
    /// A compressor for a peer that was just met.
    pub fn new() -> Self {
        let section = || Section {
            buffer: Box::new([0; MAX_SECTION_LEN + MAX_ENDING]),
            len: 0,
            acks: 0,
            starts_chain: false,
            crc: Crc16::START,
        };
        Self {
            senders: Senders::new(),
            chain: Chain::new(),
            backup: Chain::new(),
            held: Ring::new(MAX_ACKS, Held::NOTHING),
            sections: (0..MAX_SECTIONS).map(|_| section()).collect(),
            unconfirmed: 0,
            next_index: 0,
            is_fresh: true,
            must_drain: false,
            unheard: 0,
            groups: Vec::with_capacity(MAX_FLOWS),
            frame: Vec::with_capacity(MAX_SECTIONS * (MAX_SECTION_LEN + 1) + 3),
            drained: Vec::with_capacity(2 * MAX_ACKS),
        }
    }

    /// Decides how a packet travels. A native one counts as in flight from now on.
    pub fn compress(&mut self, packet: &[u8]) -> Verdict {
        let is_full = self.held.is_full();
        let fields = Fields::parse(packet);
        match self.senders.admit(packet, fields.as_ref(), is_full, &mut self.chain) {
            Ok(flow) => {
                let held = self.held.push();
                held.flow = flow;
                held.fields = fields.expect("what rides was parsed");
                held.effect = self.senders.effect(flow, packet);
                Verdict::Ride
            }
            Err((reason, false)) => Verdict::Native(reason),
            Err((reason, true)) => {
                self.must_drain = true;
                Verdict::DrainFirst(reason)
            }
        }
    }

    /// As [`compress`](Self::compress), of a packet that is to go natively in any case.
    pub fn send_natively(&mut self, packet: &[u8]) -> Verdict {
        let fields = Fields::parse(packet);
        let refusal = self.senders.pass(packet, fields.as_ref(), &mut self.chain);
        self.must_drain |= refusal.1;
        match refusal {
            (reason, false) => Verdict::Native(reason),
            (reason, true) => Verdict::DrainFirst(reason),
        }
    }

    /// A native packet was acknowledged by the peer (`was_heard`), or given up.
    pub fn native_done(&mut self, packet: &[u8], was_heard: bool) {
        self.senders.native_done(packet, was_heard);
    }

    /// Whether a flow is known: ACKs of no other come back from a drain.
    pub fn knows(&self, flow: &FlowKey) -> bool {
        self.senders.knows(flow)
    }

    /// Whether there is something to send or to confirm.
    pub fn is_idle(&self) -> bool {
        self.held.len() == 0
    }

    /// Whether there will be no frame before a drain, even if ACKs are pending.
    pub fn must_drain(&self) -> bool {
        self.must_drain
    }

    /// ACKs that are not confirmed.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// ACKs that are in no section yet.
    pub fn pending(&self) -> usize {
        let in_sections: usize = self.unconfirmed().map(|section| section.acks).sum();
        self.held.len() - in_sections
    }

    /// The frame for a link-layer acknowledgment that is sent now, of at most `budget` bytes: all
    /// unconfirmed sections, and one of as many pending ACKs as there is room for.
    pub fn frame(&mut self, budget: usize) -> Option<(&[u8], FrameId)> {
        if self.must_drain {
            return None;
        }
        let mut used = overhead(0);
        let mut count = 0;
        for section in self.unconfirmed() {
            if used + 1 + section.len > budget {
                break;
            }
            used += 1 + section.len;
            count += 1;
        }
        let has_room = count == self.unconfirmed && count < MAX_SECTIONS && used < budget;
        if has_room && self.write_section((budget - used - 1).min(MAX_SECTION_LEN)) {
            count += 1;
        }
        if count == 0 {
            return None;
        }
        let first = self.next_index.wrapping_sub(self.unconfirmed as u32);
        let sections = self.sections.iter().take(count);
        let (head, last) = (&self.sections[0], &self.sections[count - 1]);
        let mut frame = Frame::new(SectionNumber::of(first), head.starts_chain, last.crc);
        sections.for_each(|section| frame.push(section.bytes()));
        frame.emit(&mut self.frame);
        Some((&self.frame, FrameId(first.wrapping_add(count as u32 - 1))))
    }

    /// The peer has shown that it heard this frame.
    pub fn confirm(&mut self, id: FrameId) {
        self.unheard = 0;
        let first = self.next_index.wrapping_sub(self.unconfirmed as u32);
        let confirmed = id.0.wrapping_sub(first).wrapping_add(1);
        // What was confirmed or drained before makes this a huge number.
        if confirmed as usize > self.unconfirmed {
            return;
        }
        for _ in 0..confirmed {
            let section = self.sections.pop_front().expect("as many as are unconfirmed");
            let confirmed = self.held.range(0..section.acks);
            confirmed.for_each(|held| self.senders.confirmed(held.flow));
            self.held.drop_first(section.acks);
            self.sections.push_back(section);
            self.unconfirmed -= 1;
        }
    }

    /// The peer has shown that it did not hear the last frame: what was in it stays unconfirmed
    /// and is in the next one. Returns how many in a row it did not hear, for whoever would rather
    /// drain.
    pub fn not_heard(&mut self) -> u32 {
        self.unheard += 1;
        self.unheard
    }

    /// Takes everything back that is not confirmed, to be sent natively now, in this order; and
    /// the newest ACK of each flow that rode, should the peer not have got what it seemed to
    /// confirm. The peer drops what it has. Flows ride again once these packets are through.
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.drained.clear();
        for held in self.held.range(0..self.held.len()) {
            self.drained.push(self.senders.drained(held.flow, &held.fields));
        }
        self.held.drop_first(self.held.len());
        self.senders.drain_newest(&mut self.drained);
        self.unconfirmed = 0;
        self.unheard = 0;
        self.chain.restart();
        self.is_fresh = true;
        self.must_drain = false;
        self.drained.iter().map(Packet::bytes)
    }

    fn unconfirmed(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().take(self.unconfirmed)
    }

    /// Writes a section of pending ACKs, as many as fit.
    fn write_section(&mut self, room: usize) -> bool {
        let mut acks = self.pending();
        if acks == 0 {
            return false;
        }
        // The copy takes longer than to code an ACK. Those that are all but sure to fit go without:
        // should they not fit, they are drained.
        let has_backup = room < ROOM_FOR_ONE + ROOM_FOR_MORE * (acks - 1);
        if has_backup {
            self.backup.copy_from(&mut self.chain);
        }
        loop {
            let len = self.code_section(acks, room);
            if len.is_some_and(|len| len <= room) {
                break;
            }
            let (Some(len), true) = (len, has_backup) else {
                self.must_drain = true;
                return false;
            };
            self.chain.copy_from(&mut self.backup);
            acks = (acks * room / len).min(acks - 1);
            if acks == 0 {
                return false;
            }
        }
        let section = &mut self.sections[self.unconfirmed];
        section.acks = acks;
        section.starts_chain = self.is_fresh;
        section.crc = self.chain.crc;
        self.is_fresh = false;
        self.unconfirmed += 1;
        self.next_index = self.next_index.wrapping_add(1);
        true
    }

    /// Codes the first pending ACKs, grouped by flow. Returns the length, or early a length that
    /// is beyond `room`; `None` if a flow has lost its place in the chain to newer ones while its
    /// ACKs were waiting for room.
    fn code_section(&mut self, acks: usize, room: usize) -> Option<usize> {
        let start = self.held.len() - self.pending();
        let Self { held, chain, senders, groups, sections, .. } = self;
        let mut order = [0; MAX_ACKS];
        let order = &mut order[..acks];
        list_groups(groups, order, held.range(start..start + acks), chain, senders);
        let mut ordered = order.iter().map(|&at| held.get(start + usize::from(at)));

        let section = &mut sections[self.unconfirmed];
        let mut coder = Encoder::new(&mut section.buffer);
        directory::code(&mut coder, chain.len(), groups).expect("admitted flows fit");
        chain.begin_section(groups, |cid, reference| senders.introduced(cid, reference))?;
        for (at, group) in groups.iter().enumerate() {
            for ack in 0..group.count {
                let held = ordered.next().expect("groups are of these ACKs");
                match ack {
                    0 => chain.code::<_, true>(&mut coder, at, &held.fields),
                    _ => chain.code::<_, false>(&mut coder, at, &held.fields),
                };
                chain.crc = held.effect.on(chain.crc);
                if coder.len() > room {
                    return Some(coder.len());
                }
            }
        }
        section.len = coder.finish();
        Some(section.len)
    }
}

/// The groups of a section of these ACKs, flows of the chain by rank, then new ones; and the order
/// in which the ACKs are in them.
fn list_groups<'a>(
    groups: &mut Vec<Group>,
    order: &mut [u8],
    held: impl Iterator<Item = &'a Held> + Clone,
    chain: &Chain<()>,
    senders: &Senders,
) {
    let mut counts = [0u8; MAX_FLOWS];
    // Flows and ranks as sets of bits, so that what has no ACKs here is passed over at once.
    let mut flows = 0u64;
    for held in held.clone() {
        counts[held.flow] += 1;
        flows |= 1 << held.flow;
    }
    let mut ranks = 0u64;
    for (rank, flow) in chain.flows().enumerate() {
        // A flow that was given up may still have its slot.
        let is_here = flow < MAX_FLOWS && flows >> flow & 1 == 1;
        ranks |= u64::from(is_here) << rank;
    }
    // Where in the order the next ACK of a flow is.
    let mut places = [0u8; MAX_FLOWS];
    let mut listed = 0;
    groups.clear();
    let mut list = |flow: usize, source| {
        groups.push(Group { source, count: usize::from(counts[flow]) });
        places[flow] = listed;
        listed += counts[flow];
    };
    for rank in ones(ranks) {
        let flow = chain.flow(rank);
        flows &= !(1 << flow);
        list(flow, Source::Rank(rank));
    }
    for flow in ones(flows) {
        let (cid, reference) = senders.introduction(flow);
        list(flow, Source::New { cid, reference });
    }
    for (at, held) in held.enumerate() {
        let place = &mut places[held.flow];
        order[usize::from(*place)] = at as u8;
        *place += 1;
    }
}

/// The numbers in a set of bits, rising.
fn ones(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(lowest)
    })
}
