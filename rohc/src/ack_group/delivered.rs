//! What was delivered from frames, so that native copies of it can be told.
//!
//! The peer drains what it does not know to be delivered, and the newest ACK of each flow. So the
//! last ACKs of all sections that it may hold are kept, and of each flow the newest one.
//! docs/ack-group.md section 7.

use super::directory::MAX_ACKS;
use super::packet::Packet;
use super::receivers::MAX_RECEIVERS;
use super::ring::Ring;

/// ACKs that are kept: as many as the peer can hold, while as many are tried that may turn out
/// wrong.
const KEPT: usize = 2 * MAX_ACKS;

/// What is kept of a flow.
#[derive(Debug, Clone, Copy)]
struct OfFlow {
    /// Its ACKs in the queue.
    queued: usize,
    /// Its newest ACK if that is in the queue no more.
    newest: Packet,
}

const NOTHING: OfFlow = OfFlow { queued: 0, newest: Packet::EMPTY };

/// An ACK that was delivered.
#[derive(Debug, Clone, Copy)]
struct Ack {
    /// Its flow, if a copy may still come.
    flow: Option<u16>,
    packet: Packet,
}

/// The last ACKs that were delivered.
#[derive(Debug, Clone)]
pub struct Delivered {
    queue: Ring<Ack>,
    flows: Vec<OfFlow>,
}

impl Delivered {
    pub fn new() -> Self {
        let ack = Ack { flow: None, packet: Packet::EMPTY };
        Self { queue: Ring::new(KEPT, ack), flows: vec![NOTHING; MAX_RECEIVERS] }
    }

    /// Appends an ACK, which is to be written where this says.
    #[inline]
    pub fn push(&mut self, flow: usize) -> &mut Packet {
        if self.queue.is_full() {
            self.forget_oldest();
        }
        self.flows[flow].queued += 1;
        let ack = self.queue.push();
        ack.flow = Some(flow as u16);
        &mut ack.packet
    }

    /// Takes the last ACKs back: they are not delivered after all.
    pub fn undo(&mut self, count: usize) {
        let Self { queue, flows } = self;
        let undone = queue.range(queue.len() - count..queue.len()).filter_map(|ack| ack.flow);
        undone.for_each(|flow| flows[usize::from(flow)].queued -= 1);
        queue.drop_last(count);
    }

    /// The last ACKs.
    pub fn last(&self, count: usize) -> impl ExactSizeIterator<Item = &[u8]> {
        self.queue.range(self.queue.len() - count..self.queue.len()).map(|ack| ack.packet.bytes())
    }

    /// A native packet of a flow came: whether it is a copy of an ACK that was delivered. The
    /// native packets of a flow are in order, so that no copy can come of what is older.
    pub fn take_copy(&mut self, flow: usize, packet: &[u8]) -> bool {
        let OfFlow { queued, newest } = &mut self.flows[flow];
        let is_newest = newest.bytes() == packet;
        *newest = Packet::EMPTY;
        if *queued == 0 || is_newest {
            return is_newest;
        }
        let is_of_flow = |ack: &Ack| ack.flow == Some(flow as u16);
        let is_copied = |ack: &Ack| is_of_flow(ack) && ack.packet.bytes() == packet;
        let copied = self.queue.range(0..self.queue.len()).position(is_copied);
        let older = copied.map_or(self.queue.len(), |at| at + 1);
        for at in 0..older {
            let ack = self.queue.get_mut(at);
            if is_of_flow(ack) {
                ack.flow = None;
                *queued -= 1;
            }
        }
        copied.is_some()
    }

    /// Another flow takes a flow's place.
    pub fn forget_flow(&mut self, flow: usize) {
        self.flows[flow] = NOTHING;
        for at in 0..self.queue.len() {
            let ack = self.queue.get_mut(at);
            ack.flow = ack.flow.filter(|&other| usize::from(other) != flow);
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.queue.get(0);
        if let Some(flow) = oldest.flow {
            let flow = &mut self.flows[usize::from(flow)];
            flow.queued -= 1;
            if flow.queued == 0 {
                flow.newest = oldest.packet;
            }
        }
        self.queue.drop_first(1);
    }
}
