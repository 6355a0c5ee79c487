//! A walk past four APs in two channels: a client of all of them against one that moves from AP to AP.

use std::time::Duration;

use anyhow::Result;
use sim::ErrorTable;
use sim::scenario::{
    BalanceName, ClientTable, KernelName, RateName, Scenario, Simulation, SlotPolicy, Time,
};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, mean_and_sd};
use super::multi_ap::{Ap, Traffic, scenario};

pub const EXPERIMENT: Experiment =
    Experiment { name: "walk", title: "a download on a walk past four APs in two channels", run };

/// Metres from AP to AP, and how far from their line the client goes.
const APART_M: f64 = 30.0;
const BESIDE_M: f64 = 5.0;
/// When the walk begins.
const SETTLED: f64 = 4.0;
/// Time between two looks at what has come.
const LOOK: Duration = Duration::from_millis(10);

const CLIENTS: [(&str, SlotPolicy); 3] = [
    ("all APs, one radio", SlotPolicy::PrimaryBackup),
    ("all APs, wideband", SlotPolicy::Wideband),
    ("handover", SlotPolicy::Handover),
];

fn one(policy: SlotPolicy, quick: bool) -> Scenario {
    let ap = |number: u8| Ap {
        channel: if number.is_multiple_of(2) { 36 } else { 149 },
        rate: RateName::Minstrel,
        position_m: [APART_M * f64::from(number), 0.0],
        snr_db: None,
        queue: 64,
    };
    let client = ClientTable { policy, balance: BalanceName::Backup, ..ClientTable::default() };
    let aps: Vec<Ap> = (0..4).map(ap).collect();
    let mut base = scenario(&aps, client, Traffic::Mptcp(KernelName::Of2014));
    let walker = base.nodes.last_mut().expect("the client is the last");
    walker.position_m = [0.0, BESIDE_M];
    walker.walk_m = vec![[3.0 * APART_M, BESIDE_M]];
    walker.walk_from = Time::secs(SETTLED);
    walker.speed_m_s = if quick { 3.0 } else { 1.5 };
    let duration = Time::secs(3.0 * APART_M / walker.speed_m_s);
    Scenario { warm_up: Time::secs(SETTLED), duration, ..base }
}

/// What came of a walk.
struct Walked {
    goodput_mbps: f64,
    longest_gap: Duration,
    /// Goodput of each second.
    seconds: Vec<f64>,
}

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let scenarios = CLIENTS.map(|(_, policy)| one(policy, lab.quick));
    let table = ErrorTable::ideal();
    let walks = lab.each(EXPERIMENT.name, &scenarios, &seeds, |scenario, seed, ticker| {
        let mut simulation = Simulation::new(scenario, table.clone(), seed, ());
        simulation.warm_up();
        let (mut came, mut gap, mut longest) = (0, Duration::ZERO, Duration::ZERO);
        let (mut seconds, mut this_second, mut looks) = (vec![], 0, 0);
        loop {
            let more = simulation.step();
            let now = simulation.bytes_delivered();
            gap = if now > came { Duration::ZERO } else { gap + LOOK };
            longest = longest.max(gap);
            (this_second, looks) = (this_second + now - came, looks + 1);
            came = now;
            if looks % 100 == 0 {
                seconds.push(8e-6 * std::mem::take(&mut this_second) as f64);
            }
            ticker.reached(simulation.progress());
            if !more {
                break;
            }
        }
        let (outcome, ..) = simulation.finish();
        Ok(Walked { goodput_mbps: outcome.goodput_mbps, longest_gap: longest, seconds })
    })?;
    let mut figure = Figure { seeds, notes: notes(), ..Figure::default() };
    let mut series = vec![];
    for ((name, _), walks) in CLIENTS.iter().zip(&walks) {
        let goodputs: Vec<f64> = walks.iter().map(|walk| walk.goodput_mbps).collect();
        figure.rows.push(Row::mean(format!("{name}: goodput"), "Mbit/s", mean_and_sd(&goodputs)));
        let gaps = walks.iter().map(|walk| walk.longest_gap);
        let longest = gaps.max().unwrap_or_default().as_secs_f64();
        let what = format!("{name}: longest gap of all seeds");
        figure.rows.push(Row::exact(what, "ms", (1e3 * longest).round()));
        let points = walks[0].seconds.iter().enumerate();
        let points = points.map(|(second, &mbps)| (second as f64, mbps));
        series.push(Series::new(*name, Mark::Line, points));
    }
    figure.panels.push(Panel {
        x_label: "seconds, first seed".into(),
        y_label: "goodput, Mbit/s".into(),
        categories: vec![],
        series,
    });
    Ok(figure)
}

fn notes() -> Vec<String> {
    vec![
        "APs 30 m apart, in channels 36 and 149 by turns, 802.11a with Minstrel; the client goes past \
         them at 1.5 m/s (3 m/s with --quick), 5 m from their line. MPTCP of 2014; a gap is the longest \
         time without a byte for the application, in steps of 10 ms."
            .into(),
        "Handover: one AP at a time; it looks for others twice a second, moves to one that is 6 dB \
         stronger, and leaves the one before it joins the other. It has MPTCP as well, and no DHCP to \
         wait for: in a network of 2014 both would have cost it seconds."
            .into(),
    ]
}
