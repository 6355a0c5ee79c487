//! What came of the seeds, and the queues over time, for spreadsheets.

use std::fmt::Write;

use sim::scenario::{QueueSample, Scenario};

use super::report::goodput_of;
use super::run::Run;

/// A line for each seed; the stations are the last columns.
pub fn runs(runs: &[Run]) -> String {
    let mut stations: Vec<&str> = vec![];
    for flow in &runs[0].outcome.flows {
        if !stations.contains(&flow.station.as_str()) {
            stations.push(&flow.station);
        }
    }
    let mut csv = String::from(
        "seed,measured_s,done,goodput_mbps,retry_fraction,mpdus_per_ampdu,data,control,management,\
         collisions,idle,held,rides,ride_bytes,confirmed,drained,native,gaps,safety_drains,\
         fit_aifs_fraction",
    );
    stations.iter().for_each(|station| csv.extend([",", station]));
    csv.push('\n');
    for Run { outcome, .. } in runs {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let (retries, mpdus) = (outcome.retry_fraction(), outcome.mpdus_per_ampdu());
        let airtime = outcome.airtime;
        let shares =
            [airtime.data, airtime.control, airtime.management, airtime.collisions, airtime.idle];
        let first = [
            outcome.seed.to_string(),
            outcome.measured_s.to_string(),
            outcome.done.to_string(),
            outcome.goodput_mbps.to_string(),
            number(retries),
            number(mpdus),
        ];
        let hack = outcome.hack();
        let counts = hack.map_or([const { String::new() }; 9], |stats| {
            [
                stats.held.to_string(),
                stats.rides.to_string(),
                stats.ride_bytes.to_string(),
                stats.confirmed.to_string(),
                stats.drained.to_string(),
                stats.native.to_string(),
                stats.gaps.to_string(),
                stats.safety_drains.to_string(),
                number(stats.fit_aifs_fraction()),
            ]
        });
        let goodputs = stations.iter().map(|station| goodput_of(outcome, station));
        let goodputs = goodputs.map(|value| value.to_string());
        let shares = shares.map(|value| value.to_string());
        let cells: Vec<String> =
            first.into_iter().chain(shares).chain(counts).chain(goodputs).collect();
        csv.push_str(&cells.join(","));
        csv.push('\n');
    }
    csv
}

/// A line for each sample: when, which node, how many packets.
pub fn queues(scenario: &Scenario, samples: &[QueueSample]) -> String {
    let nodes = scenario.nodes_with_names();
    let mut csv = String::from("time_s,node,packets\n");
    for QueueSample { at, node, packets } in samples {
        let (name, _) = &nodes[*node];
        writeln!(csv, "{},{name},{packets}", at.as_secs_f64()).expect("strings grow");
    }
    csv
}
