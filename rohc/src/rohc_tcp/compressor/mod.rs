//! The compressor (RFC 6846 section 5.2): packets in, compressed packets out.
//!
//! It starts each flow with its whole context, sent a few times. From then on it knows in which states
//! the decompressor's context can be, and takes the shortest format that every one of them turns into
//! the packet. In U-mode that certainty comes from repetition and from refreshes; the first feedback
//! switches a flow to O-mode, where acknowledgments narrow the states down and negative ones mend.

mod context;
mod flows;
mod ip_id;
mod stride;

use std::num::NonZeroU32;

use context::{Context, Packet};
use flows::{Flows, flow_hash};

use super::Format;
use super::coder::Writer;
use super::headers::Layout;
use super::ir;
use super::window::MAX_WIDTH;
use crate::cid::{CidOctets, CidSpace};
use crate::feedback::{Feedback, Kind};
use crate::{Error, Native};

/// Parameters of a compressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompressorConfig {
    /// CIDs of the channel, and thus how many flows are compressed at a time. The decompressor must have
    /// the same.
    pub cids: CidSpace,
    /// How often a change is sent before the compressor relies on it, 1 to 8: one more than the number of
    /// packets that may be lost in a row.
    pub repetitions: u8,
    /// In U-mode, packets from one refresh of the whole context (IR) to the next.
    pub ir_refresh: Option<NonZeroU32>,
    /// In U-mode, packets from one refresh of the dynamic context (IR-DYN) to the next.
    pub ir_dyn_refresh: Option<NonZeroU32>,
}

impl Default for CompressorConfig {
    /// Sixteen flows, four repetitions, IR every 1700 packets, IR-DYN every 700.
    fn default() -> Self {
        Self {
            cids: CidSpace::small(15),
            repetitions: 4,
            ir_refresh: NonZeroU32::new(1700),
            ir_dyn_refresh: NonZeroU32::new(700),
        }
    }
}

/// How a flow is operated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// There was no feedback yet.
    #[default]
    Unidirectional,
    /// There is a feedback channel.
    Optimistic,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compressed {
    /// Octets of the compressed packet.
    pub length: usize,
    /// The flow's context.
    pub cid: u16,
    /// The format that was chosen.
    pub format: Format,
}

/// Compresses the packets of one direction of a channel.
#[derive(Debug)]
pub struct Compressor {
    config: CompressorConfig,
    slots: Vec<Slot>,
    flows: Flows,
    /// Packets so far.
    clock: u64,
}

/// One CID in use.
#[derive(Debug)]
struct Slot {
    hash: u64,
    context: Box<Context>,
    mode: Mode,
    /// Asked not to compress the flow.
    rejected: bool,
    used: u64,
    packets: u32,
}

impl Compressor {
    /// A compressor without any context. A context's memory is taken when its CID is first used, and
    /// kept.
    ///
    /// # Panics
    /// If the number of repetitions is not 1 to 8.
    pub fn new(config: CompressorConfig) -> Self {
        assert!((1..=MAX_WIDTH).contains(&config.repetitions.into()), "1 to 8 repetitions");
        let contexts = config.cids.contexts();
        Self { config, slots: Vec::new(), flows: Flows::new(contexts), clock: 0 }
    }

    /// Compresses an IP packet into `wire`.
    ///
    /// # Errors
    /// The reason why the packet has to go as it is. The other side's contexts stay as they are.
    pub fn compress(&mut self, packet: &[u8], wire: &mut [u8]) -> Result<Compressed, Native> {
        let layout = Layout::of_packet(packet)?;
        let packet = Packet::new(packet, &layout)?;
        self.clock += 1;
        let cid = self.cid_for(&packet);
        let slot = &mut self.slots[usize::from(cid)];
        if slot.rejected {
            return Err(Native::Rejected);
        }
        slot.refresh_when_due(&self.config);

        let cid_octets = CidOctets::of(self.config.cids, cid);
        let mut writer = Writer::new(wire.get_mut(cid_octets.room()..).ok_or(Native::Room)?);
        let format = slot.context.compress(&packet, &mut writer)?;
        let length = cid_octets.room() + writer.written();
        slot.packets = slot.packets.wrapping_add(1);
        cid_octets.place(self.config.cids, wire);
        if matches!(format, Format::Ir | Format::IrDyn) {
            ir::seal(cid_octets.room(), &mut wire[..length - packet.payload.len()]);
        }
        Ok(Compressed { length, cid, format })
    }

    /// The CID of a packet's flow; of a new flow, a CID that is free or has not been used for longest.
    fn cid_for(&mut self, packet: &Packet<'_>) -> u16 {
        let hash = flow_hash(packet.layout, packet.octets);
        let slots = &self.slots;
        let known = self.flows.with_hash(hash).find(|cid| {
            let slot = &slots[usize::from(*cid)];
            slot.hash == hash && slot.context.is_for(packet.layout, packet.octets)
        });
        let cid = known.unwrap_or_else(|| self.start_flow(packet, hash));
        self.slots[usize::from(cid)].used = self.clock;
        cid
    }

    fn start_flow(&mut self, packet: &Packet<'_>, hash: u64) -> u16 {
        let repetitions = self.config.repetitions;
        let cid = if self.slots.len() < self.config.cids.contexts() {
            let msn = (hash >> 16) as u16;
            let context = Box::new(Context::new(packet, repetitions, msn));
            self.slots.push(Slot::new(hash, context));
            (self.slots.len() - 1) as u16
        } else {
            let oldest = (0..).zip(&self.slots).min_by_key(|(_, slot)| slot.used);
            let cid = oldest.map_or(0, |(cid, _)| cid);
            let slot = &mut self.slots[usize::from(cid)];
            self.flows.remove(slot.hash, cid);
            // The MSN of a CID goes on with its next flow (section 6.1.1).
            *slot.context = Context::new(packet, repetitions, slot.context.msn());
            slot.start(hash);
            cid
        };
        self.flows.insert(hash, cid);
        cid
    }

    /// Takes in the data of a feedback element (see [`split_element`](crate::feedback::split_element))
    /// from the decompressor of this direction.
    ///
    /// # Errors
    /// If it is malformed or for a CID without context.
    pub fn feedback(&mut self, data: &[u8]) -> Result<Feedback, Error> {
        let feedback = Feedback::read(self.config.cids, data)?;
        let cid = feedback.cid;
        let slot = self.slots.get_mut(usize::from(cid)).ok_or(Error::NoContext { cid })?;
        slot.mode = Mode::Optimistic;
        slot.rejected |= feedback.reject || feedback.context_memory;
        match (feedback.kind, feedback.msn) {
            // Without a valid MSN every negative feedback means that (section 8.3.2.2).
            (Kind::StaticNack, _) | (Kind::Nack, None) => slot.context.refresh_static(),
            (Kind::Nack, Some(_)) => slot.context.refresh_dynamic(),
            (Kind::Ack, Some(msn)) => {
                let age = msn.age(slot.context.msn());
                // What is older than the context may be about the flow that had the CID before.
                if let Some(age) = age.filter(|age| *age < slot.packets as usize) {
                    slot.context.acknowledged(age);
                }
            }
            (Kind::Ack, None) => {}
        }
        Ok(feedback)
    }

    /// How a CID's flow is operated; `None` if the CID is not in use.
    pub fn mode(&self, cid: u16) -> Option<Mode> {
        self.slots.get(usize::from(cid)).map(|slot| slot.mode)
    }
}

impl Slot {
    fn new(hash: u64, context: Box<Context>) -> Self {
        Self { hash, context, mode: Mode::default(), rejected: false, used: 0, packets: 0 }
    }

    /// Starts another flow.
    fn start(&mut self, hash: u64) {
        self.hash = hash;
        self.rejected = false;
        self.packets = 0;
    }

    fn refresh_when_due(&mut self, config: &CompressorConfig) {
        let due = |every: Option<NonZeroU32>| {
            self.packets > 0 && every.is_some_and(|every| self.packets.is_multiple_of(every.get()))
        };
        match self.mode {
            Mode::Optimistic => {}
            Mode::Unidirectional if due(config.ir_refresh) => self.context.refresh_static(),
            Mode::Unidirectional if due(config.ir_dyn_refresh) => self.context.refresh_dynamic(),
            Mode::Unidirectional => {}
        }
    }
}
