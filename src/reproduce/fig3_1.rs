//! Figure 3.1: what TCP and TCP/HACK could get on a lone link, by arithmetic.

use anyhow::Result;
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate};
use sim::analysis::{
    AIFSN_BEST_EFFORT, Assumptions, Goodputs, HtPhy, ampdu_mpdus, dot11a, dot11n, mean_idle,
    single_frames,
};
use sim::scenario::{Outcome, PolicyName, Preset, PresetOptions, Scenario, TcpTable, Time};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, goodput};
use super::presets::{hack, scenario};

pub const A: Experiment = Experiment {
    name: "fig3.1a",
    title: "theoretical goodput of TCP and TCP/HACK, 802.11a",
    run: run_a,
};

pub const B: Experiment = Experiment {
    name: "fig3.1b",
    title: "theoretical goodput of TCP and TCP/HACK, 802.11n",
    run: run_b,
};

/// Goodputs at a data rate.
type At = (f64, Goodputs);

fn run_a(lab: &Lab) -> Result<Figure> {
    let curve: Vec<At> = OfdmRate::ALL
        .iter()
        .map(|&rate| (rate.mbps(Bandwidth::Mhz20), dot11a(rate, &Assumptions::default())))
        .collect();
    let gains = Series::new("802.11a", Mark::Line, gains(&curve));
    let rows = curve.iter().flat_map(|(mbps, goodputs)| {
        [
            Row::exact(format!("TCP at {mbps}"), "Mbit/s", goodputs.tcp),
            Row::exact(format!("TCP/HACK at {mbps}"), "Mbit/s", goodputs.hack),
            Row::exact(format!("gain at {mbps}"), "%", goodputs.gain_percent()),
        ]
    });
    let mut goodputs = goodput_curves(&curve);
    let seeds = lab.seeds(3, 1);
    goodputs.extend(simulated_a(lab, &seeds)?);
    Ok(Figure {
        rows: rows.collect(),
        panels: panels(goodputs, vec![gains]),
        seeds,
        notes: vec![
            "One station, no errors, no collisions, no beacons; 1500-byte packets, MSS 1460, \
             one ACK for two segments."
                .into(),
            "Each frame: DIFS 34 us, a mean backoff of 7.5 slots of 9 us, 24 + 8 + packet + 4 \
             bytes at the data rate, SIFS 16 us, an Ack of 14 bytes at the highest of 6, 12, 24 \
             Mbit/s not above the data rate."
                .into(),
            "HACK: every ACK rides on an Ack in 4 bytes. At 24 Mbit/s up to 7 fit into its last \
             symbol for nothing."
                .into(),
            "The paper has the curves, not their numbers.".into(),
            "Dots: the simulator with one client, as in fig3.5 (ideal).".into(),
        ],
    })
}

/// What the simulator makes of 802.11a.
fn simulated_a(lab: &Lab, seeds: &[u64]) -> Result<Vec<Series>> {
    let links = OfdmRate::ALL.map(|rate| {
        let options = PresetOptions { rates: vec![rate], ..PresetOptions::default() };
        (rate.mbps(Bandwidth::Mhz20), options)
    });
    simulated(lab, A.name, &links, seeds, |options| {
        scenario(Preset::Ibss11a, options, Some(SIMULATED_S))
    })
}

/// What it makes of the rates of one stream, 40 MHz wide, with the short guard interval.
fn simulated_b(lab: &Lab, seeds: &[u64]) -> Result<Vec<Series>> {
    let (width, gi) = (HtWidth::Mhz40, GuardInterval::Short);
    let links = Mcs::ALL.map(|mcs| {
        let options = PresetOptions {
            mcs: Some(mcs),
            queue: Some(SIMULATED_QUEUE),
            snr_db: vec![SIMULATED_SNR_DB],
            ..PresetOptions::default()
        };
        (HtRate { mcs, width, gi }.mbps(Bandwidth::Mhz40), options)
    });
    simulated(lab, B.name, &links, seeds, |options| {
        // The preset that ends A-MPDUs after 4 ms, with downloads that do not end.
        let download = scenario(Preset::Lossy11n, options, Some(SIMULATED_S));
        let tcp = download.tcp.into_iter().map(|flow| TcpTable { bytes: None, ..flow });
        Scenario {
            tcp: tcp.collect(),
            warm_up: Time::secs(SETTLED_S),
            until_done: false,
            ..download
        }
    })
}

/// Stock TCP and HACK, as dots.
fn simulated(
    lab: &Lab,
    name: &str,
    links: &[(f64, PresetOptions)],
    seeds: &[u64],
    scenario: impl Fn(&PresetOptions) -> Scenario,
) -> Result<Vec<Series>> {
    let with_hack = |options: &PresetOptions| hack(options, PolicyName::Adaptive);
    let stock = links.iter().map(|(_, options)| scenario(options));
    let riding = links.iter().map(|(_, options)| scenario(&with_hack(options)));
    let scenarios: Vec<Scenario> = riding.chain(stock).collect();
    let outcomes = lab.simulate(name, &scenarios, seeds)?;
    let dots = |name: &str, outcomes: &[Vec<Outcome>]| {
        let means = links.iter().zip(outcomes).map(|((mbps, _), all)| (*mbps, goodput(all)));
        Series::with_sd(name, Mark::Dots, means)
    };
    let (riding, stock) = outcomes.split_at(links.len());
    Ok(vec![dots("TCP/HACK, simulated", riding), dots("TCP, simulated", stock)])
}

/// How long is simulated, and from when on: slow start is over.
const SIMULATED_S: f64 = 6.0;
const SETTLED_S: f64 = 5.0;
/// A queue that limits no window, and a signal without errors.
const SIMULATED_QUEUE: usize = 252;
const SIMULATED_SNR_DB: f64 = 35.0;

/// Rates of a width and guard interval, with what one can get.
fn ht_curve(width: HtWidth, gi: GuardInterval, assumptions: &Assumptions) -> Vec<At> {
    let all = HtPhy::all(width, gi);
    all.iter().map(|phy| (phy.mbps(), dot11n(phy, assumptions))).collect()
}

fn run_b(lab: &Lab) -> Result<Figure> {
    let base = Assumptions::default();
    let spaced = Assumptions {
        timestamps: true,
        start_spacing: std::time::Duration::from_micros(2),
        ..base
    };
    let curve = ht_curve(HtWidth::Mhz40, GuardInterval::Short, &base);
    let spaced_curve = ht_curve(HtWidth::Mhz40, GuardInterval::Short, &spaced);
    let others = [
        ("40 MHz, long GI", HtWidth::Mhz40, GuardInterval::Long),
        ("20 MHz, short GI", HtWidth::Mhz20, GuardInterval::Short),
        ("20 MHz, long GI", HtWidth::Mhz20, GuardInterval::Long),
    ];
    let mut gain_series = vec![
        Series::new("40 MHz, short GI", Mark::Line, gains(&curve)),
        Series::new("timestamps, 2 us spacing", Mark::Line, gains(&spaced_curve)),
    ];
    gain_series.extend(others.map(|(name, width, gi)| {
        Series::new(name, Mark::Thin, gains(&ht_curve(width, gi, &base)))
    }));

    let fastest = HtPhy::all(HtWidth::Mhz40, GuardInterval::Short);
    let fastest = fastest.last().expect("there are rates");
    let idle_us = mean_idle(AIFSN_BEST_EFFORT).as_secs_f64() * 1e6;
    let mut rows = vec![
        Row::exact("mean idle time before a frame", "us", idle_us).paper(110.5),
        Row::exact("single frames at 600, of the rate", "%", 100.0 * single_frames(fastest))
            .paper(9.0),
        Row::exact("mean gain below 100 Mbit/s", "%", mean_gain_below_100(&curve)).paper(8.0),
        Row::exact("gain at 600", "%", last_gain(&curve)).paper(20.0),
        Row::exact(
            "mean gain below 100, timestamps, 2 us",
            "%",
            mean_gain_below_100(&spaced_curve),
        )
        .paper(8.0),
        Row::exact("gain at 600, timestamps, 2 us", "%", last_gain(&spaced_curve)).paper(20.0),
    ];
    for (mbps, goodputs) in &curve {
        rows.push(Row::exact(format!("{mbps:.0}: TCP"), "Mbit/s", goodputs.tcp));
        rows.push(Row::exact(format!("{mbps:.0}: TCP/HACK"), "Mbit/s", goodputs.hack));
        rows.push(Row::exact(format!("{mbps:.0}: gain"), "%", goodputs.gain_percent()));
    }
    let mpdus = ampdu_mpdus(fastest, &base);
    let mut goodputs = goodput_curves(&curve);
    let seeds = lab.seeds(3, 1);
    goodputs.extend(simulated_b(lab, &seeds)?);
    Ok(Figure {
        rows,
        panels: panels(goodputs, gain_series),
        seeds,
        notes: vec![
            "One station, no errors, no collisions, no beacons; 1500-byte packets, MSS 1460, \
             one ACK for two segments."
                .into(),
            format!(
                "Each A-MPDU: AIFS 43 us, a mean backoff of 7.5 slots of 9 us, as many 1500-byte \
                 packets as 65535 bytes ({mpdus}) or 4 ms hold, SIFS 16 us, a Block Ack of 32 \
                 bytes at 6, 12 or 24 Mbit/s by the data's modulation (BPSK, QPSK, QAM)."
            ),
            "TCP: all ACKs of an A-MPDU return in one, with a contention and a Block Ack. HACK: \
             all ride on the next Block Ack, in 4 bytes each."
                .into(),
            "MCS 0 to 31 (one to four streams, HT-mixed preambles of 36 to 48 us); of equal \
             rates the one with the fewest streams."
                .into(),
            "\"Timestamps, 2 us\": ACKs of 52 bytes, MSS 1448, and MPDUs at least 2 us apart: the \
             paper does not say what it assumed, and this comes nearest to its 20 %."
                .into(),
            "Dots: the simulator with one client, one stream, a queue of 252 packets, A-MPDUs of \
             65535 bytes or 4 ms. Stock TCP is below its curve for ACKs collide with data, which \
             the arithmetic leaves out."
                .into(),
        ],
    })
}

fn gains(curve: &[At]) -> impl Iterator<Item = (f64, f64)> {
    curve.iter().map(|(mbps, goodputs)| (*mbps, goodputs.gain_percent()))
}

fn last_gain(curve: &[At]) -> f64 {
    curve.last().map_or(0.0, |(_, goodputs)| goodputs.gain_percent())
}

fn mean_gain_below_100(curve: &[At]) -> f64 {
    let slow: Vec<f64> = gains(curve).filter(|(mbps, _)| *mbps < 100.0).map(|at| at.1).collect();
    slow.iter().sum::<f64>() / slow.len() as f64
}

fn goodput_curves(curve: &[At]) -> Vec<Series> {
    let of = |name: &str, goodput: fn(&Goodputs) -> f64| {
        Series::new(name, Mark::Line, curve.iter().map(|(mbps, all)| (*mbps, goodput(all))))
    };
    vec![of("UDP", |all| all.udp), of("TCP/HACK", |all| all.hack), of("TCP", |all| all.tcp)]
}

fn panels(goodputs: Vec<Series>, gains: Vec<Series>) -> Vec<Panel> {
    let panel = |y_label: &str, series| Panel {
        x_label: "data rate, Mbit/s".into(),
        y_label: y_label.into(),
        categories: vec![],
        series,
    };
    vec![panel("goodput, Mbit/s", goodputs), panel("gain of HACK over TCP, %", gains)]
}
