//! What a monitor hears of the air of samples, as a SigMF recording.

use std::path::Path;

use anyhow::Result;
use radios::{SampleFormat, SigmfWriter};
use sim::scenario::Scenario;
use sim::{MonitorId, Position, SampleAir};

use crate::bandwidth_key;

/// A recording that is being made.
pub struct Recorder {
    writer: SigmfWriter,
    place: Position,
    monitor: Option<MonitorId>,
}

impl Recorder {
    /// Begins a recording, which appears when it is complete.
    pub fn create(path: &Path, scenario: &Scenario) -> Result<Self> {
        let channel = scenario.sample_channel();
        let rate_hz = channel.bandwidth.sample_rate_hz();
        let mut writer = SigmfWriter::create(path, SampleFormat::CI16_LE, rate_hz, false)?;
        bandwidth_key::write(&mut writer.metadata, channel.bandwidth);
        writer.metadata.captures[0].frequency_hz = Some(f64::from(channel.centre_mhz) * 1e6);
        writer.metadata.global.description =
            Some(format!("a simulated network, by ackride {}", env!("CARGO_PKG_VERSION")));
        Ok(Self { writer, place: scenario.samples.monitor(), monitor: None })
    }

    /// Writes what was heard since the last time. At the first time the monitor is put up.
    pub fn write(&mut self, air: &mut SampleAir) -> Result<()> {
        match self.monitor {
            None => self.monitor = Some(air.add_monitor(self.place)),
            Some(monitor) => self.writer.write(&air.take_recording(monitor))?,
        }
        Ok(())
    }

    /// Completes the recording.
    pub fn finish(self) -> Result<()> {
        Ok(self.writer.finish()?)
    }
}
