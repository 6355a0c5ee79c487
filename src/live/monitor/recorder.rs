//! The thread that writes excerpts of the air, and keeps but the last of them.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use phy80211::{Bandwidth, Complex32};
use radios::{SampleFormat, SigmfWriter};

use crate::bandwidth_key;

/// Excerpts that may wait for the disk.
const WAITING: usize = 4;

/// What was on the air around a frame.
pub struct Excerpt {
    /// Number of its first sample.
    pub first: u64,
    /// Its samples.
    pub samples: Vec<Complex32>,
    /// Samples of the frame: from which on, and how many.
    pub frame: (u64, u64),
    /// What the frame is.
    pub label: String,
}

/// Where excerpts go, and how.
#[derive(Clone)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// How many are kept.
    pub keep: usize,
    /// Bandwidth of the channel.
    pub bandwidth: Bandwidth,
    /// Its middle.
    pub frequency_hz: f64,
}

/// Hands excerpts to the thread that writes them.
pub struct Recorder {
    excerpts: Option<SyncSender<Excerpt>>,
    thread: Option<JoinHandle<Outcome>>,
    /// Excerpts that were dropped because the disk was behind.
    dropped: u64,
}

/// What became of all excerpts.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Those that were written.
    pub written: u64,
    /// Those that could not be, or were dropped because the disk was behind.
    pub lost: u64,
    /// Why the first could not be written.
    pub error: Option<anyhow::Error>,
}

impl Recorder {
    /// Starts the thread. The folder is made if it is not there.
    pub fn start(place: Place) -> Result<Self> {
        fs::create_dir_all(&place.folder)
            .with_context(|| format!("--iq {}", place.folder.display()))?;
        let (sender, receiver) = sync_channel(WAITING);
        let body = move || write_all(&place, &receiver);
        let thread = thread::Builder::new().name("recorder".into()).spawn(body)?;
        Ok(Self { excerpts: Some(sender), thread: Some(thread), dropped: 0 })
    }

    /// Has an excerpt written; drops it if too many wait.
    pub fn record(&mut self, excerpt: Excerpt) {
        let Some(excerpts) = &self.excerpts else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            excerpts.try_send(excerpt)
        {
            self.dropped += 1;
        }
    }

    /// Waits until all is written.
    pub fn finish(mut self) -> Outcome {
        drop(self.excerpts.take());
        let outcome = self.thread.take().and_then(|thread| thread.join().ok());
        let mut outcome = outcome.unwrap_or_default();
        outcome.lost += self.dropped;
        outcome
    }
}

fn write_all(place: &Place, excerpts: &Receiver<Excerpt>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut kept = VecDeque::new();
    for (number, excerpt) in excerpts.iter().enumerate() {
        let path = place.folder.join(format!("frame-{number:06}"));
        match write(place, &excerpt, &path) {
            Ok(()) => {
                outcome.written += 1;
                kept.push_back(path);
            }
            // A disk that is full now may have room later.
            Err(error) => {
                outcome.lost += 1;
                if outcome.error.is_none() {
                    eprintln!("ackride: an excerpt was not written: {error:#}");
                    outcome.error = Some(error);
                }
            }
        }
        while kept.len() > place.keep {
            let oldest = kept.pop_front().expect("there are some");
            for extension in ["sigmf-meta", "sigmf-data"] {
                // Somebody may have moved it away, which is just as well.
                let _ = fs::remove_file(oldest.with_extension(extension));
            }
        }
    }
    outcome
}

fn write(place: &Place, excerpt: &Excerpt, path: &std::path::Path) -> Result<()> {
    let rate_hz = place.bandwidth.sample_rate_hz();
    let mut writer = SigmfWriter::create(path, SampleFormat::CI16_LE, rate_hz, true)?;
    writer.metadata.global.description = Some(format!("from sample {} on", excerpt.first));
    if let Some(capture) = writer.metadata.captures.first_mut() {
        capture.frequency_hz = Some(place.frequency_hz);
    }
    bandwidth_key::write(&mut writer.metadata, place.bandwidth);
    writer.write(&excerpt.samples)?;
    let (start, count) = excerpt.frame;
    writer.annotate(start, count, excerpt.label.clone());
    Ok(writer.finish()?)
}
