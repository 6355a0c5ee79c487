//! From a recording to frame records: read, resample, receive.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use phy80211::{Bandwidth, Complex32, Receiver, RxConfig};
use radios::{Recording, Resampler, SampleFormat};

use super::clock::began;
use crate::report::{FrameRecord, Rides};

/// Samples read at a time: small enough for the cache, large enough for the disk.
const BLOCK: usize = 1 << 15;
/// By how much a sample rate may differ from the channel spacing's and still be the same clock.
const SAME_RATE: f64 = 1e-9;

/// How recordings are to be understood.
pub struct Source {
    /// Format and sample rate of raw files; without, files are SigMF.
    pub raw: Option<(SampleFormat, f64)>,
    /// Bandwidth of the channel; without, what the recording says, else the widest up to 20 MHz
    /// that the sample rate holds.
    pub bandwidth: Option<Bandwidth>,
    /// Do not compare the data with the metadata's hash.
    pub ignore_hash: bool,
}

/// Where and when a recording was made, for pcap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Bandwidth of the receiver.
    pub bandwidth: Bandwidth,
    /// Centre frequency.
    pub frequency_hz: Option<f64>,
    /// Time of sample 0 since 1970.
    pub began: Option<Duration>,
}

/// A recording that was read to its end.
pub struct Outcome {
    /// Seconds of air in it.
    pub air_s: f64,
    /// What was odd about it.
    pub warnings: Vec<String>,
}

/// Decodes a recording, handing each frame to `emit`.
///
/// # Errors
/// If it cannot be read, or `emit` fails.
pub fn decode(
    file: &Path,
    source: &Source,
    progress: &ProgressBar,
    mut emit: impl FnMut(FrameRecord, Link) -> Result<()>,
) -> Result<Outcome> {
    let mut recording = open(file, source)?;
    let rate_hz = recording.sample_rate_hz();
    let bandwidth = bandwidth(file, source.bandwidth, &recording)?;
    let mut warnings = Vec::new();
    let mut link = Link { bandwidth, frequency_hz: None, began: None };
    if let Some(metadata) = recording.metadata() {
        link.frequency_hz = metadata.captures.first().and_then(|capture| capture.frequency_hz);
        link.began = began(metadata, rate_hz).unwrap_or_else(|warning| {
            warnings.push(warning);
            None
        });
    }
    let phy_rate_hz = bandwidth.sample_rate_hz();
    let mut resampler = ((rate_hz / phy_rate_hz - 1.0).abs() > SAME_RATE)
        .then(|| Resampler::new(rate_hz, phy_rate_hz))
        .transpose()
        .with_context(|| file.display().to_string())?;

    let name = file.display().to_string();
    let mut receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
    let mut rides = Rides::default();
    let mut samples = vec![Complex32::ZERO; BLOCK];
    let mut resampled = Vec::new();
    progress.set_length(recording.len_samples());
    loop {
        let count = recording.read(&mut samples)?;
        match &mut resampler {
            None => receiver.push(&samples[..count]),
            Some(resampler) => {
                resampled.clear();
                match count {
                    0 => resampler.finish(&mut resampled),
                    _ => resampler.process(&samples[..count], &mut resampled),
                }
                receiver.push(&resampled);
            }
        }
        if count == 0 {
            receiver.finish();
        }
        while let Some(frame) = receiver.next_frame() {
            let mut record = FrameRecord::new(&name, frame, bandwidth, rate_hz);
            record.ride = rides.follow(&record);
            emit(record, link)?;
        }
        if count == 0 {
            break;
        }
        progress.inc(count as u64);
    }
    warnings.extend(odd_samples(&recording));
    Ok(Outcome { air_s: recording.len_samples() as f64 / rate_hz, warnings })
}

fn open(file: &Path, source: &Source) -> Result<Recording> {
    let is_sigmf = file.extension().is_some_and(|end| end == "sigmf-meta" || end == "sigmf-data");
    if let (Some((format, rate_hz)), false) = (source.raw, is_sigmf) {
        return Ok(Recording::open_raw(file, format, rate_hz)?);
    }
    if file.is_file() && !is_sigmf {
        bail!("{}: not a SigMF recording; for a raw file say --format and --rate", file.display());
    }
    let recording = Recording::open_sigmf(file)?;
    if !source.ignore_hash {
        recording
            .verify()
            .context("the recording is not what it was (--ignore-hash decodes it all the same)")?;
    }
    Ok(recording)
}

fn bandwidth(file: &Path, wanted: Option<Bandwidth>, recording: &Recording) -> Result<Bandwidth> {
    let told = recording.metadata().and_then(crate::bandwidth_key::read);
    if let Some(bandwidth) = wanted.or(told) {
        return Ok(bandwidth);
    }
    // A recording of 40 Msample/s or more is seldom centred on a channel of 40 MHz.
    let rate_hz = recording.sample_rate_hz();
    let holds = |bandwidth: &Bandwidth| {
        *bandwidth != Bandwidth::Mhz40 && bandwidth.sample_rate_hz() <= rate_hz * (1.0 + SAME_RATE)
    };
    Bandwidth::ALL.into_iter().find(holds).with_context(|| {
        format!(
            "{}: {rate_hz} samples a second are too few for a channel of 5 MHz (say --bandwidth to try)",
            file.display()
        )
    })
}

/// Warnings about samples that are none.
fn odd_samples(recording: &Recording) -> Vec<String> {
    let mut warnings = Vec::new();
    if recording.trailing_bytes() > 0 {
        let bytes = recording.trailing_bytes();
        let format = recording.format();
        warnings.push(format!("{bytes} bytes after the last whole {format} sample were ignored"));
    }
    if recording.non_finite_samples() > 0 {
        let count = recording.non_finite_samples();
        warnings.push(format!("{count} samples are NaN or infinite and were taken for zero"));
    }
    warnings
}
