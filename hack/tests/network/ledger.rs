//! What went into the MACs and what came out of them, flow by flow.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use mac::{Instant, Msdu, Notice};
use rohc::ack_group::{FlowKey, is_pure_ack};
use sim::network::Observer;

/// TCP packets of all flows, each in one direction.
#[derive(Default)]
pub struct Ledger {
    flows: HashMap<FlowKey, Flow>,
    dropped: usize,
    asleep: Vec<usize>,
}

#[derive(Default)]
struct Flow {
    accepted: Vec<(Instant, Bytes)>,
    delivered: Vec<(Instant, Bytes)>,
}

impl Observer for Ledger {
    fn accepts(&mut self, now: Instant, _node: usize, msdu: &Msdu) {
        if let Some(key) = FlowKey::of(&msdu.payload) {
            self.flows.entry(key).or_default().accepted.push((now, msdu.payload.clone()));
        }
    }

    fn delivers(&mut self, now: Instant, _node: usize, msdu: &Msdu) {
        let Some(key) = FlowKey::of(&msdu.payload) else { return };
        self.flows.entry(key).or_default().delivered.push((now, msdu.payload.clone()));
    }

    fn notices(&mut self, _now: Instant, node: usize, notice: &Notice) {
        match notice {
            Notice::Dropped { .. } => self.dropped += 1,
            Notice::PowerManagement { sleeping: true, .. } => self.asleep.push(node),
            Notice::PowerManagement { .. } => self.asleep.retain(|asleep| *asleep != node),
            _ => {}
        }
    }
}

impl Ledger {
    /// What came out of each flow is some of what went in, each packet once, in order, and to the
    /// last bit as it was.
    ///
    /// # Panics
    /// If not.
    pub fn assert_in_order(&self) {
        self.flows.values().for_each(|flow| flow.waits().for_each(drop));
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
        let lost = |flow: &Flow| acks(&flow.accepted) - acks(&flow.delivered);
        self.flows.values().map(lost).sum()
    }

    /// Nothing has vanished of which no MAC has told that it dropped it.
    ///
    /// # Panics
    /// If not.
    pub fn assert_nothing_vanished(&self) {
        self.assert_in_order();
        assert_eq!(self.vanished(), 0);
    }

    /// Packets that did not come out and were not dropped by any MAC that told.
    pub fn vanished(&self) -> usize {
        let missing = |flow: &Flow| flow.accepted.len() - flow.delivered.len();
        let missing: usize = self.flows.values().map(missing).sum();
        missing.saturating_sub(self.dropped)
    }

    /// Whether a node has told its AP that it sleeps.
    pub fn is_asleep(&self, node: usize) -> bool {
        self.asleep.contains(&node)
    }

    /// Pure ACKs that went in.
    pub fn acks(&self) -> usize {
        self.flows.values().map(|flow| acks(&flow.accepted)).sum()
    }

    /// The longest time in which nothing of some flow came out, until its end.
    pub fn longest_pause(&self) -> Duration {
        let pauses = |flow: &Flow| {
            let pauses = flow.delivered.windows(2).map(|pair| pair[1].0.since(pair[0].0));
            pauses.max().unwrap_or_default()
        };
        self.flows.values().map(pauses).max().unwrap_or_default()
    }

    /// The longest time that a pure ACK took from MAC to MAC.
    pub fn longest_ack_wait(&self) -> Duration {
        let waits = self.flows.values().flat_map(|flow| flow.waits().zip(&flow.delivered));
        let of_acks = waits.filter(|(_, (_, packet))| is_pure_ack(packet));
        of_acks.map(|(wait, _)| wait).max().unwrap_or_default()
    }
}

impl Flow {
    /// How long each packet took.
    ///
    /// # Panics
    /// If they did not come out in order, each once, and as they were.
    fn waits(&self) -> impl Iterator<Item = Duration> {
        let mut accepted = self.accepted.iter();
        self.delivered.iter().enumerate().map(move |(at, (delivered, packet))| {
            let Some((entered, _)) = accepted.find(|(_, earlier)| earlier == packet) else {
                let twin = self.accepted.iter().position(|(_, accepted)| accepted == packet);
                let all = self.delivered.len();
                panic!("packet {at} of {all} is doubled, reordered or altered; it was {twin:?}");
            };
            delivered.since(*entered)
        })
    }
}

fn acks(packets: &[(Instant, Bytes)]) -> usize {
    packets.iter().filter(|(_, packet)| is_pure_ack(packet)).count()
}
