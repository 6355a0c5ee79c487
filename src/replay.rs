//! `ackride replay`: recordings decoded and compared with the lists of what is in them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::decode::{Source, decode};
use crate::encode::{Truth, truth_path};
use crate::report::FrameRecord;

/// How far, in seconds, a frame's start may be from where it was sent: the spread of a channel's
/// first paths, not a symbol.
const START_TOLERANCE_S: f64 = 0.5e-6;

/// Arguments of `replay`.
#[derive(clap::Args)]
pub struct Args {
    /// SigMF recordings that have a list beside them (NAME.frames.jsonl, as `encode` writes it),
    /// or folders of such.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Tell of all differences, not just the first.
    #[arg(long)]
    keep_going: bool,
    /// Print a JSON object for each recording.
    #[arg(long)]
    json: bool,
}

/// How a recording compared.
#[derive(Serialize)]
struct Verdict {
    file: String,
    frames: usize,
    differences: Vec<String>,
}

/// Runs the subcommand. The exit code tells whether all was as listed.
pub fn run(args: Args) -> Result<ExitCode> {
    let (mut recordings, mut frames) = (0, 0);
    let mut same = true;
    for file in radios::discover(&args.files)? {
        let list = truth_path(&file);
        if !list.exists() {
            // In a folder, recordings without a list are somebody's raw material.
            if args.files.contains(&file) {
                bail!("{}: missing; replay compares a recording with this list", list.display());
            }
            continue;
        }
        let verdict = compare(&file, &Truth::read(&list)?)?;
        recordings += 1;
        frames += verdict.frames;
        same &= verdict.differences.is_empty();
        if args.json {
            println!("{}", serde_json::to_string(&verdict)?);
        } else {
            report(&verdict, args.keep_going);
        }
        if !same && !args.keep_going {
            return Ok(ExitCode::FAILURE);
        }
    }
    if recordings == 0 {
        bail!("no recording has a list of frames (NAME.frames.jsonl) beside it");
    }
    if !args.json && same {
        println!("{recordings} recordings, {frames} frames: all as listed");
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(verdict: &Verdict, all: bool) {
    if verdict.differences.is_empty() {
        println!("{}: {} frames as listed", verdict.file, verdict.frames);
    }
    let shown = if all { verdict.differences.len() } else { 1 };
    for difference in verdict.differences.iter().take(shown) {
        println!("{}: {difference}", verdict.file);
    }
}

fn compare(file: &Path, truths: &[Truth]) -> Result<Verdict> {
    let bandwidth =
        truths.first().and_then(|truth| phy80211::Bandwidth::from_mhz(truth.bandwidth_mhz));
    let source = Source { raw: None, bandwidth, ignore_hash: false };
    let mut found = Vec::new();
    decode(file, &source, &ProgressBar::hidden(), |record, _| {
        found.push(record);
        Ok(())
    })?;
    let rate_hz = radios::Recording::open_sigmf(file)?.sample_rate_hz();
    let tolerance = (START_TOLERANCE_S * rate_hz).round() as u64;
    Ok(Verdict {
        file: file.display().to_string(),
        frames: truths.len(),
        differences: differences(truths, &found, tolerance),
    })
}

/// All differences, in the order of the list; then good frames that are not on it.
fn differences(truths: &[Truth], found: &[FrameRecord], tolerance: u64) -> Vec<String> {
    let mut taken = vec![false; found.len()];
    let mut differences = Vec::new();
    for (truth, number) in truths.iter().zip(1..) {
        let near =
            |record: &FrameRecord| record.start_sample.abs_diff(truth.start_sample) <= tolerance;
        let at = (0..found.len()).find(|&i| !taken[i] && near(&found[i]));
        let difference = match at {
            Some(i) => {
                taken[i] = true;
                difference(truth, &found[i])
            }
            None if truth.failure.as_deref() == Some("lost") => None,
            None => Some("not found".to_owned()),
        };
        let at = truth.start_sample;
        differences.extend(difference.map(|text| format!("frame {number} (sample {at}): {text}")));
    }
    // What is no frame may well be reported where frames collide, but not with a right FCS.
    let unexpected = found.iter().zip(taken).filter(|(record, taken)| record.fcs_ok && !taken);
    differences.extend(unexpected.map(|(record, _)| {
        format!(
            "a good frame of {} bytes at sample {} is not on the list",
            record.psdu_len.unwrap_or(0),
            record.start_sample
        )
    }));
    differences
}

/// The first thing in which a frame differs from what was sent.
fn difference(truth: &Truth, found: &FrameRecord) -> Option<String> {
    match (&truth.failure, found.failure) {
        (Some(expected), _) if expected == "lost" => {
            return (found.fcs_ok).then(|| "decoded, though it should be lost".to_owned());
        }
        (Some(expected), Some(actual)) if expected == actual => return None,
        (Some(expected), actual) => {
            return Some(format!("failure {}, expected {expected}", actual.unwrap_or("none")));
        }
        (None, Some(_)) => {
            return Some(format!("not decoded: {}", found.failure_text.as_deref().unwrap_or("?")));
        }
        (None, None) => {}
    }
    let sent = (truth.rate_mbps, truth.mcs, truth.short_gi, truth.placement.as_deref());
    let rate_mbps = found.rate_mbps.unwrap_or(f64::NAN);
    let received = (rate_mbps, found.mcs, found.short_gi, found.placement);
    if received != sent || found.aggregation != truth.aggregation {
        let describe = |(mbps, mcs, short_gi, placement): (f64, Option<u8>, bool, Option<&str>)| {
            let mcs = mcs.map_or(String::new(), |mcs| format!(", MCS {mcs}"));
            let gi = if short_gi { ", short GI" } else { "" };
            let placement = placement.map_or(String::new(), |part| format!(", {part}"));
            format!("{mbps} Mbit/s{mcs}{gi}{placement}")
        };
        return Some(format!("received at {}, sent at {}", describe(received), describe(sent)));
    }
    let psdu = found.psdu.as_deref().unwrap_or_default();
    if psdu.len() != truth.psdu_len {
        return Some(format!("PSDU of {} bytes, expected {}", psdu.len(), truth.psdu_len));
    }
    let Ok(expected) = const_hex::decode(&truth.psdu_hex) else {
        return Some("psdu_hex of the list is not hexadecimal".to_owned());
    };
    let at = psdu.iter().zip(&expected).position(|(a, b)| a != b);
    let at = at.or((psdu.len() != expected.len()).then_some(psdu.len().min(expected.len())))?;
    let [actual, expected] = [psdu, &expected]
        .map(|bytes| bytes.get(at).map_or("none".to_owned(), |byte| format!("{byte:02x}")));
    Some(format!("PSDU byte {at} is {actual}, expected {expected}"))
}
