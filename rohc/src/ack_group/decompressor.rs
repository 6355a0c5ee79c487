//! The end that gets ACKs: each section once, by its number. docs/ack-group.md section 7.

use super::chain::Chain;
use super::crc16::Crc16;
use super::delivered::Delivered;
use super::directory::{self, Group, MAX_ACKS, MAX_FLOWS};
use super::fields::Fields;
use super::flow_key::FlowKey;
use super::frame::{Frame, MAX_SECTION_LEN, MAX_SECTIONS, SectionNumber};
use super::packet::Template;
use super::range_coder::Decoder;
use super::receivers::Receivers;

/// Sections that are remembered: those that may be repeated, and a frame's new ones, which must not
/// push them out before its CRC is known to be right.
const KNOWN: usize = 2 * MAX_SECTIONS;

/// TCP headers are not longer.
const MAX_TCP_LEN: usize = 60;

/// What a native packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Native {
    /// To be delivered.
    New,
    /// A copy of an ACK that has been delivered from a frame: to be dropped.
    Copy,
}

/// Why nothing of a frame was delivered. Whatever the reason, the peer is to be made to drain;
/// until it starts anew its frames give nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// The frame is not laid out as frames are.
    #[error("the frame is too short, or its lengths do not add up")]
    Malformed,
    /// Frames were lost that the peer takes for heard.
    #[error("sections are missing: {expected} was expected and {found} came")]
    Missing {
        /// Number of the next section.
        expected: u8,
        /// Number of the frame's first section.
        found: u8,
    },
    /// A section that is repeated is not what it was.
    #[error("section {0} is repeated with other content")]
    Altered(u8),
    /// A flow starts from a native ACK that never came.
    #[error("section {0} refers to a flow that is not known")]
    UnknownReference(u8),
    /// A section is not what any compressor writes.
    #[error("section {0} decodes to nothing that could be sent")]
    Undecodable(u8),
    /// The rebuilt packets are not those that were compressed.
    #[error("the CRC over the rebuilt packets is wrong")]
    Crc,
    /// The chain was broken before.
    #[error("the peer has not started anew since the last gap")]
    Broken,
}

/// A section that was delivered, in case it is repeated.
#[derive(Debug, Clone)]
struct Known {
    bytes: Vec<u8>,
    /// CRC of the chain up to its end.
    crc: Crc16,
}

/// Takes frames and native packets in, and gives each ACK out once.
#[derive(Debug, Clone)]
pub struct Decompressor {
    receivers: Receivers,
    delivered: Delivered,
    chain: Chain<Template>,
    is_whole: bool,
    /// Number of the next section.
    next: SectionNumber,
    /// The last sections of the chain, by number modulo their count.
    known: [Known; KNOWN],
    /// Sections of the chain so far, as far as it matters.
    sections: usize,
    groups: Vec<Group>,
}

impl Default for Decompressor {
    fn default() -> Self {
        Self::new()
    }
}

impl Decompressor {
    /// A decompressor for a peer that was just met.
    pub fn new() -> Self {
        let known = || Known { bytes: Vec::with_capacity(MAX_SECTION_LEN), crc: Crc16::START };
        Self {
            receivers: Receivers::new(),
            delivered: Delivered::new(),
            chain: Chain::new(),
            is_whole: false,
            next: SectionNumber::of(0),
            known: std::array::from_fn(|_| known()),
            sections: 0,
            groups: Vec::with_capacity(MAX_FLOWS),
        }
    }

    /// A native packet is about to be delivered: whether it is new, and what it teaches.
    pub fn native_seen(&mut self, packet: &[u8]) -> Native {
        let Self { receivers, delivered, chain, .. } = self;
        let left = |flow| delivered.forget_flow(flow);
        let Some(flow) = receivers.native_seen(packet, chain, left) else { return Native::New };
        if self.delivered.take_copy(flow, packet) { Native::Copy } else { Native::New }
    }

    /// Whether a flow is known: no frame gives ACKs of any other.
    pub fn knows(&self, flow: &FlowKey) -> bool {
        self.receivers.knows(flow)
    }

    /// What comes in frames can no longer be trusted: the same as a [`Gap`].
    pub fn break_chain(&mut self) {
        self.is_whole = false;
    }

    /// A frame was received, its FCS right. Gives the ACKs that are new, in their flows' order.
    pub fn frame_received(
        &mut self,
        frame: &[u8],
    ) -> Result<impl ExactSizeIterator<Item = &[u8]>, Gap> {
        let outcome = Frame::parse(frame).ok_or(Gap::Malformed).and_then(|frame| self.take(&frame));
        let count = outcome.inspect_err(|_| self.is_whole = false)?;
        Ok(self.delivered.last(count))
    }

    /// Takes a frame in and returns how many ACKs are new.
    fn take(&mut self, frame: &Frame<'_>) -> Result<usize, Gap> {
        let mut behind = self.next.since(frame.first);
        if frame.starts_chain && !self.is_start_of_this_chain(frame, behind) {
            self.chain.restart();
            self.is_whole = true;
            self.sections = 0;
            self.next = frame.first;
            behind = 0;
        }
        if !self.is_whole {
            return Err(Gap::Broken);
        }
        if behind > self.sections {
            let (expected, found) = (self.next.value(), frame.first.value());
            return Err(Gap::Missing { expected, found });
        }
        let mut crc = self.chain.crc;
        for (at, section) in frame.sections().iter().take(behind).enumerate() {
            let number = frame.first.after(at);
            let known = &self.known[place(number)];
            if known.bytes != *section {
                return Err(Gap::Altered(number.value()));
            }
            crc = known.crc;
        }
        let mut count = 0;
        let new = frame.sections().get(behind..).unwrap_or_default();
        for (at, section) in new.iter().enumerate() {
            count += self
                .decode(section, self.next.after(at), MAX_ACKS - count)
                .inspect_err(|_| self.delivered.undo(count))?;
            crc = self.chain.crc;
        }
        if crc != frame.crc {
            self.delivered.undo(count);
            return Err(Gap::Crc);
        }
        self.next = self.next.after(new.len());
        self.sections = (self.sections + new.len()).min(MAX_SECTIONS);
        Ok(count)
    }

    /// Rebuilds the ACKs of a new section, `room` of them at most. Returns how many there are.
    fn decode(&mut self, section: &[u8], number: SectionNumber, room: usize) -> Result<usize, Gap> {
        let undecodable = Gap::Undecodable(number.value());
        let Self { receivers, delivered, chain, groups, .. } = self;
        let mut coder = Decoder::new(section);
        groups.clear();
        directory::code(&mut coder, chain.len(), groups).map_err(|_| undecodable)?;
        if groups.iter().map(|group| group.count).sum::<usize>() > room {
            return Err(undecodable);
        }
        chain
            .begin_section(groups, |cid, reference| receivers.introduced(cid, reference))
            .ok_or(Gap::UnknownReference(number.value()))?;
        let mut count = 0;
        for (at, group) in groups.iter().enumerate() {
            for ack in 0..group.count {
                let nothing = &Fields::NOTHING;
                let slot = match ack {
                    0 => chain.code::<_, true>(&mut coder, at, nothing),
                    _ => chain.code::<_, false>(&mut coder, at, nothing),
                };
                let (flow, fields) = (slot.flow, slot.state.last());
                if fields.tcp_len() > MAX_TCP_LEN {
                    delivered.undo(count);
                    return Err(undecodable);
                }
                let packet = delivered.push(flow);
                slot.template.build(fields, packet);
                chain.crc = slot.template.effect(packet.bytes()).on(chain.crc);
                count += 1;
            }
        }
        if !coder.is_canonical() {
            delivered.undo(count);
            return Err(undecodable);
        }
        let known = &mut self.known[place(number)];
        known.bytes.clear();
        known.bytes.extend_from_slice(section);
        known.crc = self.chain.crc;
        Ok(count)
    }

    /// Whether a frame that starts a chain repeats the start of the present one.
    fn is_start_of_this_chain(&self, frame: &Frame<'_>, behind: usize) -> bool {
        behind > 0
            && behind == self.sections
            && self.known[place(frame.first)].bytes == frame.sections()[0]
    }
}

fn place(number: SectionNumber) -> usize {
    usize::from(number.value()) % KNOWN
}
