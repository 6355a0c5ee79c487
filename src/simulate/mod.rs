//! `ackride sim`: networks in virtual time, from a scenario file or a preset.

mod csv;
mod event_log;
mod options;
mod pcap;
mod report;
mod run;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use sim::ErrorTable;
use sim::scenario::{Preset, Scenario, TableName, Time};

use options::PresetArgs;
use report::Report;

/// Arguments of `sim`.
#[derive(clap::Args)]
pub struct Args {
    /// A scenario file, or a preset: bss-11n, ibss-11a, lossy-11n, hidden-aps, cs-aps. docs/sim.md
    /// has the format and what the presets are.
    scenario: String,
    #[command(flatten)]
    preset: PresetArgs,
    /// How long to measure, in seconds.
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// The first seed.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Frame errors: "ideal" as in ns-3, "measured" of our own receiver, or a file.
    #[arg(long, value_name = "TABLE")]
    error_table: Option<String>,
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
    /// Print the scenario as a file, for changes of your own, instead of running it.
    #[arg(long)]
    toml: bool,
}

/// More seeds than anybody has patience for.
const MAX_SEEDS: u64 = 100_000;

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let scenario = args.scenario()?;
    if args.toml {
        print!("{}", scenario.to_toml());
        return Ok(ExitCode::SUCCESS);
    }
    ensure!((1..=MAX_SEEDS).contains(&args.seeds), "--seeds: 1 to {MAX_SEEDS} of them");
    let job = run::Job {
        table: load(&scenario.error_table)?,
        seeds: (0..args.seeds).map(|n| scenario.seed.wrapping_add(n)).collect(),
        scenario,
        threads: args.threads,
        pcap: args.pcap,
        events: args.events,
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
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        text::print(&args.scenario, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// The preset or the file, with what was asked for besides.
    fn scenario(&self) -> Result<Scenario> {
        let mut scenario = match Preset::named(&self.scenario) {
            Some(preset) => preset.scenario(&self.preset.options()).map_err(anyhow::Error::msg)?,
            None => {
                self.preset.refuse()?;
                read(Path::new(&self.scenario))?
            }
        };
        if let Some(duration) = self.duration {
            ensure!((1e-6..=1e6).contains(&duration), "--duration: {duration} s");
            scenario.duration = Time::secs(duration);
        }
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        if let Some(table) = &self.error_table {
            scenario.error_table = table.clone().into();
        }
        scenario.check().with_context(|| self.scenario.clone())?;
        Ok(scenario)
    }
}

/// Reads a scenario file; an error table that it names is found from where it is.
fn read(path: &Path) -> Result<Scenario> {
    if !path.exists() {
        let presets = Preset::ALL.map(Preset::name).join(", ");
        bail!("{}: there is no such file, and the presets are {presets}", path.display());
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut scenario = Scenario::parse(&text).with_context(|| path.display().to_string())?;
    if let (TableName::File(table), Some(folder)) = (&mut scenario.error_table, path.parent()) {
        *table = folder.join(&table);
    }
    Ok(scenario)
}

fn load(table: &TableName) -> Result<ErrorTable> {
    Ok(match table {
        TableName::Ideal => ErrorTable::ideal(),
        TableName::Measured => ErrorTable::measured(),
        TableName::File(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("error table {}", path.display()))?;
            ErrorTable::parse(&text).with_context(|| format!("error table {}", path.display()))?
        }
    })
}
