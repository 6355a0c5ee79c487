//! A file that says what simulated air is like.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use radios::air::{AirConfig, Link, Pacing};
use radios::{Decibel, Hertz};
use serde::Deserialize;

/// The file: docs/radios.md has what each key means.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    sample_rate: Option<f64>,
    block: Option<usize>,
    /// `"real-time"` or `"lockstep"`.
    pacing: Option<PacingName>,
    /// In lockstep, the fastest it may go.
    speed: Option<f64>,
    wait_for: Option<usize>,
    buffer_ms: Option<f64>,
    noise_db: Option<f64>,
    seed: Option<u64>,
    leakage_db: Option<f64>,
    /// The way between any two radios.
    #[serde(default)]
    link: LinkKeys,
    /// The ways that differ.
    #[serde(default)]
    links: Vec<NamedLink>,
    /// What is known of radios by their names.
    #[serde(default)]
    radios: BTreeMap<String, RadioKeys>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PacingName {
    RealTime,
    Lockstep,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkKeys {
    gain_db: Option<f64>,
    delay_samples: Option<u32>,
    echoes_ns: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedLink {
    between: [String; 2],
    gain_db: Option<f64>,
    delay_samples: Option<u32>,
    echoes_ns: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RadioKeys {
    oscillator_ppm: f64,
}

impl Scenario {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| format!("{}: not a scenario", path.display()))
    }

    /// The air that it describes; what it does not name is as in [`AirConfig::new`].
    pub fn config(&self, sample_rate: Option<f64>) -> Result<AirConfig> {
        let rate = sample_rate.or(self.sample_rate).unwrap_or(20e6);
        ensure!((1e3..=1e9).contains(&rate), "sample_rate must be from 1e3 to 1e9, not {rate}");
        let mut config = AirConfig::new(Hertz(rate));
        config.block = self.block.unwrap_or(config.block);
        config.pacing = match self.pacing.unwrap_or(PacingName::RealTime) {
            PacingName::RealTime => Pacing::RealTime,
            PacingName::Lockstep => Pacing::Lockstep { at_most: self.speed },
        };
        config.wait_for = self.wait_for.unwrap_or(config.wait_for);
        if let Some(buffer_ms) = self.buffer_ms {
            ensure!((0.1..=10e3).contains(&buffer_ms), "buffer_ms must be from 0.1 to 10000");
            config.buffer = std::time::Duration::from_secs_f64(buffer_ms / 1e3);
        }
        config.noise = self.noise_db.map(Decibel).or(config.noise);
        config.seed = self.seed.unwrap_or(config.seed);
        config.leakage = self.leakage_db.map(Decibel);
        config.link = self.link.over(&config.link)?;
        for link in &self.links {
            let NamedLink { between, gain_db, delay_samples, echoes_ns } = link;
            let mut between = between.clone();
            between.sort();
            let [first, second] = between;
            ensure!(first != second, "a link is between two radios, not '{first}' and itself");
            let keys = LinkKeys {
                gain_db: *gain_db,
                delay_samples: *delay_samples,
                echoes_ns: *echoes_ns,
            };
            let link = keys.over(&config.link)?;
            config.links.insert((first, second), link);
        }
        for (name, radio) in &self.radios {
            let ppm = radio.oscillator_ppm;
            ensure!(ppm.abs() <= 100.0, "radios.{name}: an oscillator is off by up to 100 ppm");
            config.oscillators_ppm.insert(name.clone(), ppm);
        }
        Ok(config)
    }
}

impl LinkKeys {
    /// A link that is as `other` where nothing is said.
    fn over(&self, other: &Link) -> Result<Link> {
        let link = Link {
            gain: self.gain_db.map_or(other.gain, Decibel),
            delay: self.delay_samples.unwrap_or(other.delay),
            echoes_ns: self.echoes_ns.unwrap_or(other.echoes_ns),
        };
        ensure!(link.gain.0 <= 100.0, "gain_db is at most 100, not {}", link.gain.0);
        ensure!(link.delay <= 100_000, "delay_samples is at most 100000, not {}", link.delay);
        ensure!((0.0..=5000.0).contains(&link.echoes_ns), "echoes_ns is from 0 to 5000");
        Ok(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<AirConfig> {
        let scenario: Scenario = toml::from_str(text)?;
        scenario.config(None)
    }

    #[test]
    fn what_is_not_said_of_a_link_is_as_of_all() {
        let config = config(
            "sample_rate = 10e6\n[link]\ngain_db = -40\nechoes_ns = 30.0\n\
             [[links]]\nbetween = [\"sta\", \"ap\"]\ngain_db = -50.0\n\
             [radios.sta]\noscillator_ppm = -7.5",
        )
        .unwrap();
        let link = &config.links[&("ap".to_owned(), "sta".to_owned())];
        assert_eq!((link.gain, link.echoes_ns), (Decibel(-50.0), 30.0));
        assert_eq!(config.oscillators_ppm["sta"], -7.5);
        assert_eq!(config.sample_rate, Hertz(10e6));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, expected) in [
            ("sample_rat = 1", "sample_rat"),
            ("sample_rate = -1.0", "sample_rate must be"),
            ("[[links]]\nbetween = [\"a\", \"a\"]", "'a' and itself"),
            ("[link]\ngain_db = 1e9", "gain_db"),
            ("[radios.x]\noscillator_ppm = 1e6", "radios.x"),
        ] {
            let error = config(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
