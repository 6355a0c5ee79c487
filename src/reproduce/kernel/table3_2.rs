//! Table 3.2: a client of two APs in two channels, 40 and 44 of 802.11a, which divides its time between
//! them.
//!
//! Each AP has a rate and a signal at which the kernel's TCP by it alone brings what it brought in the
//! paper.

use anyhow::Result;
use sim::scenario::Scenario;

use super::super::Experiment;
use super::super::figure::{Figure, Mark, Panel, Row, Series};
use super::super::lab::{Lab, mean_and_sd};
use super::{NOTE, Times, download};

pub const EXPERIMENT: Experiment = Experiment {
    name: "table3.2",
    title: "goodput of a client of two APs in two channels, Linux's MPTCP",
    run,
};

/// How fast an AP is: its rate, its signal at the client, and what TCP by it alone brought.
#[derive(Debug, Clone, Copy)]
struct Ap {
    rate: &'static str,
    snr_db: f64,
    paper_mbps: f64,
}

const STRONG: Ap = Ap { rate: "48 Mbit/s", snr_db: 17.05, paper_mbps: 20.0 };
const WEAKER: Ap = Ap { rate: "36 Mbit/s", snr_db: 12.42, paper_mbps: 14.0 };
const WEAK: Ap = Ap { rate: "6 Mbit/s", snr_db: 9.0, paper_mbps: 5.0 };

/// The power of the second AP in the paper, and what it is.
const SECOND: [(&str, Ap); 3] = [("20 & 20", STRONG), ("20 & 14", WEAKER), ("20 & 5", WEAK)];

/// What a client may do with two channels, and what that brought with each second AP.
const POLICIES: [(&str, &str, [Option<f64>; 3]); 5] = [
    ("alpha = 2", r#"policy = "adaptive""#, [Some(18.0), Some(17.5), Some(17.5)]),
    ("alpha = 0", r#"policy = "equal""#, [Some(18.0), Some(16.0), Some(12.0)]),
    ("FatVAP", r#"policy = "fatvap""#, [None; 3]),
    ("primary and backup", r#"policy = "primary-backup""#, [None; 3]),
    ("wideband", r#"policy = "wideband""#, [None; 3]),
];

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(3, 1);
    let alone = [STRONG, WEAKER, WEAK].map(|ap| scenario(&[ap], ""));
    let pairs = POLICIES.iter().flat_map(|(_, policy, _)| {
        SECOND.iter().map(|(_, second)| scenario(&[STRONG, *second], policy))
    });
    let scenarios: Vec<Scenario> = alone.into_iter().chain(pairs).collect();
    let times = Times::of(lab);
    let measured = lab.one_by_one("table3.2", &scenarios, &seeds, |scenario, seed, ticker| {
        Ok(download(scenario, seed, times, ticker)?.goodput_mbps)
    })?;
    let means: Vec<(f64, f64)> = measured.iter().map(|of_seeds| mean_and_sd(of_seeds)).collect();
    let (alone, pairs) = means.split_at(SECOND.len());
    let mut rows = vec![];
    for (ap, mean) in [STRONG, WEAKER, WEAK].iter().zip(alone) {
        let what = format!("TCP by the AP of {} alone", ap.paper_mbps);
        rows.push(Row::mean(what, "Mbit/s", *mean).paper(ap.paper_mbps));
    }
    let mut series = vec![];
    for ((name, _, paper), means) in POLICIES.iter().zip(pairs.chunks(SECOND.len())) {
        for (((pair, _), mean), paper) in SECOND.iter().zip(means).zip(paper) {
            let row = Row::mean(format!("{pair}, {name}"), "Mbit/s", *mean);
            rows.push(row.paper_or_none(*paper));
        }
        let points = (0..).map(f64::from).zip(means.iter().copied());
        series.push(Series::with_sd(*name, Mark::Bars, points));
    }
    let panel = Panel {
        x_label: "TCP by each AP alone in the paper, Mbit/s".into(),
        y_label: "Mbit/s".into(),
        categories: SECOND.map(|(pair, _)| pair.to_owned()).into(),
        series,
    };
    let notes = vec![
        "Cycle of 200 ms, 5 ms to retune, least slot 10 ms, 64 packets for the client at each AP."
            .into(),
        "With alpha = 2 the slow AP has the least slot, and what waits there holds up all that was \
         sent after it: today's kernel does not send it again by another path at once, as that of \
         the paper did. Priorities (primary and backup) keep it away from there."
            .into(),
        NOTE.into(),
    ];
    Ok(Figure { panels: vec![panel], rows, notes, seeds })
}

/// APs, each with a wire from the server, and a client of all of them.
fn scenario(aps: &[Ap], policy: &str) -> Scenario {
    let mut text = String::from("duration = \"1 s\"\n[medium]\npreamble_min_dbm = -95\n");
    for (number, Ap { rate, snr_db, .. }) in aps.iter().enumerate() {
        let (name, channel) = (format!("ap{number}"), 40 + 4 * number);
        text.push_str(&format!(
            r#"
[[node]]
name = "{name}"
role = "ap"
standard = "802.11a"
bandwidth_mhz = 20
channel = {channel}
rate = "{rate}"
queue = 64
queue_for = "each-receiver"
[[link]]
between = ["{name}", "client"]
snr_db = {snr_db}
[[wire]]
host = "server"
node = "{name}"
rate_mbps = 1000
delay = "1 ms"
queue = 1000
"#
        ));
    }
    let comma = if policy.is_empty() { "" } else { ", " };
    text.push_str(&format!(
        r#"
[[node]]
name = "client"
role = "multi-station"
standard = "802.11a"
bandwidth_mhz = 20
rate = "minstrel"
client = {{ join_dbm = -95, leave_dbm = -100{comma}{policy} }}
[[udp]]
from = "server"
to = "client"
rate_mbps = 1
"#
    ));
    Scenario::parse(&text).expect("it is right")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_scenarios_make_sense() {
        for (_, policy, _) in POLICIES {
            for (_, second) in SECOND {
                scenario(&[STRONG, second], policy).check().unwrap();
            }
        }
        scenario(&[WEAK], "").check().unwrap();
    }
}
