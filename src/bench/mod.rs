//! `ackride bench`: how fast this machine receives, and whether it could answer in time.

mod air;
mod latency;
mod responder;
mod spin;
mod throughput;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::realtime;
use latency::Latency;
use throughput::Throughput;

/// Arguments of `bench`.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of air for each rate.
    #[arg(long, default_value_t = 0.2)]
    seconds: f64,
    /// Frames for each measurement of latency.
    #[arg(long, default_value_t = 2000)]
    frames: usize,
    /// Ask the system for real-time priority (SCHED_FIFO), so that no other process comes between.
    #[arg(long)]
    realtime: bool,
    /// Measure the pipeline of `ap` and `sta` instead: from the last sample of a frame, delivered to
    /// the process, to the first one of the response, handed to a radio in memory.
    #[cfg(target_os = "linux")]
    #[arg(long)]
    pipeline: bool,
    /// Cores on which the pipeline's threads run [default: any].
    #[cfg(target_os = "linux")]
    #[arg(long, value_delimiter = ',', requires = "pipeline")]
    cpus: Vec<usize>,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    /// Whether this had real-time priority.
    realtime: bool,
    throughput: Vec<Throughput>,
    latency: Vec<Latency>,
}

/// Runs the subcommand. One thread, whatever the machine has.
pub fn run(args: Args) -> Result<ExitCode> {
    ensure!(
        args.seconds > 0.0 && args.seconds <= 60.0,
        "--seconds: {} is not above 0 and up to 60",
        args.seconds
    );
    ensure!(args.frames > 0, "--frames: none to measure");
    #[cfg(target_os = "linux")]
    if args.pipeline {
        return pipeline(args);
    }
    if args.realtime {
        realtime::ask().context("--realtime")?;
    }
    let report = Report {
        realtime: realtime::is_had(),
        throughput: throughput::measure(args.seconds)?,
        latency: latency::measure(args.frames)?,
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How long the threads between a radio and the MAC take.
#[cfg(target_os = "linux")]
fn pipeline(args: Args) -> Result<ExitCode> {
    let cpus = args.cpus.clone();
    let measured = crate::live::measure_pipeline(args.frames as u64, cpus, args.realtime)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&measured)?);
    } else {
        let crate::live::status::Quantiles { responses, p50_us, p99_us, p999_us, max_us } =
            measured;
        println!(
            "{responses} frames of 1500 B at 54 Mbit/s, last sample delivered to Ack handed over, in us:\n\
             p50 {p50_us:.1}, p99 {p99_us:.1}, p99.9 {p999_us:.1}, max {max_us:.1}"
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Reception on one core, frames 16 us apart, median of three runs:")?;
    for Throughput { what, s_per_air_s, frames, good } in &report.throughput {
        let times = 1.0 / s_per_air_s;
        write!(out, "{what:<38} {s_per_air_s:>6.3} s for a second of air, {times:>6.1} times")?;
        writeln!(out, " real time   {good} of {frames} good")?;
    }
    let priority = if report.realtime { "with" } else { "without" };
    writeln!(
        out,
        "\nFrom the last 64 samples of a frame to the waveform of the answer, in us, {priority}\nreal-time priority:"
    )?;
    writeln!(out, "{:<56} {:>7} {:>7} {:>7} {:>7}", "", "p50", "p99", "p99.9", "max")?;
    for latency in &report.latency {
        let rows = [
            ("PSDU and FCS known", &latency.verdict),
            ("answer ready", &latency.answer),
            ("as much plain arithmetic", &latency.spin),
        ];
        for (stage, quantiles) in rows {
            let [p50, p99, p999, max] = quantiles.us();
            let what = format!("{}: {stage}", latency.what);
            writeln!(out, "{what:<56} {p50:>7.1} {p99:>7.1} {p999:>7.1} {max:>7.1}")?;
        }
    }
    let possible = report.latency.iter().all(Latency::is_within_sifs);
    let verdict = if possible { "possible" } else { "not possible" };
    writeln!(
        out,
        "\nAn answer within SIFS (16 us) is {verdict} on this machine for 999 of 1000 frames, were\nthe samples to come and go without delay."
    )?;
    Ok(())
}
