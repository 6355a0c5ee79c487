//! Figure 3.7: one download at all rates of one stream, over the signal-to-noise ratio.

use std::time::Duration;

use anyhow::Result;
use hack::Stats;
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs};
use sim::ErrorTable;
use sim::analysis::HtPhy;
use sim::scenario::{PolicyName, Preset, PresetOptions, Scenario, Simulation};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, Ticker, mean_and_sd};
use super::presets::{hack, scenario};

pub const EXPERIMENT: Experiment = Experiment {
    name: "fig3.7",
    title: "a download over the signal-to-noise ratio, 802.11n, MCS 0 to 7",
    run,
};

/// Where the curve of each MCS begins, in dB: below nothing comes through.
const BEGINS_DB: [f64; 8] = [0.0, 3.0, 5.0, 8.0, 11.0, 15.0, 17.0, 18.0];
/// Above that nothing changes any more.
const SPAN_DB: f64 = 9.0;
/// The range of the figure in dB.
const RANGE_DB: (f64, f64) = (1.0, 27.0);
/// TCP's least retransmission timeout: who does not get a byte for so long stalls.
const STALL: Duration = Duration::from_millis(200);

/// One point: a rate at a signal-to-noise ratio, with stock TCP or HACK.
struct Job {
    mcs: Mcs,
    snr_db: f64,
    scenario: Scenario,
}

/// What came of one download.
struct Download {
    goodput_mbps: f64,
    /// Longest time without a byte for the application.
    pause: Duration,
    hack: Option<Stats>,
}

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let step = if lab.quick { 2.0 } else { 1.0 };
    let snrs: Vec<f64> = (0..)
        .map(|number| RANGE_DB.0 + step * f64::from(number))
        .take_while(|&snr_db| snr_db <= RANGE_DB.1)
        .collect();
    let points: Vec<(Mcs, f64)> = Mcs::ALL
        .iter()
        .zip(BEGINS_DB)
        .flat_map(|(&mcs, begins)| {
            let last = if mcs == Mcs::ALL[7] { RANGE_DB.1 } else { begins + SPAN_DB };
            let within = snrs.iter().filter(move |&&snr_db| snr_db >= begins && snr_db <= last);
            within.map(move |&snr_db| (mcs, snr_db))
        })
        .collect();
    let jobs: Vec<Job> = points
        .iter()
        .flat_map(|&(mcs, snr_db)| {
            let tcp =
                PresetOptions { mcs: Some(mcs), snr_db: vec![snr_db], ..PresetOptions::default() };
            [hack(&tcp, PolicyName::Adaptive), tcp].map(|options| Job {
                mcs,
                snr_db,
                scenario: scenario(Preset::Lossy11n, &options, None),
            })
        })
        .collect();
    let table = ErrorTable::ideal();
    let downloads = lab.each(EXPERIMENT.name, &jobs, &seeds, |job, seed, ticker| {
        Ok(download(&job.scenario, table.clone(), seed, ticker))
    })?;
    let points = jobs.chunks(2).zip(downloads.chunks(2)).map(|(jobs, downloads)| Point {
        mcs: jobs[0].mcs,
        snr_db: jobs[0].snr_db,
        hack: &downloads[0],
        tcp: &downloads[1],
    });
    let points: Vec<Point<'_>> = points.collect();
    let envelopes: Vec<Envelope> =
        snrs.iter().map(|&snr_db| Envelope::at(snr_db, &points)).collect();
    Ok(Figure {
        panels: panels(&points, &envelopes),
        rows: rows(&points, &envelopes),
        notes: notes(lab),
        seeds: seeds.clone(),
    })
}

/// One download, looked at every 10 ms.
fn download(
    scenario: &Scenario,
    table: ErrorTable,
    seed: u64,
    ticker: &mut Ticker<'_>,
) -> Download {
    let mut simulation = Simulation::new(scenario, table, seed, ());
    simulation.warm_up();
    let (mut bytes, mut since, mut pause) = (0, Duration::ZERO, Duration::ZERO);
    loop {
        let more = simulation.step();
        ticker.reached(simulation.progress());
        let (delivered, now) = (simulation.bytes_delivered(), simulation.measured());
        if delivered > bytes || !more {
            pause = pause.max(now - since);
            (bytes, since) = (delivered, now);
        }
        if !more {
            break;
        }
    }
    let (outcome, ..) = simulation.finish();
    Download { goodput_mbps: outcome.goodput_mbps, pause, hack: outcome.hack() }
}

/// The downloads of all seeds at one rate and signal-to-noise ratio.
struct Point<'a> {
    mcs: Mcs,
    snr_db: f64,
    hack: &'a [Download],
    tcp: &'a [Download],
}

fn goodput(downloads: &[Download]) -> (f64, f64) {
    mean_and_sd(&downloads.iter().map(|one| one.goodput_mbps).collect::<Vec<f64>>())
}

/// What became of the ACKs of several downloads.
fn sum(downloads: &[Download]) -> Option<Stats> {
    downloads.iter().filter_map(|one| one.hack).reduce(|a, b| a.plus(&b))
}

/// What the best rate gives at a signal-to-noise ratio.
struct Envelope {
    snr_db: f64,
    hack: (f64, f64),
    tcp: (f64, f64),
    /// What became of the ACKs at the best rate, and how fast responses are there.
    stats: Option<Stats>,
    response_mbps: f64,
    /// Longest pauses of the downloads at the best rates: HACK's, and stock TCP's.
    pauses: [Vec<Duration>; 2],
    rate_mbps: f64,
}

impl Envelope {
    fn at(snr_db: f64, points: &[Point<'_>]) -> Self {
        let here = || points.iter().filter(|point| point.snr_db == snr_db);
        let best = |of: for<'a> fn(&Point<'a>) -> &'a [Download]| {
            let by_goodput =
                |a: &&Point<'_>, b: &&Point<'_>| goodput(of(a)).0.total_cmp(&goodput(of(b)).0);
            here().max_by(by_goodput).expect("some rate begins at the least ratio")
        };
        let (hack, tcp) = (best(|point| point.hack), best(|point| point.tcp));
        let pauses = |downloads: &[Download]| downloads.iter().map(|one| one.pause).collect();
        Self {
            snr_db,
            hack: goodput(hack.hack),
            tcp: goodput(tcp.tcp),
            pauses: [hack.hack, tcp.tcp].map(pauses),
            stats: sum(hack.hack),
            response_mbps: response_rate(hack.mcs),
            rate_mbps: mbps(hack.mcs),
        }
    }

    /// The longest pause in milliseconds, of HACK or of stock TCP.
    fn longest_ms(&self, which: usize) -> f64 {
        self.pauses[which].iter().max().map_or(0.0, |pause| pause.as_secs_f64() * 1e3)
    }

    fn gain_percent(&self) -> f64 {
        100.0 * (self.hack.0 / self.tcp.0 - 1.0)
    }
}

/// An MCS at 40 MHz with the short guard interval.
fn ht_rate(mcs: Mcs) -> HtRate {
    HtRate { mcs, width: HtWidth::Mhz40, gi: GuardInterval::Short }
}

fn mbps(mcs: Mcs) -> f64 {
    ht_rate(mcs).mbps(Bandwidth::Mhz40)
}

/// The rate at which its Block Acks come, in Mbit/s.
fn response_rate(mcs: Mcs) -> f64 {
    let phy = HtPhy { streams: 1, stream: ht_rate(mcs) };
    phy.response_rate().mbps(Bandwidth::Mhz20)
}

fn panels(points: &[Point<'_>], envelopes: &[Envelope]) -> Vec<Panel> {
    let envelope = |name: &str, of: fn(&Envelope) -> (f64, f64)| {
        let points = envelopes.iter().map(|envelope| (envelope.snr_db, of(envelope)));
        Series::with_sd(name, Mark::Line, points)
    };
    let mut series = vec![
        envelope("TCP/HACK, best rate", |envelope| envelope.hack),
        envelope("TCP, best rate", |envelope| envelope.tcp),
    ];
    for mcs in Mcs::ALL {
        let of_mcs = points.iter().filter(|point| point.mcs == mcs);
        let curve = of_mcs.map(|point| (point.snr_db, goodput(point.hack)));
        let name = format!("TCP/HACK, {} Mbit/s", mbps(mcs));
        series.push(Series::with_sd(name, Mark::Thin, curve));
    }
    let gains = envelopes.iter().map(|envelope| (envelope.snr_db, envelope.gain_percent()));
    let panel = |y_label: &str, series| Panel {
        x_label: "signal-to-noise ratio in 40 MHz, dB".into(),
        y_label: y_label.into(),
        categories: vec![],
        series,
    };
    let gains = vec![Series::new("TCP/HACK over TCP", Mark::Line, gains)];
    let pauses = [(0, "TCP/HACK, best rate"), (1, "TCP, best rate")].map(|(which, name)| {
        let points = envelopes.iter().map(|one| (one.snr_db, one.longest_ms(which)));
        Series::new(name, Mark::Line, points)
    });
    vec![
        panel("goodput, Mbit/s", series),
        panel("gain, %", gains),
        panel("longest pause, ms", pauses.to_vec()),
    ]
}

fn rows(points: &[Point<'_>], envelopes: &[Envelope]) -> Vec<Row> {
    let mean_gain = |fast_only: bool| {
        let chosen = envelopes.iter().filter(|envelope| !fast_only || envelope.rate_mbps > 90.0);
        let gains: Vec<f64> = chosen.map(Envelope::gain_percent).collect();
        mean_and_sd(&gains).0
    };
    let count = |of: fn(&Stats) -> u64| {
        points.iter().filter_map(|point| sum(point.hack)).map(|stats| of(&stats)).sum::<u64>()
            as f64
    };
    let at_best = envelopes.iter().filter_map(|envelope| envelope.stats);
    let waited = at_best.map(|stats| stats.safety_drains).sum::<u64>() as f64;
    let longest = |which: usize| {
        envelopes.iter().map(|envelope| envelope.longest_ms(which)).fold(0.0, f64::max)
    };
    let stalls = |which: usize| {
        let pauses = envelopes.iter().flat_map(|envelope| &envelope.pauses[which]);
        pauses.filter(|&&pause| pause >= STALL).count() as f64
    };
    let all: usize = envelopes.iter().map(|envelope| envelope.pauses[0].len()).sum();
    let mut rows = vec![
        Row::exact("mean gain over the range", "%", mean_gain(false)).paper(12.6),
        Row::exact("mean gain where the best rate is above 90 Mbit/s", "%", mean_gain(true))
            .paper(14.0),
        Row::exact("ACKs that rode, all points", "", count(|stats| stats.delivered)),
        Row::exact("riders that could not be made ACKs, all points", "", count(|stats| stats.gaps))
            .paper(0.0),
        Row::exact("times that ACKs waited in vain, all points", "", count(|s| s.safety_drains)),
        Row::exact("the same at the best rates", "", waited),
        Row::exact("longest pause at the best rate, HACK", "ms", longest(0)),
        Row::exact("longest pause at the best rate, TCP", "ms", longest(1)),
        Row::exact(format!("of {all} downloads those with a pause of 200 ms, HACK"), "", stalls(0)),
        Row::exact(format!("of {all} downloads those with a pause of 200 ms, TCP"), "", stalls(1)),
    ];
    for response_mbps in [6.0, 12.0, 24.0] {
        let here = envelopes.iter().filter(|envelope| envelope.response_mbps == response_mbps);
        let stats = here.filter_map(|envelope| envelope.stats).reduce(|a, b| a.plus(&b));
        let fit = stats.and_then(|stats| stats.fit_aifs_fraction());
        let what = format!("rides that fit AIFS with all that waited, at {response_mbps} Mbit/s");
        rows.extend(fit.map(|share| Row::exact(what, "%", 100.0 * share).paper(98.5)));
    }
    for envelope in envelopes {
        let what = |of: &str| format!("{of} at {} dB", envelope.snr_db);
        rows.push(Row::mean(what("TCP"), "Mbit/s", envelope.tcp));
        rows.push(Row::mean(what("TCP/HACK"), "Mbit/s", envelope.hack));
        rows.push(Row::exact(what("gain"), "%", envelope.gain_percent()));
    }
    rows
}

fn notes(lab: &Lab) -> Vec<String> {
    vec![
        "One client, 40 MHz, short guard interval, one stream; A-MPDUs of 65535 bytes or what 4 ms \
         hold; Block Acks at 6, 12 or 24 Mbit/s by the data's modulation; a queue of 126 packets; \
         one download of 20 MB from its first byte to its last, slow start included (the paper \
         has 100 MB)."
            .into(),
        format!(
            "Frame errors as in ns-3's tables. Every {} dB, each rate from where it begins to 9 dB \
             above, MCS 7 to the end; the best rate of each ratio, for TCP and HACK by itself, is \
             the envelope. HACK is `adaptive`.",
            if lab.quick { 2 } else { 1 },
        ),
        "ACKs wait in vain (140 ms) at the edge of a rate's range, where nothing comes through. At \
         the best rates they hardly ever do: the pauses there are TCP's own timeouts."
            .into(),
        "A pause is a time without a byte for the application, seen every 10 ms. Stock TCP pauses \
         where whole windows are lost, until its retransmission timer of 200 ms or more: slow start \
         overflows the queue of 126, or the rate is at the edge of its range."
            .into(),
    ]
}
