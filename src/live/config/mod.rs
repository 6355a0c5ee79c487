//! What `ackride ap`, `sta` and `monitor` are told in a TOML file. Keys have the names that hostapd
//! and wpa_supplicant have for the same thing; docs/live.md has them all.

mod check;
mod host;
mod link;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use mac::MacAddr;
use phy80211::Bandwidth;
use serde::Deserialize;
use sim::scenario::{HackTable, RateName, Standard, Time};

pub use host::{HostTable, Network, Route};

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the network.
    #[serde(default = "ssid")]
    pub ssid: String,
    /// Of an AP its own address; of a station that of the AP it joins, if not any.
    pub bssid: Option<String>,
    /// A station's own address.
    pub mac_address: Option<String>,
    /// Number of the channel in the 5 GHz band; of the lower half, if it has 40 MHz.
    #[serde(default = "channel")]
    pub channel: u8,
    /// Width of the channel.
    #[serde(default = "bandwidth_mhz")]
    pub bandwidth_mhz: u32,
    /// Generation.
    #[serde(default = "standard")]
    pub standard: Standard,
    /// Rate of data.
    #[serde(default = "rate")]
    pub rate: RateName,
    /// Short guard interval in HT frames.
    #[serde(default)]
    pub short_gi: bool,
    /// Which TCP ACKs ride; without, none, and nobody is told of riders.
    pub hack: Option<HackTable>,
    /// An RTS goes before what is longer, in bytes.
    pub rts_threshold: Option<usize>,
    /// How often a frame is sent at most.
    #[serde(default = "attempts")]
    pub attempts: u8,
    /// Packets that may wait.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Time between two beacons, in units of 1.024 ms.
    #[serde(default = "beacon_int")]
    pub beacon_int: u16,
    /// Every so many beacons one tells that frames to groups follow.
    #[serde(default = "dtim_period")]
    pub dtim_period: u8,
    /// After so long a silent station is asked whether it is still there.
    #[serde(default = "ap_max_inactivity")]
    pub ap_max_inactivity: Time,
    /// A station asks for networks by probe requests.
    #[serde(default)]
    pub scan_ssid: bool,
    /// Beacons in a row after which an AP is lost.
    #[serde(default = "beacon_loss")]
    pub beacon_loss: u32,
    /// The interface, and the machine's network behind it.
    #[serde(flatten)]
    pub host: HostTable,
    /// The radio, and how late it is.
    #[serde(flatten)]
    pub link: link::LinkTable,
    /// What it is called, in simulated air and in reports; without, "ap" or "sta".
    pub name: Option<String>,
    /// What is random begins from it; without, from the clock.
    pub seed: Option<u64>,
}

fn ssid() -> String {
    "ackride".into()
}

fn channel() -> u8 {
    36
}

fn bandwidth_mhz() -> u32 {
    20
}

fn standard() -> Standard {
    Standard::Dot11n
}

fn rate() -> RateName {
    RateName::Minstrel
}

fn attempts() -> u8 {
    7
}

fn queue() -> usize {
    500
}

fn beacon_int() -> u16 {
    100
}

fn dtim_period() -> u8 {
    2
}

fn ap_max_inactivity() -> Time {
    Time::secs(300.0)
}

fn beacon_loss() -> u32 {
    10
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Names file, line and key.
    pub fn load(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| name.to_string())?;
        let config: Self = toml::from_str(&text).with_context(|| name.to_string())?;
        match config.check() {
            Ok(()) => Ok(config),
            Err(complaint) => bail!("{name}: {complaint}"),
        }
    }

    /// Width of the channel.
    ///
    /// # Panics
    /// If there is no such width: checked files have none.
    pub fn bandwidth(&self) -> Bandwidth {
        Bandwidth::from_mhz(self.bandwidth_mhz).expect("the file was checked")
    }

    /// The middle of the channel. The band begins at 5 GHz, and channels are numbered by 5 MHz.
    pub fn frequency_hz(&self) -> f64 {
        let above = if self.bandwidth() == Bandwidth::Mhz40 { 10.0 } else { 0.0 };
        (5000.0 + 5.0 * f64::from(self.channel) + above) * 1e6
    }
}

/// An address as people write it.
fn address(text: &str) -> Option<MacAddr> {
    text.parse().ok().filter(|address: &MacAddr| !address.is_group())
}
