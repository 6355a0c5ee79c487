//! `ackride per`: packet error rate against signal-to-noise ratio, our transmitter through
//! simulated air to our receiver.

mod measure;
mod plot;
mod table;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};
use rayon::prelude::*;
use serde::Serialize;

use crate::units::{parse_bandwidth, parse_hz};
use measure::{Point, measure};

/// Arguments of `per`.
#[derive(clap::Args)]
pub struct Args {
    /// Rates separated by commas: non-HT ones in Mbit/s at 20 MHz, HT ones as mcs0 to mcs7; "all"
    /// non-HT rates; "ht" for all MCSs.
    #[arg(long, default_value = "all", value_parser = parse_rates)]
    rates: Rates,
    /// Short guard interval in HT frames.
    #[arg(long)]
    short_gi: bool,
    /// Bandwidth in MHz. At 40, HT frames are 40 MHz wide and non-HT ones duplicates.
    #[arg(long, default_value = "20", value_parser = parse_bandwidth)]
    bandwidth: Bandwidth,
    /// Signal-to-noise ratios in dB: FROM:TO:STEP. Signal is the frames' mean power, noise that
    /// in the whole channel.
    #[arg(long, default_value = "-2:22:1", value_parser = parse_range, allow_hyphen_values = true)]
    snr: Range,
    /// Frames for each rate and ratio.
    #[arg(long, default_value_t = 1000)]
    frames: usize,
    /// Bytes of the PSDU, or a range from which each frame draws its own: 100..600.
    #[arg(long, default_value = "500", value_parser = parse_len)]
    len: (usize, usize),
    /// Carrier frequency offset in hertz.
    #[arg(long, default_value = "20k", value_parser = parse_hz, allow_hyphen_values = true)]
    cfo: f64,
    /// Sample clock offset in parts per million.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    ppm: f64,
    /// Delay spread in nanoseconds of a random channel, a new one for each frame.
    #[arg(long, value_name = "NS")]
    multipath_rms_ns: Option<f64>,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Points that are measured at the same time; the result is the same for any number
    /// [default: the number of cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Also write the points as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also draw the curves as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Instead measure all rates at 32, 500 and 1500 bytes, in steps of 0.5 dB as far as they
    /// need, and write the error table from which the simulator judges frames.
    #[arg(long, value_name = "FILE", conflicts_with_all = TABLE_HAS_ITS_OWN)]
    table: Option<PathBuf>,
}

/// What `--table` decides itself.
const TABLE_HAS_ITS_OWN: [&str; 8] =
    ["rates", "short_gi", "bandwidth", "snr", "len", "json", "csv", "svg"];

/// Rates, the HT ones without width and guard interval.
#[derive(Debug, Clone)]
struct Rates(Vec<Named>);

#[derive(Debug, Clone, Copy)]
enum Named {
    NonHt(OfdmRate),
    Ht(Mcs),
}

/// Signal-to-noise ratios in dB.
#[derive(Debug, Clone)]
struct Range(Vec<f64>);

/// The packet error rates of one rate.
#[derive(Serialize)]
struct Curve {
    rate_mbps: f64,
    mcs: Option<u8>,
    points: Vec<Point>,
    /// Interpolated SNR at which the PER is 50, 10 and 1 %; `null` where the curve does not
    /// reach it.
    snr_at_per_50_db: Option<f64>,
    snr_at_per_10_db: Option<f64>,
    snr_at_per_1_db: Option<f64>,
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let threads =
        args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let rates = args.rates();
    let setup = measure::Setup {
        bandwidth: args.bandwidth,
        frames: args.frames,
        len: args.len,
        cfo_hz: args.cfo,
        clock_ppm: args.ppm,
        multipath_rms_ns: args.multipath_rms_ns,
        seed: args.seed,
    };
    setup.check(&rates)?;
    if let Some(path) = &args.table {
        // Whether it can be written is better known before than after minutes of measuring.
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        drop(file.with_context(|| path.display().to_string())?);
        let table = pool.install(|| table::measured(&setup));
        std::fs::write(path, table).with_context(|| path.display().to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let jobs: Vec<_> =
        rates.iter().flat_map(|&rate| args.snr.0.iter().map(move |&snr| (rate, snr))).collect();
    let points: Vec<Point> =
        pool.install(|| jobs.par_iter().map(|&(rate, snr)| measure(&setup, rate, snr)).collect());
    let curves: Vec<Curve> = rates
        .iter()
        .zip(points.chunks(args.snr.0.len().max(1)))
        .map(|(&rate, points)| Curve::new(rate, args.bandwidth, points.to_vec()))
        .collect();

    if args.json {
        println!("{}", serde_json::to_string_pretty(&curves)?);
    } else {
        print_table(&curves, &args.snr.0)?;
    }
    if let Some(path) = &args.csv {
        std::fs::write(path, csv(&curves)).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &args.svg {
        plot::draw(&curves, path).with_context(|| path.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// The rates with the width and guard interval that were asked for.
    fn rates(&self) -> Vec<Rate> {
        let wide = self.bandwidth == Bandwidth::Mhz40;
        let width = if wide { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
        let gi = if self.short_gi { GuardInterval::Short } else { GuardInterval::Long };
        let rate = |named: &Named| match *named {
            Named::NonHt(rate) => Rate::NonHt(rate),
            Named::Ht(mcs) => Rate::Ht(HtRate { mcs, width, gi }),
        };
        self.rates.0.iter().map(rate).collect()
    }
}

impl Curve {
    fn new(rate: Rate, bandwidth: Bandwidth, points: Vec<Point>) -> Self {
        let crossing = |per: f64| crossing(&points, per);
        Self {
            rate_mbps: rate.mbps(bandwidth),
            mcs: match rate {
                Rate::NonHt(_) => None,
                Rate::Ht(rate) => Some(rate.mcs.index()),
            },
            snr_at_per_50_db: crossing(0.5),
            snr_at_per_10_db: crossing(0.1),
            snr_at_per_1_db: crossing(0.01),
            points,
        }
    }

    /// MCS, or rate in Mbit/s.
    fn name(&self) -> String {
        self.mcs.map_or(self.rate_mbps.to_string(), |mcs| format!("mcs{mcs}"))
    }
}

/// SNR at which the curve falls to `per`, between points by the logarithm of the PER.
fn crossing(points: &[Point], per: f64) -> Option<f64> {
    let pair = points.windows(2).find(|pair| pair[0].per > per && pair[1].per <= per)?;
    // A point without losses counts as half a loss.
    let log = |point: &Point| point.per.max(0.5 / point.frames as f64).ln();
    let (a, b) = (log(&pair[0]), log(&pair[1]));
    let share = if a == b { 1.0 } else { ((a - per.ln()) / (a - b)).clamp(0.0, 1.0) };
    Some(pair[0].snr_db + share * (pair[1].snr_db - pair[0].snr_db))
}

fn print_table(curves: &[Curve], snrs: &[f64]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "PER in %\nSNR dB  ")?;
    for curve in curves {
        write!(out, "{:>7}", curve.name())?;
    }
    writeln!(out, "  Mbit/s or MCS")?;
    for (i, snr) in snrs.iter().enumerate() {
        write!(out, "{snr:>6.1}  ")?;
        for curve in curves {
            write!(out, "{:>7.1}", 100.0 * curve.points[i].per)?;
        }
        writeln!(out)?;
    }
    type Pick = fn(&Curve) -> Option<f64>;
    let rows: [(&str, Pick); 3] = [
        ("PER 50 %", |curve| curve.snr_at_per_50_db),
        ("PER 10 %", |curve| curve.snr_at_per_10_db),
        ("PER  1 %", |curve| curve.snr_at_per_1_db),
    ];
    for (name, pick) in rows {
        write!(out, "{name}")?;
        for curve in curves {
            let snr = pick(curve).map_or("-".to_owned(), |snr| format!("{snr:.1}"));
            write!(out, "{snr:>7}")?;
        }
        writeln!(out, "  dB")?;
    }
    Ok(())
}

fn csv(curves: &[Curve]) -> String {
    let mut text = "rate_mbps,mcs,snr_db,frames,lost,per\n".to_owned();
    for curve in curves {
        for Point { snr_db, frames, lost, per } in &curve.points {
            let mcs = curve.mcs.map_or(String::new(), |mcs| mcs.to_string());
            text += &format!("{},{mcs},{snr_db},{frames},{lost},{per}\n", curve.rate_mbps);
        }
    }
    text
}

fn parse_rates(text: &str) -> Result<Rates, String> {
    let rate = |text: &str| -> Option<Named> {
        if let Some(index) = text.strip_prefix("mcs") {
            return index.parse().ok().and_then(Mcs::new).map(Named::Ht);
        }
        let mbps = text.parse().ok()?;
        OfdmRate::from_mbps(mbps, Bandwidth::Mhz20).map(Named::NonHt)
    };
    let mut rates = Vec::new();
    for text in text.split(',').map(str::trim) {
        match text {
            "all" => rates.extend(OfdmRate::ALL.map(Named::NonHt)),
            "ht" => rates.extend(Mcs::ALL.map(Named::Ht)),
            _ => rates.push(rate(text).ok_or_else(|| {
                format!(
                    "'{text}' is not one of 6, 9, 12, 18, 24, 36, 48, 54, mcs0 to mcs7, all, ht"
                )
            })?),
        }
    }
    Ok(Rates(rates))
}

fn parse_range(text: &str) -> Result<Range, String> {
    let numbers: Option<Vec<f64>> = text.split(':').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[only]) => Ok(Range(vec![only])),
        Some(&[from, to, step]) if step > 0.0 && to >= from && (to - from) / step < 1e4 => {
            let count = ((to - from) / step + 1e-9) as usize;
            Ok(Range((0..=count).map(|i| from + i as f64 * step).collect()))
        }
        _ => Err(format!("'{text}' is no range; write FROM:TO:STEP, as 10:20:0.5")),
    }
}

fn parse_len(text: &str) -> Result<(usize, usize), String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| format!("'{text}' is no number of bytes"));
    Ok((number(least)?, number(most)?))
}
