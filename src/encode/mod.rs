//! `ackride encode`: frames to a SigMF recording, with a list of what is in it.

mod flags;
mod frame;
mod render;
mod scene;
mod truth;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use phy80211::{Bandwidth, Rate, TxVector};
use radios::{SampleFormat, SigmfWriter};

use crate::bandwidth_key;
use crate::units::{parse_bandwidth, parse_rate_hz};
use flags::{AirFlags, FrameFlags};
use scene::{Air, Scene};
pub use truth::{Truth, truth_path};

/// Arguments of `encode`.
#[derive(clap::Args)]
pub struct Args {
    /// A scene: a TOML file that lists frames and what the air does to them (docs/encode.md).
    /// Without one, the options below make the frames.
    scene: Option<PathBuf>,
    /// The recording to be written: OUT.sigmf-data, OUT.sigmf-meta and OUT.frames.jsonl.
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    /// Bandwidth of the channel in MHz: 40, 20, 10 or 5 [default: 20].
    #[arg(long, value_parser = parse_bandwidth, conflicts_with = "scene")]
    bandwidth: Option<Bandwidth>,
    /// Sample rate of the recording [default: one sample per hertz of bandwidth].
    #[arg(long, value_parser = parse_rate_hz)]
    sample_rate: Option<f64>,
    /// Sample format: cf32_le, ci16_le, ci8, ... [default: the scene's, or cf32_le].
    #[arg(long)]
    format: Option<SampleFormat>,
    /// Seed of everything random: payloads, noise, channels [default: the scene's, or 1].
    #[arg(long)]
    seed: Option<u64>,
    /// Replace files that are already there.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    frames: FrameFlags,
    #[command(flatten)]
    air: AirFlags,
}

/// One PPDU at its place.
struct Planned {
    /// First sample of the preamble, at one sample per hertz of bandwidth.
    start: u64,
    /// Samples, with the window's last half one.
    len: u64,
    tx: TxVector,
    psdu: Vec<u8>,
    amplitude: f32,
    cfo_hz: f64,
    /// What a receiver should make of it, if not a PSDU.
    failure: Option<String>,
}

impl Planned {
    /// One past the last sample that it touches.
    fn end(&self) -> u64 {
        self.start + self.len
    }
}

/// What is to be recorded.
struct Plan {
    bandwidth: Bandwidth,
    frames: Vec<Planned>,
    /// Samples in all.
    len: u64,
    /// Amplitude of a frame of 0 dB.
    full_amplitude: f32,
    air: Air,
    seed: u64,
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let scene = match &args.scene {
        Some(path) => Scene::read(path)?,
        None => args.frames.scene(args.bandwidth.unwrap_or_default(), &args.air)?,
    };
    if args.scene.is_some() && !(args.air.is_empty() && args.frames.is_empty()) {
        bail!("frames and impairments belong into the scene when there is one");
    }
    let format = match args.format {
        Some(format) => format,
        None => scene.format()?,
    };
    let plan = scene.plan(args.seed).with_context(|| match &args.scene {
        Some(path) => path.display().to_string(),
        None => "these options".to_owned(),
    })?;
    let sample_rate_hz = args.sample_rate.unwrap_or(plan.bandwidth.sample_rate_hz());
    write(&plan, &args.out, format, sample_rate_hz, args.overwrite)?;
    eprintln!(
        "{} frames in {:.6} s",
        plan.frames.len(),
        plan.len as f64 / plan.bandwidth.sample_rate_hz()
    );
    Ok(ExitCode::SUCCESS)
}

fn write(
    plan: &Plan,
    out: &Path,
    format: SampleFormat,
    sample_rate_hz: f64,
    overwrite: bool,
) -> Result<()> {
    let truth = truth_path(out);
    if !overwrite && truth.exists() {
        return Err(radios::Error::Exists(truth).into());
    }
    let mut writer = SigmfWriter::create(out, format, sample_rate_hz, overwrite)?;
    let ratio = sample_rate_hz / plan.bandwidth.sample_rate_hz();
    let place = |sample: u64| (sample as f64 * ratio).round() as u64;
    for frame in &plan.frames {
        let (start, end) = (place(frame.start), place(frame.end()));
        writer.annotate(start, end - start, label(frame, plan.bandwidth));
    }
    bandwidth_key::write(&mut writer.metadata, plan.bandwidth);
    writer.metadata.global.description = Some(format!(
        "802.11a/n at {} MHz, made by ackride {}",
        plan.bandwidth.mhz(),
        env!("CARGO_PKG_VERSION")
    ));
    render::render(plan, sample_rate_hz, |samples| writer.write(samples))?;
    let truths: Vec<_> = plan
        .frames
        .iter()
        .map(|frame| Truth::of(frame, plan.bandwidth, place(frame.start)))
        .collect();
    // The list comes first: a recording without one would be taken for unlabelled.
    truth::write(&truth, &truths)?;
    writer.finish()?;
    Ok(())
}

/// What an annotation says of a frame.
fn label(frame: &Planned, bandwidth: Bandwidth) -> String {
    let mbps = format!("{:.1}", frame.tx.rate.mbps(bandwidth));
    let mbps = mbps.trim_end_matches(".0");
    let kind = match frame.tx.rate {
        Rate::NonHt(_) => String::new(),
        Rate::Ht(rate) => format!("{}, ", rate.mcs),
    };
    format!("{kind}{mbps} Mbit/s, {} bytes", frame.psdu.len())
}
