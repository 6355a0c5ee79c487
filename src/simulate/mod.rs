//! `ackride sim`: networks in virtual time, from a scenario file or a preset.

mod csv;
mod event_log;
mod hack;
mod options;
mod pcap;
mod recorder;
mod report;
mod run;
mod scenario_args;
mod text;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use sim::scenario::Time;

pub use self::hack::Hack;
use report::Report;
pub use scenario_args::{ScenarioArgs, load};

/// Arguments of `sim`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// How long to measure, in seconds.
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Seeds that run at the same time; the result is the same for any number [default: the
    /// number of cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Print a JSON object instead of a summary. docs/sim.md has its fields.
    #[arg(long)]
    json: bool,
    /// Also write what each seed came to as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also write the queues of all nodes over time as CSV, of the first seed.
    #[arg(long, value_name = "FILE")]
    queues: Option<PathBuf>,
    /// Also write what each node sent and received to a pcapng file in this folder, of the first
    /// seed.
    #[arg(long, value_name = "FOLDER")]
    pcap: Option<PathBuf>,
    /// Also write what happens as JSON lines, of the first seed.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Let the frames be waveforms, which our own receivers decode; what they go through is in the
    /// scenario's table of samples.
    #[arg(long)]
    samples: bool,
    /// Also write what a monitor hears as a SigMF recording, of the first seed.
    #[arg(long, value_name = "FILE", requires = "samples")]
    record: Option<PathBuf>,
    /// Print the scenario as a file, for changes of your own, instead of running it.
    #[arg(long)]
    toml: bool,
}

/// More seeds than anybody has patience for.
const MAX_SEEDS: u64 = 100_000;

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut scenario = args.scenario.scenario()?;
    if let Some(duration) = args.duration {
        ensure!((1e-6..=1e6).contains(&duration), "--duration: {duration} s");
        scenario.duration = Time::secs(duration);
        scenario.check().context("--duration")?;
    }
    if args.toml {
        io::stdout().write_all(scenario.to_toml().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    ensure!((1..=MAX_SEEDS).contains(&args.seeds), "--seeds: 1 to {MAX_SEEDS} of them");
    if args.samples {
        scenario.check_samples().map_err(anyhow::Error::msg).context("--samples")?;
    }
    let job = run::Job {
        table: load(&scenario.error_table)?,
        seeds: (0..args.seeds).map(|n| scenario.seed.wrapping_add(n)).collect(),
        scenario,
        threads: args.threads,
        pcap: args.pcap,
        events: args.events,
        samples: args.samples,
        record: args.record,
    };
    let runs = run::run_all(&job)?;
    if let Some(path) = &args.queues {
        let csv = csv::queues(&job.scenario, &runs[0].queues);
        fs::write(path, csv).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &args.csv {
        fs::write(path, csv::runs(&runs)).with_context(|| path.display().to_string())?;
    }
    let report = Report::new(&job.scenario, &runs);
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        text::print(args.scenario.name(), &report)?;
    }
    Ok(ExitCode::SUCCESS)
}
