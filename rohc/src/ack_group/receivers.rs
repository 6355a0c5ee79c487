//! The flows of the end that gets ACKs: what their native ACKs teach. docs/ack-group.md sections 7
//! and 8.

use super::chain::{Chain, Slot};
use super::crc16::Crc16;
use super::fields::Fields;
use super::flow_key::FlowKey;
use super::packet::{Packet, Template};
use super::record::FlowState;

/// Flows that are known at most: twice as many as the other end has, so that the flow which leaves
/// has long left there.
pub const MAX_RECEIVERS: usize = 128;

/// A flow.
#[derive(Debug, Clone, Copy)]
struct Receiver {
    key: FlowKey,
    cid: u8,
    /// The last native pure ACK, its fields and its CRC-16.
    reference: Option<(Packet, Fields, u16)>,
    /// When it was last seen, in native packets.
    seen: u64,
}

/// All flows.
#[derive(Debug, Clone)]
pub struct Receivers {
    receivers: Vec<Receiver>,
    now: u64,
    /// Where the last packet's flow was.
    recent: usize,
}

impl Receivers {
    pub fn new() -> Self {
        Self { receivers: Vec::with_capacity(MAX_RECEIVERS), now: 0, recent: 0 }
    }

    /// Learns from a native packet. Returns its flow, and in `left` the flow whose place it took.
    pub fn native_seen(
        &mut self,
        packet: &[u8],
        chain: &Chain<Template>,
        left: impl FnOnce(usize),
    ) -> Option<usize> {
        let key = FlowKey::of(packet)?;
        self.now += 1;
        let flow = match self.find(&key) {
            Some(flow) => flow,
            None => {
                let receiver = Receiver { key, cid: key.cid(), reference: None, seen: self.now };
                self.insert(receiver, chain, left)?
            }
        };
        self.recent = flow;
        let receiver = &mut self.receivers[flow];
        receiver.seen = self.now;
        if let Some(fields) = Fields::parse(packet) {
            let crc = Crc16::of(packet).0;
            receiver.reference = Some((Packet::new(packet), fields, crc));
        }
        Some(flow)
    }

    /// The flow that a section introduces by its CID and the CRC-16 of its reference.
    pub fn introduced(&self, cid: u8, crc: u16) -> Option<Slot<Template>> {
        self.receivers.iter().enumerate().find_map(|(flow, receiver)| {
            let (packet, fields, _) =
                receiver.reference.filter(|reference| receiver.cid == cid && reference.2 == crc)?;
            let template = Template::new(packet);
            let headers_len = template.headers_len(fields.has_timestamps);
            Some(Slot::new(flow, template, FlowState::new(fields, headers_len)))
        })
    }

    pub fn knows(&self, key: &FlowKey) -> bool {
        self.find(key).is_some()
    }

    fn find(&self, key: &FlowKey) -> Option<usize> {
        if self.receivers.get(self.recent).is_some_and(|receiver| receiver.key == *key) {
            return Some(self.recent);
        }
        self.receivers.iter().position(|receiver| receiver.key == *key)
    }

    /// Makes room for a flow: the one that was silent longest leaves, if it does not ride.
    fn insert(
        &mut self,
        receiver: Receiver,
        chain: &Chain<Template>,
        left: impl FnOnce(usize),
    ) -> Option<usize> {
        if self.receivers.len() < MAX_RECEIVERS {
            self.receivers.push(receiver);
            return Some(self.receivers.len() - 1);
        }
        let flow = (0..MAX_RECEIVERS)
            .filter(|&flow| !chain.has(flow))
            .min_by_key(|&flow| self.receivers[flow].seen)?;
        self.receivers[flow] = receiver;
        left(flow);
        Some(flow)
    }
}
