//! Scenes: which frames are when on the air. Read from TOML; docs/encode.md describes the keys.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use phy80211::{Bandwidth, ppdu_samples};
use radios::{Complex32, Impairments, SampleFormat, impair};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::frame::Frame;
use super::{Plan, Planned};

/// A scene as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scene {
    pub bandwidth_mhz: u32,
    pub seed: u64,
    pub format: String,
    /// Power of a frame of 0 dB relative to full scale.
    pub level_db: f64,
    /// Air before the first frame and after the last.
    pub lead_us: f64,
    pub air: Air,
    #[serde(rename = "frame")]
    pub frames: Vec<Frame>,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            bandwidth_mhz: 20,
            seed: 1,
            format: SampleFormat::CF32_LE.to_string(),
            level_db: -12.0,
            lead_us: 50.0,
            air: Air::default(),
            frames: Vec::new(),
        }
    }
}

/// What the air and the receiver's radio do. Powers are relative to a frame of 0 dB.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Air {
    pub snr_db: Option<f64>,
    pub cfo_hz: f64,
    pub clock_ppm: f64,
    pub multipath_rms_ns: Option<f64>,
    /// Real and imaginary gains of paths one sample apart.
    pub paths: Option<Vec<[f32; 2]>>,
    pub dc_db: Option<f64>,
    pub iq_gain_db: f64,
    pub iq_phase_deg: f64,
    pub tone_hz: Option<f64>,
    pub tone_db: f64,
}

impl Air {
    fn check(&self) -> Result<()> {
        ensure!(
            self.paths.is_none() || self.multipath_rms_ns.is_none(),
            "paths and multipath_rms_ns both say what the channel is; give one"
        );
        let rms_ns = self.multipath_rms_ns.unwrap_or(0.0);
        ensure!(
            (0.0..=10_000.0).contains(&rms_ns),
            "multipath_rms_ns = {rms_ns} is not 0 to 10000"
        );
        Ok(())
    }

    /// The impairments at a sample rate, for frames of `power` (linear).
    pub fn impairments(&self, sample_rate_hz: f64, power: f64, seed: u64) -> Impairments {
        let level_db = 10.0 * power.log10();
        // Half the power on each axis.
        let dc = self.dc_db.map_or(0.0, |db| 10f64.powf((level_db + db - 3.01) / 20.0)) as f32;
        let paths = match (&self.paths, self.multipath_rms_ns) {
            (Some(paths), _) => paths.iter().map(|&[re, im]| Complex32::new(re, im)).collect(),
            (None, Some(ns)) => impair::exponential_paths(ns, sample_rate_hz, seed),
            (None, None) => Vec::new(),
        };
        Impairments {
            sample_rate_hz,
            paths,
            clock_ppm: self.clock_ppm,
            carrier_hz: self.cfo_hz,
            tone: self.tone_hz.map(|hz| (hz, level_db + self.tone_db)),
            noise_db: self.snr_db.map(|snr| level_db - snr),
            iq_gain_db: self.iq_gain_db,
            iq_phase_deg: self.iq_phase_deg,
            dc: Complex32::new(dc, dc),
        }
    }
}

impl Scene {
    /// Reads a scene.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| format!("{}: not a scene", path.display()))
    }

    /// Sample format of the recording.
    pub fn format(&self) -> Result<SampleFormat> {
        self.format.parse().context("format")
    }

    /// Lays the frames out in time.
    pub(super) fn plan(&self, seed: Option<u64>) -> Result<Plan> {
        let bandwidth = Bandwidth::from_mhz(self.bandwidth_mhz).with_context(|| {
            format!("bandwidth_mhz = {} is not 40, 20, 10 or 5", self.bandwidth_mhz)
        })?;
        let samples = |us: f64| (us * 1e-6 * bandwidth.sample_rate_hz()).round();
        let seed = seed.unwrap_or(self.seed);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let full_amplitude = 10f64.powf(self.level_db / 20.0);
        ensure!(self.lead_us >= 0.0 && self.lead_us < 1e9, "lead_us = {} is no time", self.lead_us);
        let lead = samples(self.lead_us) as u64;
        let mut frames: Vec<Planned> = Vec::new();
        let mut last_end = lead;
        let mut mpdus = 0;
        for (frame, number) in self.frames.iter().zip(1..) {
            let what = || format!("frame {number}");
            frame.check().with_context(what)?;
            let tx = frame.tx_vector(bandwidth).with_context(what)?;
            for repeat in 0..frame.count {
                let start = match frame.at_us {
                    Some(at) if repeat == 0 => samples(at) as u64,
                    _ if frames.is_empty() => lead,
                    _ => last_end + samples(frame.gap_us) as u64,
                };
                let psdu = frame.psdu(mpdus, &mut random).with_context(what)?;
                mpdus += frame.ampdu.unwrap_or(1);
                let tx = frame.scrambled(tx, &mut random);
                tx.check(bandwidth, psdu.len()).with_context(what)?;
                let planned = Planned {
                    start,
                    len: ppdu_samples(tx.rate, bandwidth, psdu.len()) as u64 + 1,
                    tx,
                    psdu,
                    amplitude: (full_amplitude * 10f64.powf(frame.power_db / 20.0)) as f32,
                    cfo_hz: frame.cfo_hz,
                    failure: frame.expect.clone(),
                };
                // The end that gaps count from is without the window's last half sample.
                last_end = planned.end() - 1;
                frames.push(planned);
            }
        }
        frames.sort_by_key(|frame| frame.start);
        let len = frames.iter().map(Planned::end).max().unwrap_or(lead) + lead;
        self.air.check()?;
        self.air.impairments(bandwidth.sample_rate_hz(), 1.0, seed).check().context("clock_ppm")?;
        Ok(Plan {
            bandwidth,
            frames,
            len,
            full_amplitude: full_amplitude as f32,
            air: self.air.clone(),
            seed,
        })
    }
}
