//! The radio that a configuration names.

use anyhow::{Context, Result};
use radios::{Decibel, Hertz, Radio, RadioSettings};

use super::config::Config;

/// Opens the radio and sets it up for the channel. `name` is what it is called in simulated air.
pub fn open(config: &Config, name: &str) -> Result<Box<dyn Radio>> {
    let rate = Hertz(config.bandwidth().sample_rate_hz());
    let settings = RadioSettings {
        bandwidth: Some(rate),
        rx_gain: config.link.rx_gain.map(Decibel),
        tx_gain: config.link.tx_gain.map(Decibel),
        ..RadioSettings::new(name, rate, Hertz(config.frequency_hz()))
    };
    radios::open(&config.link.radio, &settings).context("radio")
}
