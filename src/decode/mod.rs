//! `ackride decode`: the frames in recordings, as lines, JSON or pcap.

mod clock;
mod stream;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use phy80211::Bandwidth;
use radios::SampleFormat;
use rayon::prelude::*;

pub use stream::{Link, Outcome, Source, decode};

use crate::interrupted::is_broken_pipe;
use crate::pcap::PcapWriter;
use crate::report::{FrameRecord, Summary, write_frame};
use crate::units::{parse_bandwidth, parse_rate_hz};

/// Seconds of air from which on a progress bar is of use.
const LONG_S: f64 = 0.5;

/// Arguments of `decode`.
#[derive(clap::Args)]
pub struct Args {
    /// SigMF recordings (either file of the pair, or their common name), raw files with
    /// --format and --rate, or folders of SigMF recordings.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Sample format of raw files: cf32_le, cf32_be, ci16_le, ci16_be, ci8, cu8, ...
    #[arg(long, requires = "rate")]
    format: Option<SampleFormat>,
    /// Sample rate of raw files in hertz: 20e6 or 20M.
    #[arg(long, value_parser = parse_rate_hz, requires = "format")]
    rate: Option<f64>,
    /// Bandwidth of the channel in MHz: 40, 20, 10 or 5 [default: what the recording says, else
    /// the widest up to 20 that the sample rate holds].
    #[arg(long, value_parser = parse_bandwidth)]
    bandwidth: Option<Bandwidth>,
    /// Print a JSON object for each frame, and no summary. docs/decode.md has the fields.
    #[arg(long)]
    json: bool,
    /// Also write the frames to a pcapng file with radiotap headers, for Wireshark.
    #[arg(long, value_name = "OUT")]
    pcap: Option<PathBuf>,
    /// Recordings that are decoded at the same time; the output is the same for any number
    /// [default: the number of cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Decode SigMF recordings whose data does not have the hash that the metadata gives.
    #[arg(long)]
    ignore_hash: bool,
}

/// Runs the subcommand. The exit code tells whether every recording could be read.
pub fn run(args: Args) -> Result<ExitCode> {
    let threads =
        args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let source = Source {
        raw: args.format.zip(args.rate),
        bandwidth: args.bandwidth,
        ignore_hash: args.ignore_hash,
    };
    let started = Instant::now();
    let mut output = Output::new(args.json, args.pcap.as_deref())?;
    let mut all_read = true;
    // A path that leads nowhere does not keep the others from being decoded.
    let mut files = Vec::new();
    for path in &args.files {
        match radios::discover(std::slice::from_ref(path)) {
            Ok(found) => files.extend(found),
            Err(error) => {
                eprintln!("ackride: {error}");
                all_read = false;
            }
        }
    }

    if let [file] = &files[..] {
        let progress = progress_bar();
        let outcome = decode(file, &source, &progress, |record, link| output.frame(&record, link));
        progress.finish_and_clear();
        all_read &= output.end_of_recording(file, outcome)?;
    } else {
        for batch in files.chunks(threads.max(1)) {
            let decoded: Vec<_> =
                pool.install(|| batch.par_iter().map(|file| collect(file, &source)).collect());
            for (file, (frames, outcome)) in batch.iter().zip(decoded) {
                for (record, link) in &frames {
                    output.frame(record, *link)?;
                }
                all_read &= output.end_of_recording(file, outcome)?;
            }
        }
    }
    output.finish(started)?;
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Decodes a recording into memory.
fn collect(file: &Path, source: &Source) -> (Vec<(FrameRecord, Link)>, Result<Outcome>) {
    let mut frames = Vec::new();
    let outcome = decode(file, source, &ProgressBar::hidden(), |record, link| {
        frames.push((record, link));
        Ok(())
    });
    (frames, outcome)
}

fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "{bar:40} {percent:>3} % {elapsed_precise} left {eta_precise}",
    );
    ProgressBar::new(0).with_style(style.expect("a well-formed template"))
}

/// Where the frames go.
struct Output {
    stdout: BufWriter<io::StdoutLock<'static>>,
    json: bool,
    pcap: Option<PcapWriter>,
    summary: Summary,
}

impl Output {
    fn new(json: bool, pcap: Option<&Path>) -> Result<Self> {
        let stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let pcap = pcap.map(PcapWriter::create).transpose()?;
        Ok(Self { stdout, json, pcap, summary: Summary::default() })
    }

    fn frame(&mut self, record: &FrameRecord, link: Link) -> Result<()> {
        self.summary.add(record);
        if self.json {
            serde_json::to_writer(&mut self.stdout, record).map_err(io::Error::from)?;
            writeln!(self.stdout)?;
        } else {
            write_frame(&mut self.stdout, record)?;
        }
        if let Some(pcap) = &mut self.pcap {
            pcap.frame(record, link)?;
        }
        Ok(())
    }

    /// Reports how reading a recording went; false if it could not be read.
    fn end_of_recording(&mut self, file: &Path, outcome: Result<Outcome>) -> Result<bool> {
        match outcome {
            Ok(Outcome { air_s, warnings }) => {
                self.summary.add_recording(air_s);
                for warning in warnings {
                    eprintln!("ackride: warning: {}: {warning}", file.display());
                }
                Ok(true)
            }
            Err(error) if is_broken_pipe(&error) => Err(error),
            Err(error) => {
                eprintln!("ackride: {error:#}");
                Ok(false)
            }
        }
    }

    fn finish(mut self, started: Instant) -> Result<()> {
        if !self.json {
            write!(self.stdout, "{}", self.summary)?;
        }
        self.stdout.flush()?;
        if let Some(pcap) = self.pcap {
            pcap.finish().context("the pcap file could not be completed")?;
        }
        let (air_s, wall_s) = (self.summary.air_s(), started.elapsed().as_secs_f64());
        if !self.json && air_s > LONG_S {
            eprintln!("{:.1} times faster than real time", air_s / wall_s);
        }
        Ok(())
    }
}
