//! Figure 3.9: two APs that do not hear each other, and a client on its way from one to the other.

use anyhow::Result;
use phy80211::OfdmRate;
use sim::scenario::{
    BalanceName, KernelName, Preset, PresetOptions, RateName, Scenario, Time, TrafficKind,
};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, goodput, mean_and_sd};
use super::multi_ap::{Ap, Traffic, link, scenario, tenacious};

pub const WALK: Experiment = Experiment {
    name: "fig3.9",
    title: "goodput from two hidden APs, 6 Mbit/s, over how much stronger one is",
    run: walk,
};

pub const LOSS: Experiment = Experiment {
    name: "fig3.9c",
    title: "packets of a quiet AP that a hidden busy one destroys, over the attempts",
    run: loss,
};

/// By how much the first AP is stronger at the client, and the mean of both, in dB.
const STEPS_DB: [f64; 11] = [-10.0, -8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0];
const MEAN_SNR_DB: f64 = 25.0;
/// Each AP has more than it can send.
const UDP_MBPS: f64 = 7.0;

const KINDS: [(&str, Traffic); 3] = [
    ("UDP", Traffic::Udp(UDP_MBPS)),
    ("two TCP flows", Traffic::Tcp),
    ("MPTCP", Traffic::Mptcp(KernelName::Of2014)),
];

fn one(difference_db: f64, traffic: Traffic, quick: bool) -> Scenario {
    let ap = |x, snr_db| Ap {
        channel: 36,
        rate: RateName::NonHt(OfdmRate::Mbps6),
        position_m: [x, 0.0],
        snr_db: Some(snr_db),
        queue: 126,
    };
    let half = difference_db / 2.0;
    let aps = [ap(0.0, MEAN_SNR_DB + half), ap(50.0, MEAN_SNR_DB - half)];
    let mut base = scenario(&aps, tenacious(BalanceName::Off), traffic);
    let mut apart = link("ap1", "ap2");
    apart.hidden = true;
    base.links.push(apart);
    let duration = if quick { 15.0 } else { 60.0 };
    Scenario { duration: Time::secs(duration), ..base }
}

fn walk(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let steps: Vec<f64> = STEPS_DB.into_iter().step_by(if lab.quick { 5 } else { 1 }).collect();
    let mut figure = Figure { seeds: seeds.clone(), notes: walk_notes(), ..Figure::default() };
    let mut jobs = vec![one(0.0, Traffic::One(0), lab.quick)];
    for (_, traffic) in KINDS {
        jobs.extend(steps.iter().map(|&step| one(step, traffic, lab.quick)));
    }
    let outcomes = lab.simulate(WALK.name, &jobs, &seeds)?;
    let means: Vec<(f64, f64)> = outcomes.iter().map(|outcomes| goodput(outcomes)).collect();
    let alone = means[0];
    figure.rows.push(Row::mean("TCP by one AP alone", "Mbit/s", alone));
    let mut series = vec![];
    for (kind, (name, _)) in KINDS.iter().enumerate() {
        let of_kind = &means[1 + kind * steps.len()..][..steps.len()];
        series.push(Series::with_sd(
            *name,
            Mark::Line,
            steps.iter().copied().zip(of_kind.iter().copied()),
        ));
        let middle = steps.iter().position(|step| *step == 0.0).expect("it is one of them");
        figure.rows.push(Row::mean(format!("{name}, equally strong"), "Mbit/s", of_kind[middle]));
        let share = 100.0 * of_kind[middle].0 / alone.0;
        let row = Row::exact(format!("{name}, equally strong, of one AP alone"), "%", share);
        figure.rows.push(match *name {
            "UDP" => row.paper(100.0 / 3.0),
            _ => row,
        });
    }
    figure.panels.push(Panel {
        x_label: "first AP stronger than the second at the client, dB".into(),
        y_label: "goodput of both, Mbit/s".into(),
        categories: vec![],
        series,
    });
    Ok(figure)
}

fn walk_notes() -> Vec<String> {
    vec![
        "802.11a at 6 Mbit/s, 7 attempts, mean SNR of 25 dB; the client is associated with both. Where \
         UDP's APs destroy each other's frames, of two TCP flows one takes the medium, and MPTCP goes \
         with it."
            .into(),
        "An AP that is not heard for 800 ms is lost, and one that was lost soon after it was joined \
         is not joined again at once: each attempt costs the other AP something."
            .into(),
    ]
}

/// Attempts of the figure, and what of the quiet AP's packets ns-3 loses, in percent.
const ATTEMPTS: [(u8, f64); 9] = [
    (1, 99.2),
    (2, 97.8),
    (3, 95.3),
    (4, 88.5),
    (5, 78.8),
    (6, 66.8),
    (7, 53.0),
    (8, 44.8),
    (10, 40.2),
];

fn loss(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(3, 1);
    let mut figure = Figure { seeds: seeds.clone(), ..Figure::default() };
    let jobs: Vec<Scenario> = ATTEMPTS
        .iter()
        .map(|&(attempts, _)| {
            let options = PresetOptions {
                attempts: Some(attempts),
                ap2_every: Some(Time::millis(100)),
                traffic: TrafficKind::Udp,
                ..PresetOptions::default()
            };
            let base =
                Preset::HiddenAps.scenario(&options).expect("the options are of this preset");
            let duration = if lab.quick { Time::secs(30.0) } else { base.duration };
            Scenario { duration, ..base }
        })
        .collect();
    let outcomes = lab.simulate(LOSS.name, &jobs, &seeds)?;
    let lost = |job: usize, name: &str| {
        let nodes = outcomes[job].iter().flat_map(|outcome| &outcome.nodes);
        let shares = nodes.filter(|node| node.name == name).filter_map(|node| node.loss_fraction());
        mean_and_sd(&shares.map(|share| 100.0 * share).collect::<Vec<f64>>())
    };
    let mut series = vec![];
    for name in ["ap1", "ap2"] {
        let points = ATTEMPTS
            .iter()
            .enumerate()
            .map(|(job, &(attempts, _))| (f64::from(attempts), lost(job, name)));
        series.push(Series::with_sd(name, Mark::Line, points));
    }
    let peer = ATTEMPTS.iter().map(|&(attempts, percent)| (f64::from(attempts), percent));
    series.push(Series::new("ap2, ns-3", Mark::Dots, peer));
    for (job, &(attempts, _)) in ATTEMPTS.iter().enumerate() {
        let what = format!("lost of the quiet AP's packets, {attempts} attempts");
        let row = Row::mean(what, "%", lost(job, "ap2"));
        figure.rows.push(if attempts == 10 { row.paper(40.0) } else { row });
    }
    figure.panels.push(Panel {
        x_label: "attempts".into(),
        y_label: "packets lost, %".into(),
        categories: vec![],
        series,
    });
    figure.notes.push(
        "One AP always has something to send, the other, hidden and equally strong, a packet each \
         100 ms. In the paper (ns-2) the floor comes with 6 retransmissions, here and in ns-3 with 9."
            .into(),
    );
    Ok(figure)
}
