//! Figure 3.5 and table 3.1: 802.11a at 54 Mbit/s, one and two clients: goodput, and how many frames
//! are sent more than once.

use std::time::Duration;

use anyhow::Result;
use phy80211::OfdmRate;
use sim::analysis::{Assumptions, dot11a};
use sim::scenario::{Outcome, PolicyName, Preset, PresetOptions, Time};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Published, Row, Series};
use super::lab::{Lab, mean_and_sd};
use super::presets::{self, hack, scenario, udp};

pub const GOODPUT: Experiment = Experiment {
    name: "fig3.5",
    title: "goodput with 802.11a, 54 Mbit/s, 1 and 2 clients",
    run: goodput,
};

pub const RETRIES: Experiment = Experiment {
    name: "table3.1",
    title: "frames that take more than one attempt, 802.11a, 54 Mbit/s",
    run: retries,
};

/// By how much the responses of the software radio are late.
const LATE_ACKS: Time = Time(Duration::from_micros(50));
/// The share of PPDUs whose beginning it senses two slots late.
const LATE_SENSING: f64 = 0.7;
/// Of UDP's frames 1 % are damaged, as on the testbed.
const LOSSY_SNR_DB: f64 = 19.25;

/// What is compared.
const SCHEMES: [&str; 3] = ["UDP", "TCP/HACK", "TCP"];
/// Numbers of clients.
const CLIENTS: [usize; 2] = [1, 2];

/// One kind of radio.
struct Radio {
    name: &'static str,
    late_acks: Time,
    late_sensing: Option<f64>,
    snr_db: Vec<f64>,
    /// Goodputs of the paper with one client, by scheme.
    paper_mbps: [Option<f64>; 3],
    /// Its gains, by clients.
    paper_gain: [Option<f64>; 2],
    /// Its retries, by clients and scheme.
    paper_retries: [[Option<Published>; 3]; 2],
}

fn radios() -> [Radio; 2] {
    let one = |udp: f64, hack: [f64; 2], tcp: [f64; 2]| {
        [Some(udp.into()), Some(hack.into()), Some(tcp.into())]
    };
    [
        Radio {
            name: "ideal",
            late_acks: Time::default(),
            late_sensing: None,
            snr_db: vec![],
            paper_mbps: [Some(30.2), None, None],
            paper_gain: [None; 2],
            paper_retries: [[None; 3]; 2],
        },
        Radio {
            name: "software radio",
            late_acks: LATE_ACKS,
            late_sensing: Some(LATE_SENSING),
            snr_db: vec![LOSSY_SNR_DB],
            paper_mbps: [Some(26.5), Some(25.0), Some(19.4)],
            paper_gain: [Some(29.0), Some(32.2)],
            paper_retries: [one(1.0, [2.0, 3.0], [12.0, 13.0]), one(1.0, [2.0, 2.0], [14.0, 14.0])],
        },
    ]
}

/// Outcomes by clients and scheme, each of all seeds.
type Measured = [[Vec<Outcome>; 3]; 2];

fn measure(lab: &Lab, name: &str, radio: &Radio, seeds: &[u64]) -> Result<Measured> {
    let seconds = if lab.quick { 5.0 } else { 30.0 };
    let scenarios: Vec<_> = CLIENTS
        .iter()
        .flat_map(|&clients| {
            let options = PresetOptions {
                clients: Some(clients),
                late_acks: radio.late_acks,
                late_sensing: radio.late_sensing,
                snr_db: radio.snr_db.clone(),
                ..PresetOptions::default()
            };
            [udp(&options), hack(&options, PolicyName::Adaptive), options]
        })
        .map(|options| scenario(Preset::Ibss11a, &options, Some(seconds)))
        .collect();
    let mut outcomes = lab.simulate(name, &scenarios, seeds)?.into_iter();
    let mut next = || outcomes.next().expect("each scenario has run");
    Ok(CLIENTS.map(|_| SCHEMES.map(|_| next())))
}

fn goodput(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let mut figure = Figure { notes: notes(), seeds: seeds.clone(), ..Figure::default() };
    for radio in radios() {
        let measured = measure(lab, GOODPUT.name, &radio, &seeds)?;
        let mbps = |clients: usize, scheme: usize| -> Vec<f64> {
            measured[clients][scheme].iter().map(|outcome| outcome.goodput_mbps).collect()
        };
        figure
            .panels
            .push(panel(&format!("goodput, Mbit/s, {}", radio.name), |scheme, clients| {
                mean_and_sd(&mbps(clients, scheme))
            }));
        for (clients, &number) in CLIENTS.iter().enumerate() {
            let what = |of: &str| format!("{of}, {}, {}", presets::clients(number), radio.name);
            for (scheme, name) in SCHEMES.iter().enumerate() {
                let row = Row::mean(what(name), "Mbit/s", mean_and_sd(&mbps(clients, scheme)));
                let paper = radio.paper_mbps[scheme].filter(|_| clients == 0);
                figure.rows.push(row.paper_or_none(paper));
            }
            let [udp, hack, tcp] = [0, 1, 2].map(|scheme| mbps(clients, scheme));
            let gains: Vec<f64> =
                hack.iter().zip(&tcp).map(|(hack, tcp)| 100.0 * (hack / tcp - 1.0)).collect();
            let row = Row::mean(what("gain of HACK"), "%", mean_and_sd(&gains));
            figure.rows.push(row.paper_or_none(radio.paper_gain[clients]));
            let [udp, hack, tcp] = [udp, hack, tcp].map(|all| mean_and_sd(&all).0);
            let ceiling = udp * 1460.0 / 1472.0;
            let share = 100.0 * (hack - tcp) / (ceiling - tcp);
            figure.rows.push(Row::exact(what("share of the room taken"), "%", share));
        }
    }
    let model = dot11a(OfdmRate::Mbps54, &Assumptions::default());
    figure.notes.push(format!(
        "By arithmetic (fig3.1a): UDP {:.2}, HACK {:.2}, TCP {:.2} Mbit/s, gain {:.1} %.",
        model.udp,
        model.hack,
        model.tcp,
        model.gain_percent(),
    ));
    figure.notes.push(
        "The room is from TCP to UDP's goodput less TCP's larger headers (1460 of 1472 bytes)."
            .into(),
    );
    figure.notes.push(
        "The paper's 30.2 Mbit/s for an ideal MAC takes an Ack at 54 Mbit/s, or counts 1500 bytes \
         a packet; responses at 24 Mbit/s leave 29.93."
            .into(),
    );
    Ok(figure)
}

fn retries(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let mut figure = Figure { notes: notes(), seeds: seeds.clone(), ..Figure::default() };
    for radio in radios() {
        let measured = measure(lab, RETRIES.name, &radio, &seeds)?;
        let percent = |scheme: usize, clients: usize| -> (f64, f64) {
            let outcomes = &measured[clients][scheme];
            let shares = outcomes.iter().filter_map(Outcome::retry_fraction);
            mean_and_sd(&shares.map(|share| 100.0 * share).collect::<Vec<f64>>())
        };
        figure.panels.push(panel(&format!("frames retried, %, {}", radio.name), percent));
        for (clients, &number) in CLIENTS.iter().enumerate() {
            for (scheme, name) in SCHEMES.iter().enumerate() {
                let what = format!("{name}, {}, {}", presets::clients(number), radio.name);
                let row = Row::mean(what, "%", percent(scheme, clients));
                figure.rows.push(row.paper_or_none(radio.paper_retries[clients][scheme]));
            }
        }
    }
    figure.notes.push(
        "Of the frames of the AP that arrived, the share that was sent more than once.".into(),
    );
    Ok(figure)
}

fn notes() -> Vec<String> {
    vec![
        "An IBSS without beacons, stations within 10 m: frames are lost by collision alone. New \
         Reno, MSS 1460, a queue of 126 packets for each client, 30 s a run (5 s with --quick); \
         the paper has 5 runs of 120 s."
            .into(),
        format!(
            "Software radio: Acks {} us late, which ACK timeouts and Duration cover; {:.0} % of PPDUs \
             noticed two slots late; a signal of {LOSSY_SNR_DB} dB, at which 1 % of the frames are \
             damaged, as of the testbed's UDP. With half of the PPDUs noticed late the gain is 28 % \
             and the retries are 10 %.",
            LATE_ACKS.0.as_micros(),
            100.0 * LATE_SENSING,
        ),
    ]
}

/// Bars for each number of clients.
fn panel(y_label: &str, mean: impl Fn(usize, usize) -> (f64, f64)) -> Panel {
    let series = SCHEMES.iter().enumerate().map(|(scheme, name)| {
        let points = (0..CLIENTS.len()).map(|clients| (clients as f64, mean(scheme, clients)));
        Series::with_sd(*name, Mark::Bars, points)
    });
    Panel {
        x_label: "clients".into(),
        y_label: y_label.into(),
        categories: CLIENTS.map(|clients| clients.to_string()).to_vec(),
        series: series.collect(),
    }
}
