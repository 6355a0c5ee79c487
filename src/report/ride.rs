//! TCP ACKs that ride on responses (TCP/HACK, docs/hack.md), as a recording shows them.

use std::collections::{HashMap, VecDeque};

use mac::{
    Control, ControlBody, ControlSubtype, Data, Frame, FrameKind, MacAddr, SequenceControl, Snap,
    fcs,
};
use rohc::ack_group::{Decompressor, Gap, ListedFlow, Listener, is_pure_ack};
use serde::Serialize;

use super::record::FrameRecord;

/// What rides on a response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RideRecord {
    /// Bytes between the last field of the response and its FCS.
    pub bytes: usize,
    /// Whether they are an ACK group, as far as their layout tells.
    pub is_ack_group: bool,
    /// Whether the first section starts a chain.
    pub starts_chain: bool,
    /// The sections.
    pub sections: Vec<SectionRecord>,
    /// ACKs that did not ride before; `null` if that cannot be told.
    pub new_acks: Option<usize>,
    /// The CRC over all rebuilt ACKs: `"ok"`, `"wrong"`, or `"not checked"` where the recording does
    /// not have the native ACKs and the rides before.
    pub crc: &'static str,
}

/// A batch of ACKs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SectionRecord {
    /// Its number, modulo 32.
    pub number: u8,
    /// Bytes.
    pub bytes: usize,
    /// Whether it rode before.
    pub repeated: bool,
    /// Whose ACKs it has; `null` if sections before it are missing.
    pub flows: Option<Vec<FlowRecord>>,
}

/// The ACKs of a flow in a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowRecord {
    /// Rank among the flows of the chain; `null` if it is new there.
    pub rank: Option<u8>,
    /// CID of a new flow.
    pub cid: Option<u8>,
    /// How many.
    pub acks: usize,
}

/// Follows what rides through a recording.
#[derive(Default)]
pub struct Rides {
    /// By who holds ACKs and whom they ride to.
    ends: HashMap<(MacAddr, MacAddr), End>,
    /// Whom each station last sent something to: an Ack does not tell who sends it.
    last_to: HashMap<MacAddr, MacAddr>,
}

/// The end that ACKs ride to, as a third station makes it out.
#[derive(Default)]
struct End {
    listener: Listener,
    decompressor: Decompressor,
    /// Of the last native ACKs.
    numbers: VecDeque<SequenceControl>,
}

/// More pairs of stations than that are not followed: whoever forges addresses must not fill the
/// memory.
const MAX_ENDS: usize = 64;
/// A Block Ack window.
const MAX_NUMBERS: usize = 64;

impl Rides {
    /// Looks at the next frame of a recording, and tells what rides on it.
    pub fn follow(&mut self, record: &FrameRecord) -> Option<RideRecord> {
        let psdu = record.psdu.as_deref()?;
        match &record.aggregate {
            Some(aggregate) => {
                let good = aggregate.mpdus.iter().filter(|mpdu| mpdu.fcs_ok);
                for mpdu in good.filter_map(|mpdu| fcs::strip(&psdu[mpdu.range()])) {
                    self.follow_mpdu(mpdu);
                }
                None
            }
            None => self.follow_mpdu(fcs::strip(psdu)?),
        }
    }

    fn follow_mpdu(&mut self, mpdu: &[u8]) -> Option<RideRecord> {
        let frame = Frame::parse(mpdu).ok()?;
        if let (Some(from), Some(to)) = (frame.transmitter(), frame.receiver())
            && (self.last_to.len() < MAX_ENDS || self.last_to.contains_key(&from))
        {
            self.last_to.insert(from, to);
        }
        match frame {
            Frame::Data(data) => {
                self.native(&data);
                None
            }
            Frame::Control(control) => self.ride(&control),
            Frame::Management(_) | Frame::Other { .. } => None,
        }
    }

    /// Packets that go natively, from which contexts are learnt.
    fn native(&mut self, data: &Data<'_>) {
        let header = &data.header;
        if header.frame_control.protected() {
            return;
        }
        let Ok(Snap { payload, .. }) = Snap::parse(data.body) else { return };
        if !is_pure_ack(payload) {
            return;
        }
        if let Some(end) = self.end(header.transmitter, header.receiver) {
            end.native(header.frame_control.retry(), header.sequence_control, payload);
        }
    }

    fn ride(&mut self, control: &Control<'_>) -> Option<RideRecord> {
        let is_response = matches!(
            control.frame_control.kind(),
            FrameKind::Control(ControlSubtype::Ack | ControlSubtype::BlockAck)
        );
        let riders = control.trailing;
        if !is_response || riders.is_empty() {
            return None;
        }
        let taker = control.receiver;
        let holder = match control.body {
            ControlBody::Ack => self.last_to.get(&taker).copied(),
            _ => control.transmitter(),
        };
        let end = holder.and_then(|holder| self.end(holder, taker));
        Some(end.map_or_else(|| RideRecord::unread(riders), |end| end.ride(riders)))
    }

    fn end(&mut self, holder: MacAddr, taker: MacAddr) -> Option<&mut End> {
        let pair = (holder, taker);
        let has_room = self.ends.len() < MAX_ENDS || self.ends.contains_key(&pair);
        has_room.then(|| self.ends.entry(pair).or_default())
    }
}

impl End {
    /// A pure ACK came natively. A MAC passes up only the first of several copies.
    fn native(&mut self, is_retry: bool, number: SequenceControl, packet: &[u8]) {
        if is_retry && self.numbers.contains(&number) {
            return;
        }
        if self.numbers.len() == MAX_NUMBERS {
            self.numbers.pop_front();
        }
        self.numbers.push_back(number);
        self.decompressor.native_seen(packet);
    }

    fn ride(&mut self, riders: &[u8]) -> RideRecord {
        let Some(listing) = self.listener.hear(riders) else { return RideRecord::unread(riders) };
        let crc = match self.decompressor.frame_received(riders).map(|acks| acks.len()) {
            Ok(_) => "ok",
            Err(Gap::Crc) => "wrong",
            Err(_) => "not checked",
        };
        let sections = listing.sections.iter().map(|section| SectionRecord {
            number: section.number,
            bytes: section.len,
            repeated: section.repeated,
            flows: section.flows.as_ref().map(|flows| {
                let record = |flow: &ListedFlow| FlowRecord {
                    rank: flow.rank,
                    cid: flow.cid,
                    acks: flow.acks,
                };
                flows.iter().map(record).collect()
            }),
        });
        RideRecord {
            bytes: riders.len(),
            is_ack_group: true,
            starts_chain: listing.starts_chain,
            sections: sections.collect(),
            new_acks: listing.new_acks(),
            crc,
        }
    }
}

impl RideRecord {
    /// Bytes that nothing is known of.
    fn unread(riders: &[u8]) -> Self {
        Self {
            bytes: riders.len(),
            is_ack_group: false,
            starts_chain: false,
            sections: vec![],
            new_acks: None,
            crc: "not checked",
        }
    }
}

impl std::fmt::Display for RideRecord {
    /// Half a line: how many bytes, what is in them, and whether they are right.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rides {} B", self.bytes)?;
        if !self.is_ack_group {
            return write!(f, ", no ACK group");
        }
        for section in &self.sections {
            write!(f, ", section {}", section.number)?;
            match &section.flows {
                _ if section.repeated => write!(f, " again")?,
                None => write!(f, " of {} B", section.bytes)?,
                Some(flows) => {
                    let flow = |flow: &FlowRecord| match flow.cid {
                        Some(cid) => format!("{} of new CID {cid}", flow.acks),
                        None => flow.acks.to_string(),
                    };
                    let flows: Vec<String> = flows.iter().map(flow).collect();
                    write!(f, ": {} ACKs", flows.join(" + "))?;
                }
            }
        }
        write!(f, ", CRC {}", self.crc)
    }
}
