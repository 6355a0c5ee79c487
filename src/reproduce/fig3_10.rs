//! Figure 3.10: two APs that hear each other, links that fade, and what rate control makes of it.

use anyhow::Result;
use phy80211::OfdmRate;
use sim::scenario::{BalanceName, KernelName, RateName, Scenario, Time};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, goodput};
use super::multi_ap::{Ap, Traffic, link, scenario, tenacious};

pub const EXPERIMENT: Experiment = Experiment {
    name: "fig3.10",
    title: "goodput from two APs that share a channel, with independent fading",
    run,
};

/// Where the client is, and how strong both APs are there, in dB.
const PLACES: [(&str, [f64; 2]); 3] =
    [("near", [32.0, 14.0]), ("middle", [22.0, 22.0]), ("far", [14.0, 32.0])];
/// How well the APs hear each other.
const BETWEEN_DB: f64 = 29.0;
/// After that a link is another.
const COHERENCE: Time = Time(std::time::Duration::from_millis(100));

/// Rates of both APs: the first one's place changes from good to bad, and in the last row it alone
/// is cautious.
const RATES: [(&str, [RateName; 2]); 4] = [
    ("54 Mbit/s", [RateName::NonHt(OfdmRate::Mbps54); 2]),
    ("Minstrel", [RateName::Minstrel; 2]),
    ("cautious", [RateName::Cautious; 2]),
    ("first cautious", [RateName::Cautious, RateName::Minstrel]),
];

const KINDS: [(&str, BalanceName, Traffic); 4] = [
    ("first AP alone", BalanceName::Off, Traffic::One(0)),
    ("second AP alone", BalanceName::Off, Traffic::One(1)),
    ("MPTCP", BalanceName::Off, Traffic::Mptcp(KernelName::Of2014)),
    ("MPTCP, balanced", BalanceName::Backup, Traffic::Mptcp(KernelName::Of2014)),
];

fn one(rates: [RateName; 2], snr_db: [f64; 2], kind: usize, quick: bool) -> Scenario {
    let (_, balance, traffic) = KINDS[kind];
    let ap = |index: usize| Ap {
        channel: 36,
        rate: rates[index],
        position_m: [20.0 * index as f64, 0.0],
        snr_db: Some(snr_db[index]),
        queue: 126,
    };
    let mut base = scenario(&[ap(0), ap(1)], tenacious(balance), traffic);
    for link in &mut base.links {
        link.coherence = Some(COHERENCE);
    }
    let mut between = link("ap1", "ap2");
    between.snr_db = Some(BETWEEN_DB);
    base.links.push(between);
    Scenario { duration: Time::secs(if quick { 15.0 } else { 60.0 }), ..base }
}

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let mut figure = Figure { seeds: seeds.clone(), notes: notes(), ..Figure::default() };
    for (rate_name, rates) in RATES {
        let jobs: Vec<Scenario> = PLACES
            .iter()
            .flat_map(|&(_, snr_db)| {
                (0..KINDS.len()).map(move |kind| one(rates, snr_db, kind, lab.quick))
            })
            .collect();
        let outcomes = lab.simulate(EXPERIMENT.name, &jobs, &seeds)?;
        let means: Vec<(f64, f64)> = outcomes.iter().map(|outcomes| goodput(outcomes)).collect();
        let of = |place: usize, kind: usize| means[place * KINDS.len() + kind];
        for (place, (place_name, _)) in PLACES.iter().enumerate() {
            for (kind, (kind_name, ..)) in KINDS.iter().enumerate() {
                let what = format!("{rate_name}, {place_name}: {kind_name}");
                figure.rows.push(Row::mean(what, "Mbit/s", of(place, kind)));
            }
            let better = of(place, 0).0.max(of(place, 1).0);
            for (kind, (kind_name, ..)) in KINDS.iter().enumerate().skip(2) {
                let what = format!("{rate_name}, {place_name}: {kind_name} over the better AP");
                figure.rows.push(Row::exact(what, "%", 100.0 * (of(place, kind).0 / better - 1.0)));
            }
        }
        let series = KINDS.iter().enumerate().map(|(kind, (name, ..))| {
            let points = (0..PLACES.len()).map(|place| (place as f64, of(place, kind)));
            Series::with_sd(*name, Mark::Bars, points)
        });
        figure.panels.push(Panel {
            x_label: "where the client is".into(),
            y_label: format!("Mbit/s, {rate_name}"),
            categories: PLACES.map(|(name, _)| name.to_owned()).to_vec(),
            series: series.collect(),
        });
    }
    Ok(figure)
}

fn notes() -> Vec<String> {
    vec![
        "802.11a; Rayleigh fading of each link to the client, coherence time 100 ms, mean SNR 32 and 14, \
         22 and 22, 14 and 32 dB; the APs hear each other with 29 dB. MPTCP of 2014."
            .into(),
        "With rates that do not heed losses the AP that fades backs off, and leaves the medium to the \
         other: that is the gain of the paper. Minstrel and cautious rate control take collisions for a \
         bad channel, of which two APs have more than one: cautious rates fall to the least on both."
            .into(),
        "Balanced: the client measures the time that each AP needs for a packet, by rate and Retry bit, \
         and has MPTCP keep away from one that needs half as much again as the other (MP_PRIO)."
            .into(),
    ]
}
