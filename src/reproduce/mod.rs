//! `ackride reproduce`: the papers' figures and tables, from our own model and simulator, with the
//! papers' numbers beside ours.
//!
//! An [`Experiment`] is a file of this folder and a line in [`EXPERIMENTS`].

mod axis;
mod fig3_1;
mod fig3_10;
mod fig3_5;
mod fig3_6;
mod fig3_7;
mod fig3_9;
mod figure;
#[cfg(target_os = "linux")]
mod kernel;
mod lab;
mod multi_ap;
mod plot;
mod presets;
mod table3_2;
mod text;
mod walk;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::whole_file;
use figure::Figure;
use lab::Lab;

/// Something that a paper shows and that we can measure.
struct Experiment {
    /// What it is called on the command line and in the names of files.
    name: &'static str,
    /// What it shows.
    title: &'static str,
    run: fn(&Lab) -> Result<Figure>,
}

/// All of them, in the order of the paper.
const EXPERIMENTS: &[Experiment] = &[
    fig3_1::A,
    fig3_1::B,
    fig3_5::GOODPUT,
    fig3_5::RETRIES,
    fig3_6::EXPERIMENT,
    fig3_7::EXPERIMENT,
    fig3_9::WALK,
    fig3_9::LOSS,
    fig3_10::EXPERIMENT,
    table3_2::EXPERIMENT,
    walk::EXPERIMENT,
];

/// Those with the kernel's own network stack.
#[cfg(target_os = "linux")]
const WITH_KERNEL: &[Experiment] = kernel::EXPERIMENTS;
#[cfg(not(target_os = "linux"))]
const WITH_KERNEL: &[Experiment] = &[];

/// Stands for all experiments.
const ALL: &str = "all";

/// Arguments of `reproduce`.
#[derive(clap::Args)]
pub struct Args {
    /// Figures and tables of the paper, or all of them.
    #[arg(required = true, value_name = "NAME", value_parser = names())]
    names: Vec<String>,
    /// Folder for NAME.csv, NAME.md, NAME.svg and NAME.png.
    #[arg(long, value_name = "FOLDER", default_value = "reproduce")]
    out: PathBuf,
    /// Measure with the MPTCP of this machine's kernel, at the pace of the clock; needs root. Files
    /// are NAME-kernel.csv and so on.
    #[arg(long)]
    kernel: bool,
    /// How many seeds [default: as many as the paper had runs].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=MAX_SEEDS))]
    seeds: Option<u64>,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs at the same time; the result is the same for any number [default: the number of cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Fewer seeds and shorter runs.
    #[arg(long)]
    quick: bool,
    /// Print a JSON object instead of tables. docs/reproduce.md has its fields.
    #[arg(long)]
    json: bool,
}

/// More than anybody has patience for.
const MAX_SEEDS: u64 = 1000;

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(EXPERIMENTS.iter().map(|one| one.name).chain([ALL]))
}

/// An experiment that has run.
#[derive(Serialize)]
struct Done {
    name: String,
    title: &'static str,
    #[serde(flatten)]
    figure: Figure,
    files: Vec<PathBuf>,
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    ensure!(args.threads != Some(0), "--threads: at least one must do the work");
    fs::create_dir_all(&args.out).with_context(|| format!("--out {}", args.out.display()))?;
    let lab = Lab::new(args.quick, args.seed, args.seeds, args.threads)?;
    let (experiments, suffix) =
        if args.kernel { (WITH_KERNEL, "-kernel") } else { (EXPERIMENTS, "") };
    let is_there = |name: &&String| *name == ALL || experiments.iter().any(|one| *name == one.name);
    if let Some(name) = args.names.iter().find(|name| !is_there(name)) {
        bail!("{name} is not measured with --kernel");
    }
    let asked = |one: &&Experiment| args.names.iter().any(|name| name == one.name || name == ALL);
    let mut all = vec![];
    for experiment in experiments.iter().filter(asked) {
        let Experiment { name, title, run } = *experiment;
        let name = format!("{name}{suffix}");
        let figure = run(&lab).with_context(|| name.clone())?;
        let done = Done { name, title, figure, files: vec![] };
        let done = Done { files: write(&done, &args.out)?, ..done };
        if !args.json {
            writeln!(io::stdout(), "{}", text::markdown(&done))?;
        }
        all.push(done);
    }
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&all)?)?;
    } else {
        writeln!(io::stdout(), "CSV, Markdown, SVG and PNG are in {}", args.out.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes all there is of an experiment, when all of it is there.
fn write(done: &Done, folder: &Path) -> Result<Vec<PathBuf>> {
    let title = format!("{}: {}", done.name, done.title);
    let files = [
        ("csv", text::csv(&done.figure).into_bytes()),
        ("md", text::markdown(done).into_bytes()),
        ("svg", plot::svg(&title, &done.figure)?.into_bytes()),
        ("png", plot::png(&title, &done.figure)?),
    ];
    let write_one = |(extension, bytes): (&str, Vec<u8>)| -> Result<PathBuf> {
        // Names have dots in them: with_extension() would cut there.
        let path = folder.join(format!("{}.{extension}", done.name));
        whole_file::write(&path, &bytes)?;
        Ok(path)
    };
    files.into_iter().map(write_one).collect()
}
