//! The thread that takes samples from the radio.

use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use phy80211::Complex32;
use radios::RxStream;

use super::{SampleSink, Shared};

/// Samples that are read at once, at the most.
const CHUNK: usize = 4096;
/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// From the radio into a ring.
pub struct Rx {
    pub stream: Box<dyn RxStream>,
    pub sink: SampleSink,
    pub modem: Thread,
    pub shared: Arc<Shared>,
    /// A radio that is silent for so long is broken.
    pub patience: Duration,
}

impl Rx {
    /// Reads until it is stopped or the radio fails.
    pub fn run(mut self) -> Result<()> {
        let counts = &self.shared.counts;
        let mut buffer = vec![Complex32::ZERO; CHUNK];
        let mut last = Instant::now();
        while !self.shared.is_stopped() {
            let chunk = self.stream.read(&mut buffer, LONGEST_WAIT).context("receiving")?;
            let now = Instant::now();
            if chunk.len == 0 {
                if now - last > self.patience {
                    bail!("the radio has delivered no samples for {:?}", now - last);
                }
                continue;
            }
            last = now;
            counts.samples.add(chunk.len as u64);
            counts.lost_samples.add(chunk.lost);
            counts.overflows.add(u64::from(chunk.lost > 0));
            if !self.sink.push(chunk.time.0, &buffer[..chunk.len], now) {
                counts.dropped_samples.add(chunk.len as u64);
            }
            self.modem.unpark();
        }
        Ok(())
    }
}
