//! What came of a run.

use std::collections::BTreeMap;

use hack::Stats;
use mac::{Counters, Instant};
use serde::Serialize;

use crate::airtime::AirtimeShares;

/// What was measured with one seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How long it was measured for.
    pub measured_s: f64,
    /// Whether all flows with an end have arrived.
    pub done: bool,
    /// What all applications got, together.
    pub goodput_mbps: f64,
    /// What each got.
    pub flows: Vec<FlowOutcome>,
    /// What the nodes did.
    pub nodes: Vec<NodeOutcome>,
    /// What the time on the air went to.
    pub airtime: AirtimeShares,
}

/// One flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowOutcome {
    /// The host that sends.
    pub from: String,
    /// The host that receives.
    pub to: String,
    /// The node that the flow is counted to: the receiver's, or the sender's if the receiver is
    /// behind a cable.
    pub station: String,
    /// What its application got.
    pub goodput_mbps: f64,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeOutcome {
    /// Its name.
    pub name: String,
    /// Whether a flow begins there, or behind its cable.
    pub is_source: bool,
    /// PPDUs with data that it sent.
    pub data_ppdus: u64,
    /// Those to which nobody answered.
    pub data_ppdus_unanswered: u64,
    /// MPDUs with data that it sent, each time it did.
    pub data_mpdus: u64,
    /// MPDUs with data that were acknowledged.
    pub acknowledged: u64,
    /// Those of them that had been sent more than once.
    pub acknowledged_retries: u64,
    /// Block Ack requests that it sent.
    pub block_ack_requests: u64,
    /// Packets that found its queue full.
    pub dropped_queue_full: u64,
    /// Packets that were sent too often.
    pub dropped_retry_limit: u64,
    /// Packets in its queue, sampled each 10 ms.
    pub queue_mean: f64,
    /// The most of these samples.
    pub queue_max: usize,
    /// How many data PPDUs had so many MPDUs, by that number.
    pub ampdu_sizes: BTreeMap<usize, u64>,
    /// What became of TCP ACKs, if it has HACK.
    pub hack: Option<Stats>,
    /// TCP ACKs that its driver did not send because a newer one was.
    pub acks_thinned: u64,
}

/// How much waits at a node at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueSample {
    /// When.
    pub at: Instant,
    /// The node's number.
    pub node: usize,
    /// Packets, those on the air included.
    pub packets: usize,
}

/// A part of a whole, if there is one.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Outcome {
    /// Sums over the nodes at which flows begin.
    fn of_sources(&self, count: impl Fn(&NodeOutcome) -> u64) -> u64 {
        self.nodes.iter().filter(|node| node.is_source).map(count).sum()
    }

    /// Of the MPDUs that were acknowledged, the share that had been sent more than once, at the
    /// nodes at which flows begin.
    pub fn retry_fraction(&self) -> Option<f64> {
        let retries = self.of_sources(|node| node.acknowledged_retries);
        share(retries, self.of_sources(|node| node.acknowledged))
    }

    /// What became of the TCP ACKs of all nodes with HACK.
    pub fn hack(&self) -> Option<Stats> {
        self.nodes.iter().filter_map(|node| node.hack).reduce(|a, b| a.plus(&b))
    }

    /// MPDUs of a data PPDU, lone ones counted as well, at the nodes at which flows begin.
    pub fn mpdus_per_ampdu(&self) -> Option<f64> {
        share(self.of_sources(|node| node.data_mpdus), self.of_sources(|node| node.data_ppdus))
    }
}

impl NodeOutcome {
    /// What a node did between two looks at its counters.
    pub(super) fn between(name: &str, is_source: bool, from: &Counters, to: &Counters) -> Self {
        let passed = |count: fn(&Counters) -> u64| count(to) - count(from);
        Self {
            name: name.to_owned(),
            is_source,
            data_ppdus: passed(|c| c.data_ppdus),
            data_ppdus_unanswered: passed(|c| c.data_ppdus_unanswered),
            data_mpdus: passed(|c| c.data_mpdus),
            acknowledged: passed(|c| c.acknowledged),
            acknowledged_retries: passed(|c| c.acknowledged_retries),
            block_ack_requests: passed(|c| c.block_ack_requests),
            dropped_queue_full: passed(|c| c.dropped_queue_full),
            dropped_retry_limit: passed(|c| c.dropped_retry_limit),
            queue_mean: 0.0,
            queue_max: 0,
            ampdu_sizes: BTreeMap::new(),
            hack: None,
            acks_thinned: 0,
        }
    }

    /// Of the MPDUs that were acknowledged, the share that had been sent more than once.
    pub fn retry_fraction(&self) -> Option<f64> {
        share(self.acknowledged_retries, self.acknowledged)
    }

    /// Of the packets that were sent, the share that was given up after the last attempt.
    pub fn loss_fraction(&self) -> Option<f64> {
        share(self.dropped_retry_limit, self.dropped_retry_limit + self.acknowledged)
    }
}
