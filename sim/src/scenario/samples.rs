//! What a scenario says of the air of samples.

use serde::{Deserialize, Serialize};

use super::Scenario;
use crate::{Channel, Position, SampleAirConfig};

/// What waveforms go through, if the scenario runs over them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SamplesTable {
    /// RMS delay spread of the paths between two antennas; a single path without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipath_rms_ns: Option<f64>,
    /// By how much oscillators are off at most; each node draws its own.
    pub oscillator_ppm: f64,
    /// Where the antenna of recordings is, x and y in metres.
    pub monitor_m: [f64; 2],
}

impl Default for SamplesTable {
    fn default() -> Self {
        Self { multipath_rms_ns: None, oscillator_ppm: 0.0, monitor_m: [3.0, 3.0] }
    }
}

/// Beyond these no receiver is meant to work (17.3.9.5 allows 20 ppm).
const MAX_PPM: f64 = 100.0;
const MAX_RMS_NS: f64 = 10_000.0;

impl SamplesTable {
    /// Where the antenna of recordings is.
    pub fn monitor(&self) -> Position {
        let [x, y] = self.monitor_m;
        Position::new(x, y)
    }

    /// Whether it makes sense.
    pub(super) fn check(&self) -> Result<(), String> {
        let rms_ns = self.multipath_rms_ns.unwrap_or(0.0);
        if !(0.0..=MAX_RMS_NS).contains(&rms_ns) {
            return Err(format!("multipath_rms_ns is 0 to {MAX_RMS_NS}"));
        }
        if !(0.0..=MAX_PPM).contains(&self.oscillator_ppm) {
            return Err(format!("oscillator_ppm is 0 to {MAX_PPM}"));
        }
        if self.monitor_m.iter().any(|metres| !metres.is_finite()) {
            return Err("monitor_m is no place".to_owned());
        }
        Ok(())
    }
}

impl Scenario {
    /// Checks that it can run over samples: there is one channel, and radios are as they are.
    ///
    /// # Errors
    /// Says why not.
    pub fn check_samples(&self) -> Result<(), String> {
        let channel = self.sample_channel();
        for node in &self.nodes {
            let name = node.name.get_ref();
            if node.channel() != channel {
                let first = self.nodes[0].name.get_ref();
                return Err(format!(
                    "the air of samples has one channel, but \"{name}\" is not in that of \"{first}\""
                ));
            }
            if !node.walk_m.is_empty() {
                return Err(format!("\"{name}\" goes about, but over samples nodes stay in place"));
            }
            if node.late_sensing.is_some() {
                return Err(format!(
                    "\"{name}\" has late_sensing, but over samples a node senses what it hears"
                ));
            }
        }
        match self.links.iter().any(|link| link.coherence.is_some()) {
            true => Err("links over samples have echoes, but do not fade".to_owned()),
            false => Ok(()),
        }
    }

    /// The channel that samples are of.
    pub fn sample_channel(&self) -> Channel {
        self.nodes[0].channel()
    }

    pub(super) fn sample_air(&self) -> SampleAirConfig {
        let channel = self.sample_channel();
        let medium = self.medium.config();
        let parts_of_20_mhz = f64::from(channel.bandwidth.mhz()) / 20.0;
        SampleAirConfig {
            path_loss: medium.path_loss,
            energy_detection_dbm: medium.receiver.energy_detection_dbm
                + 10.0 * parts_of_20_mhz.max(1.0).log10(),
            oscillator_ppm: self.samples.oscillator_ppm,
            multipath_rms_ns: self.samples.multipath_rms_ns.filter(|&rms_ns| rms_ns > 0.0),
            ..SampleAirConfig::new(channel)
        }
    }
}
