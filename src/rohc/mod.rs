//! `ackride rohc`: what each profile of header compression makes of a trace of TCP ACKs.

mod ack_group;
mod measured;
mod rfc6846;
mod trace;

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, Value, json};

use measured::Measured;
use trace::Trace;

/// Arguments of `rohc`.
#[derive(clap::Args)]
pub struct Args {
    /// Captures in pcap format of TCP ACKs in one direction.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// ACKs in a group [default: those of one capture time where most share theirs, else 21].
    #[arg(long)]
    group: Option<NonZeroUsize>,
    /// Print a JSON object for each file.
    #[arg(long)]
    json: bool,
}

/// What all profiles made of a file.
struct Report {
    acks: usize,
    /// By the profile's name. The last one says what goes natively.
    profiles: Vec<(&'static str, Measured)>,
}

/// Runs the subcommand. The exit code tells whether every file could be read and every packet came
/// out as it went in.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut all_well = true;
    for file in &args.files {
        let report = match Trace::read(file) {
            Ok(trace) => Report::new(&trace, args.group.map(NonZeroUsize::get)),
            Err(error) => {
                eprintln!("ackride: {error:#}");
                all_well = false;
                continue;
            }
        };
        all_well &= report.mismatches() == 0;
        if args.json {
            writeln!(out, "{}", report.json(file))?;
        } else {
            report.print(file, &mut out)?;
        }
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    fn new(trace: &Trace, group: Option<usize>) -> Self {
        let groups = |size| {
            let groups = trace.groups(size).into_iter();
            groups.map(|group| group.iter().map(|packet| packet.1.as_slice()).collect())
        };
        let alone = trace.groups(Some(1)).into_iter().flatten();
        let profiles = vec![
            ("rfc6846", rfc6846::measure(alone.map(|packet| packet.1.as_slice()))),
            ("single", ack_group::measure(groups(Some(1)))),
            ("group", ack_group::measure(groups(group))),
        ];
        Self { acks: trace.len(), profiles }
    }

    fn mismatches(&self) -> usize {
        self.profiles.iter().map(|(_, measured)| measured.mismatches).sum()
    }

    fn json(&self, file: &Path) -> Value {
        let native = self.profiles.last().map_or(0, |(_, measured)| measured.native());
        let mut object = Map::new();
        object.insert("file".to_owned(), json!(file.display().to_string()));
        object.insert("acks".to_owned(), json!(self.acks));
        object.insert("native".to_owned(), json!(native));
        object.insert("mismatches".to_owned(), json!(self.mismatches()));
        for (name, measured) in &self.profiles {
            object.insert((*name).to_owned(), json!(measured.bytes_per_ack()));
        }
        Value::Object(object)
    }

    fn print(&self, file: &Path, out: &mut impl Write) -> Result<()> {
        writeln!(out, "{}: {} packets", file.display(), self.acks)?;
        for (name, measured) in &self.profiles {
            let mean = measured.bytes_per_ack().map_or("-".to_owned(), |mean| format!("{mean:.3}"));
            writeln!(
                out,
                "  {name:8} {mean:>7} bytes per ACK; {} compressed, {} native, {} mismatches",
                measured.rode,
                measured.native(),
                measured.mismatches
            )?;
            for (format, (count, bytes)) in &measured.formats {
                let mean = *bytes as f64 / *count as f64;
                writeln!(out, "    {count:>8} {format}, {mean:.2} bytes each")?;
            }
            for (why, count) in &measured.native {
                writeln!(out, "    {count:>8} native: {why}")?;
            }
        }
        Ok(())
    }
}
