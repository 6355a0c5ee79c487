//! Table 3.2: MPTCP over two APs in two channels, by slots.

use anyhow::Result;
use phy80211::OfdmRate;
use sim::scenario::{KernelName, RateName, Scenario, SlotPolicy, Time};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, goodput};
use super::multi_ap::{Ap, Traffic, client, scenario};

pub const EXPERIMENT: Experiment = Experiment {
    name: "table3.2",
    title: "goodput of MPTCP over two APs in two channels, one radio",
    run,
};

/// The second AP: what of its rate comes through with TCP, by name.
const SECOND: [(&str, OfdmRate); 3] =
    [("20 & 20", OfdmRate::Mbps36), ("20 & 14", OfdmRate::Mbps24), ("20 & 5", OfdmRate::Mbps6)];

/// How slots are made, and the paper's numbers.
const POLICIES: [(&str, SlotPolicy, f64, Option<[f64; 3]>); 5] = [
    ("alpha 2", SlotPolicy::Adaptive, 2.0, Some([18.0, 17.5, 17.5])),
    ("alpha 0", SlotPolicy::Adaptive, 0.0, Some([18.0, 16.0, 12.0])),
    ("primary-backup", SlotPolicy::PrimaryBackup, 2.0, None),
    ("fatvap", SlotPolicy::Fatvap, 2.0, None),
    ("wideband", SlotPolicy::Wideband, 2.0, None),
];

const KERNELS: [(&str, KernelName); 2] =
    [("2014", KernelName::Of2014), ("today", KernelName::Today)];

fn one(
    policy: SlotPolicy,
    alpha: f64,
    second: OfdmRate,
    kernel: KernelName,
    quick: bool,
) -> Scenario {
    let ap = |channel, rate, y| Ap {
        channel,
        rate: RateName::NonHt(rate),
        position_m: [0.0, y],
        snr_db: None,
        queue: 64,
    };
    let aps = [ap(36, OfdmRate::Mbps36, 5.0), ap(149, second, -5.0)];
    let base = scenario(&aps, client(policy, alpha), Traffic::Mptcp(kernel));
    let (warm_up, duration) = if quick { (6.0, 10.0) } else { (8.0, 30.0) };
    Scenario { warm_up: Time::secs(warm_up), duration: Time::secs(duration), ..base }
}

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let mut figure = Figure { seeds: seeds.clone(), notes: notes(), ..Figure::default() };
    for (kernel_name, kernel) in KERNELS {
        let jobs: Vec<Scenario> = POLICIES
            .iter()
            .flat_map(|&(_, policy, alpha, _)| {
                SECOND.map(|(_, second)| one(policy, alpha, second, kernel, lab.quick))
            })
            .collect();
        let outcomes = lab.simulate(EXPERIMENT.name, &jobs, &seeds)?;
        let means: Vec<(f64, f64)> = outcomes.iter().map(|outcomes| goodput(outcomes)).collect();
        let mut series = vec![];
        for (policy, &(policy_name, .., paper)) in POLICIES.iter().enumerate() {
            let of_policy = &means[3 * policy..3 * policy + 3];
            for (pair, (pair_name, _)) in SECOND.iter().enumerate() {
                let what = format!("{pair_name}, {policy_name}, MPTCP of {kernel_name}");
                let row = Row::mean(what, "Mbit/s", of_policy[pair]);
                figure.rows.push(row.paper_or_none(paper.map(|paper| paper[pair])));
            }
            let points = of_policy.iter().enumerate().map(|(pair, &mean)| (pair as f64, mean));
            series.push(Series::with_sd(policy_name, Mark::Bars, points));
        }
        figure.panels.push(Panel {
            x_label: "TCP's goodput by each AP alone, Mbit/s".into(),
            y_label: format!("Mbit/s, MPTCP of {kernel_name}"),
            categories: SECOND.map(|(name, _)| name.to_owned()).to_vec(),
            series,
        });
    }
    Ok(figure)
}

fn notes() -> Vec<String> {
    vec![
        "802.11a at 36, 24 and 6 Mbit/s, by which TCP alone has 19.7, 15.1 and 4.8 Mbit/s; cycles of \
         200 ms, 5 ms to retune, queues of 64 packets at the APs."
            .into(),
        "MPTCP of 2014: coupled (RFC 6356), opportunistic retransmission, penalties, as in the paper. \
         MPTCP of today: CUBIC for each subflow, reinjection after a timeout only; what waits in the \
         small slot of the slow AP then blocks all that was sent after it."
            .into(),
        "Wideband is a radio for each channel: there is nothing to divide.".into(),
    ]
}
