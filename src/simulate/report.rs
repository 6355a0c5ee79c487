//! What all seeds came to, as `--json` prints it. docs/sim.md documents the names.

use std::collections::BTreeMap;

use serde::Serialize;
use sim::AirtimeShares;
use sim::scenario::{NodeOutcome, Outcome, Scenario};

use super::hack::Hack;
use super::run::Run;

/// Means over the seeds, and what they are means of.
#[derive(Serialize)]
pub struct Report<'a> {
    pub goodput_mbps: f64,
    pub goodput_sd: f64,
    pub per_station: Vec<Named>,
    pub flows: Vec<Flow>,
    pub retry_fraction: Option<f64>,
    pub mpdus_per_ampdu: Option<f64>,
    pub airtime: AirtimeShares,
    pub hack: Option<Hack>,
    pub nodes: Vec<Node>,
    pub cpu_s_per_sim_s: f64,
    pub seeds: Vec<u64>,
    pub runs: Vec<OneRun>,
    pub scenario: &'a Scenario,
}

/// What a station got, or sent to somebody behind a cable.
#[derive(Serialize)]
pub struct Named {
    pub name: String,
    pub goodput_mbps: f64,
    pub goodput_sd: f64,
}

/// What one flow carried.
#[derive(Serialize)]
pub struct Flow {
    pub from: String,
    pub to: String,
    pub goodput_mbps: f64,
    pub goodput_sd: f64,
}

/// What a node did, each second.
#[derive(Serialize)]
pub struct Node {
    pub name: String,
    pub data_ppdus_per_s: f64,
    pub data_ppdus_unanswered_per_s: f64,
    pub block_ack_requests_per_s: f64,
    pub dropped_queue_full_per_s: f64,
    pub retry_fraction: Option<f64>,
    pub loss_fraction: Option<f64>,
    pub acks_thinned_per_s: f64,
    pub queue_mean: f64,
    pub queue_max: usize,
    /// Data PPDUs of all seeds by the number of their MPDUs.
    pub ampdu_sizes: BTreeMap<usize, u64>,
    pub hack: Option<Hack>,
}

/// What one seed came to.
#[derive(Serialize)]
pub struct OneRun {
    pub seed: u64,
    pub measured_s: f64,
    pub done: bool,
    pub goodput_mbps: f64,
    pub retry_fraction: Option<f64>,
    pub mpdus_per_ampdu: Option<f64>,
}

impl<'a> Report<'a> {
    pub fn new(scenario: &'a Scenario, runs: &[Run]) -> Self {
        let outcomes: Vec<&Outcome> = runs.iter().map(|run| &run.outcome).collect();
        let (goodput_mbps, goodput_sd) = mean_and_sd(outcomes.iter().map(|o| o.goodput_mbps));
        let share = |of: fn(&AirtimeShares) -> f64| mean(outcomes.iter().map(|o| of(&o.airtime)));
        let measured: f64 = outcomes.iter().map(|outcome| outcome.measured_s).sum();
        Self {
            goodput_mbps,
            goodput_sd,
            per_station: stations(&outcomes),
            flows: flows(&outcomes),
            retry_fraction: known(outcomes.iter().map(|outcome| outcome.retry_fraction())),
            mpdus_per_ampdu: known(outcomes.iter().map(|outcome| outcome.mpdus_per_ampdu())),
            airtime: AirtimeShares {
                data: share(|airtime| airtime.data),
                control: share(|airtime| airtime.control),
                management: share(|airtime| airtime.management),
                collisions: share(|airtime| airtime.collisions),
                idle: share(|airtime| airtime.idle),
            },
            hack: Hack::of_all(outcomes.iter().filter_map(|outcome| outcome.hack())),
            nodes: (0..outcomes[0].nodes.len()).map(|node| Node::new(&outcomes, node)).collect(),
            cpu_s_per_sim_s: runs.iter().map(|run| run.cpu_s).sum::<f64>() / measured,
            seeds: outcomes.iter().map(|outcome| outcome.seed).collect(),
            runs: outcomes.iter().map(|outcome| OneRun::new(outcome)).collect(),
            scenario,
        }
    }
}

impl Node {
    fn new(outcomes: &[&Outcome], node: usize) -> Self {
        let of = |outcome: &'_ Outcome| -> NodeOutcome { outcome.nodes[node].clone() };
        let nodes: Vec<NodeOutcome> = outcomes.iter().map(|outcome| of(outcome)).collect();
        let seconds: f64 = outcomes.iter().map(|outcome| outcome.measured_s).sum();
        let per_s =
            |count: fn(&NodeOutcome) -> u64| nodes.iter().map(count).sum::<u64>() as f64 / seconds;
        let mut ampdu_sizes = BTreeMap::new();
        for (&size, &count) in nodes.iter().flat_map(|node| &node.ampdu_sizes) {
            *ampdu_sizes.entry(size).or_default() += count;
        }
        Self {
            name: nodes[0].name.clone(),
            data_ppdus_per_s: per_s(|node| node.data_ppdus),
            data_ppdus_unanswered_per_s: per_s(|node| node.data_ppdus_unanswered),
            block_ack_requests_per_s: per_s(|node| node.block_ack_requests),
            dropped_queue_full_per_s: per_s(|node| node.dropped_queue_full),
            retry_fraction: known(nodes.iter().map(NodeOutcome::retry_fraction)),
            loss_fraction: known(nodes.iter().map(NodeOutcome::loss_fraction)),
            acks_thinned_per_s: per_s(|node| node.acks_thinned),
            queue_mean: mean(nodes.iter().map(|node| node.queue_mean)),
            queue_max: nodes.iter().map(|node| node.queue_max).max().unwrap_or(0),
            ampdu_sizes,
            hack: Hack::of_all(nodes.iter().filter_map(|node| node.hack)),
        }
    }
}

impl OneRun {
    fn new(outcome: &Outcome) -> Self {
        Self {
            seed: outcome.seed,
            measured_s: outcome.measured_s,
            done: outcome.done,
            goodput_mbps: outcome.goodput_mbps,
            retry_fraction: outcome.retry_fraction(),
            mpdus_per_ampdu: outcome.mpdus_per_ampdu(),
        }
    }
}

fn flows(outcomes: &[&Outcome]) -> Vec<Flow> {
    let flow = |(number, flow): (usize, &sim::scenario::FlowOutcome)| {
        let goodputs = outcomes.iter().map(|outcome| outcome.flows[number].goodput_mbps);
        let (goodput_mbps, goodput_sd) = mean_and_sd(goodputs);
        Flow { from: flow.from.clone(), to: flow.to.clone(), goodput_mbps, goodput_sd }
    };
    outcomes[0].flows.iter().enumerate().map(flow).collect()
}

/// Stations in the order in which they have flows.
fn stations(outcomes: &[&Outcome]) -> Vec<Named> {
    let mut names: Vec<&str> = vec![];
    for flow in &outcomes[0].flows {
        if !names.contains(&flow.station.as_str()) {
            names.push(&flow.station);
        }
    }
    let station = |name: &str| {
        let (goodput_mbps, goodput_sd) =
            mean_and_sd(outcomes.iter().map(|outcome| goodput_of(outcome, name)));
        Named { name: name.to_owned(), goodput_mbps, goodput_sd }
    };
    names.into_iter().map(station).collect()
}

/// The goodput of a station in one run.
pub fn goodput_of(outcome: &Outcome, station: &str) -> f64 {
    let flows = outcome.flows.iter().filter(|flow| flow.station == station);
    flows.map(|flow| flow.goodput_mbps).sum()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The mean of those that are known.
fn known(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let known: Vec<f64> = values.flatten().collect();
    (!known.is_empty()).then(|| mean(known.into_iter()))
}

/// With the standard deviation of the sample; 0 for a single one.
fn mean_and_sd(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let (count, mean) = (values.len() as f64, mean(values.clone()));
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(mean_and_sd([3.0].into_iter()), (3.0, 0.0));
        assert_eq!(mean_and_sd([2.0, 4.0].into_iter()), (3.0, 2f64.sqrt()));
        assert_eq!(known([None, Some(2.0), Some(4.0)].into_iter()), Some(3.0));
        assert_eq!(known([None].into_iter()), None);
    }
}
