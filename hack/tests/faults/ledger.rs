//! What went into the MACs and what came out of them, flow by flow.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use mac::{Instant, Msdu};
use rohc::ack_group::{FlowKey, is_pure_ack};
use sim::network::Observer;

/// TCP packets of all flows, each in one direction.
#[derive(Default)]
pub struct Ledger {
    flows: HashMap<FlowKey, Flow>,
}

#[derive(Default)]
struct Flow {
    accepted: Vec<Bytes>,
    delivered: Vec<Bytes>,
    last_delivery: Option<Instant>,
    longest_pause: Duration,
}

impl Observer for Ledger {
    fn accepts(&mut self, _now: Instant, _node: usize, msdu: &Msdu) {
        if let Some(key) = FlowKey::of(&msdu.payload) {
            self.flows.entry(key).or_default().accepted.push(msdu.payload.clone());
        }
    }

    fn delivers(&mut self, now: Instant, _node: usize, msdu: &Msdu) {
        let Some(key) = FlowKey::of(&msdu.payload) else { return };
        let flow = self.flows.entry(key).or_default();
        flow.delivered.push(msdu.payload.clone());
        let last = flow.last_delivery.replace(now).unwrap_or(now);
        flow.longest_pause = flow.longest_pause.max(now.since(last));
    }
}

impl Ledger {
    /// What came out of each flow is some of what went in, each packet once, in order, and to the
    /// last bit as it was.
    ///
    /// # Panics
    /// If not.
    pub fn assert_in_order(&self) {
        for flow in self.flows.values() {
            let mut accepted = flow.accepted.iter();
            for (at, packet) in flow.delivered.iter().enumerate() {
                assert!(
                    accepted.any(|earlier| earlier == packet),
                    "doubled, reordered or altered: packet {at} of {}, which went in at {:?}",
                    flow.delivered.len(),
                    flow.accepted.iter().position(|accepted| accepted == packet),
                );
            }
        }
    }

    /// Besides, no pure ACK is missing.
    ///
    /// # Panics
    /// If not.
    pub fn assert_complete(&self) {
        self.assert_in_order();
        assert_eq!(self.lost_acks(), 0, "pure ACKs of {} were lost", self.acks());
    }

    /// Pure ACKs that went in and did not come out.
    pub fn lost_acks(&self) -> usize {
        let acks = |packets: &[Bytes]| packets.iter().filter(|packet| is_pure_ack(packet)).count();
        let lost = |flow: &Flow| acks(&flow.accepted) - acks(&flow.delivered);
        self.flows.values().map(lost).sum()
    }

    /// Pure ACKs that went in.
    pub fn acks(&self) -> usize {
        let accepted = self.flows.values().flat_map(|flow| &flow.accepted);
        accepted.filter(|packet| is_pure_ack(packet)).count()
    }

    /// The longest time in which nothing of some flow came out, until its end.
    pub fn longest_pause(&self) -> Duration {
        self.flows.values().map(|flow| flow.longest_pause).max().unwrap_or_default()
    }
}
