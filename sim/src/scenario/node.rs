//! Nodes as a scenario writes them: where they are, what they are, how they behave.

use std::time::Duration;

use mac::{
    AcParameters, AccessCategory, AmpduLimits, ApConfig, Config, EdcaRecords, IbssConfig, MacAddr,
    QueueLimit, RateSelection, Rider, Role, Scan, StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Placement, Rate};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::client::ClientTable;
use super::riding::{HackTable, ThinTable, rider};
use super::units::{RateName, Time};
use crate::{Channel, LateSensing, NodeConfig, Position};

/// A node, or several that are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeTable {
    /// Its name, which is also that of its host. Of several it is what they are called together;
    /// each has its number, from 1 on, behind it.
    pub name: Spanned<String>,
    /// How many there are.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
    /// What it is in its network.
    pub role: RoleName,
    /// Its generation.
    pub standard: Standard,
    /// Name of its network.
    #[serde(default = "ssid")]
    pub ssid: String,
    /// x and y in metres.
    #[serde(default)]
    pub position_m: [f64; 2],
    /// It goes from its position to these places, x and y in metres, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub walk_m: Vec<[f64; 2]>,
    /// How fast, in metres a second.
    #[serde(default = "walking", skip_serializing_if = "is_walking")]
    pub speed_m_s: f64,
    /// When it begins to go.
    #[serde(default)]
    pub walk_from: Time,
    /// It is somewhere within this distance of its position, which the seed tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_m: Option<f64>,
    /// Power of what it sends.
    #[serde(default = "tx_power_dbm")]
    pub tx_power_dbm: f64,
    /// Noise of its receiver over that of a warm resistor.
    #[serde(default = "noise_figure_db")]
    pub noise_figure_db: f64,
    /// Number of its channel in the 5 GHz band: of the lower half, if that has 40 MHz.
    #[serde(default = "channel")]
    pub channel: u8,
    /// Width of its channel.
    pub bandwidth_mhz: Spanned<u32>,
    /// Rate of its data.
    pub rate: Spanned<RateName>,
    /// Short guard interval in HT frames.
    #[serde(default)]
    pub short_gi: bool,
    /// How often a frame is sent at most.
    #[serde(default = "attempts")]
    pub attempts: u8,
    /// An RTS goes before what is longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rts_threshold_bytes: Option<usize>,
    /// Packets that may be queued, those on the air included.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Whether that is the limit of all or of each receiver.
    #[serde(default)]
    pub queue_for: QueueFor,
    /// Whose turn it is.
    #[serde(default)]
    pub schedule: Schedule,
    /// How long a packet may wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Time>,
    /// Limits of its A-MPDUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ampdu: Option<AmpduTable>,
    /// How it contends with best effort, as which all traffic goes. 802.11n only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edca: Option<Spanned<EdcaTable>>,
    /// By how much the responses of others may be later than SIFS.
    #[serde(default)]
    pub ack_turnaround: Time,
    /// By how much its own responses are later.
    #[serde(default)]
    pub response_delay: Time,
    /// How a client of several APs divides its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Spanned<ClientTable>>,
    /// How its carrier sense is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_sensing: Option<Spanned<LateSensingTable>>,
    /// Which of its TCP ACKs ride; without, it has never heard of HACK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hack: Option<Spanned<HackTable>>,
    /// Reverse direction: an AP lets stations respond to its A-MPDUs with one as long as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_direction: Option<Spanned<Time>>,
    /// How its driver thins TCP ACKs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thin: Option<Spanned<ThinTable>>,
}

/// What a node is in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// An access point, with beacons each 102.4 ms.
    Ap,
    /// A station that finds the AP of its network by its beacons, and joins it.
    Station,
    /// A client of all APs of its network, in whatever channels they are.
    MultiStation,
    /// One of an IBSS without beacons, whose members know each other.
    Ibss,
}

/// A generation of 802.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standard {
    /// OFDM, DCF.
    #[serde(rename = "802.11a")]
    Dot11a,
    /// HT with one stream, EDCA, A-MPDUs.
    #[serde(rename = "802.11n")]
    Dot11n,
}

/// Whom a queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueFor {
    /// All receivers share it.
    #[default]
    All,
    /// Each has one.
    EachReceiver,
}

/// Whose turn it is to be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Whose packet came first.
    #[default]
    Fifo,
    /// Each in turn.
    RoundRobin,
}

/// Limits of A-MPDUs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AmpduTable {
    /// Bytes.
    pub max_bytes: Spanned<usize>,
    /// MPDUs; with 1 there are no A-MPDUs.
    pub max_mpdus: Spanned<usize>,
    /// How long the bytes last.
    pub max_duration: Time,
}

/// How a category contends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdcaTable {
    /// Slots to wait after SIFS.
    pub aifsn: u8,
    /// The least contention window.
    pub cw_min: u16,
    /// The largest contention window.
    pub cw_max: u16,
    /// How long a TXOP may be; 0 for one exchange.
    pub txop_limit: Time,
}

/// How carrier sense is late.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateSensingTable {
    /// Of how many PPDUs.
    pub share: f64,
    /// How late.
    pub by: Time,
}

impl LateSensingTable {
    /// An Ack of 24 Mbit/s that is noticed later than this is over by then, and who has waited for
    /// it would take the medium for idle since before.
    const LATEST: Duration = Duration::from_micros(20);

    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.share) {
            return Err(format!("share is 0 to 1, not {}", self.share));
        }
        if self.by.0 > Self::LATEST {
            return Err(
                "carrier sense is late by 20 us at most: later than that Acks are over".to_owned()
            );
        }
        Ok(())
    }
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

fn walking() -> f64 {
    1.5
}

fn is_walking(speed: &f64) -> bool {
    *speed == walking()
}

fn ssid() -> String {
    "ackride".to_owned()
}

fn tx_power_dbm() -> f64 {
    16.0206
}

fn noise_figure_db() -> f64 {
    7.0
}

fn channel() -> u8 {
    36
}

fn attempts() -> u8 {
    7
}

fn queue() -> usize {
    500
}

impl Default for AmpduTable {
    fn default() -> Self {
        let AmpduLimits { max_len, max_mpdus, max_duration } = AmpduLimits::default();
        Self {
            max_bytes: Spanned::new(0..0, max_len),
            max_mpdus: Spanned::new(0..0, max_mpdus),
            max_duration: Time(max_duration),
        }
    }
}

impl EdcaTable {
    /// A TXOP limit is a multiple of this (9.4.2.28).
    const TXOP_UNIT: Duration = Duration::from_micros(32);

    /// Whether an EDCA Parameter Set could say so.
    pub(super) fn check(&self) -> Result<(), String> {
        let window = |cw: u16| (cw + 1).is_power_of_two() && cw < 1 << 15;
        if !(2..=15).contains(&self.aifsn) {
            return Err(format!("aifsn is 2 to 15, not {}", self.aifsn));
        }
        if !window(self.cw_min) || !window(self.cw_max) || self.cw_min > self.cw_max {
            let (min, max) = (self.cw_min, self.cw_max);
            return Err(format!("windows are 0, 1, 3, 7, ... 32767 slots, not {min} to {max}"));
        }
        let Time(limit) = self.txop_limit;
        let units = limit.as_nanos() / Self::TXOP_UNIT.as_nanos();
        if !limit.as_nanos().is_multiple_of(Self::TXOP_UNIT.as_nanos()) || units > 0xffff {
            return Err("txop_limit is a multiple of 32 us, 65535 of them at most".to_owned());
        }
        Ok(())
    }

    fn parameters(&self) -> AcParameters {
        let exponent = |cw: u16| (cw + 1).ilog2() as u8;
        let units = self.txop_limit.0.as_nanos() / Self::TXOP_UNIT.as_nanos();
        let (min, max) = (exponent(self.cw_min), exponent(self.cw_max));
        AcParameters::new(AccessCategory::BestEffort, self.aifsn, min, max, units as u16)
    }
}

impl NodeTable {
    /// The width of its channel, if there is such a one.
    pub(super) fn bandwidth(&self) -> Option<Bandwidth> {
        Bandwidth::from_mhz(*self.bandwidth_mhz.get_ref())
    }

    /// The air that it shares with others.
    ///
    /// # Panics
    /// If there is no such bandwidth: checked scenarios have none.
    pub fn channel(&self) -> Channel {
        // The band begins at 5 GHz, and channels are numbered by 5 MHz.
        let primary_mhz = 5000 + 5 * u32::from(self.channel);
        match self.checked_bandwidth() {
            Bandwidth::Mhz40 => Channel::mhz40(primary_mhz + 10, Placement::Lower),
            narrower => Channel::undivided(primary_mhz, narrower),
        }
    }

    /// Whether it is a client of that AP among others.
    pub(super) fn is_client_of(&self, ap: &Self) -> bool {
        (self.role, ap.role) == (RoleName::MultiStation, RoleName::Ap)
            && (&self.ssid, self.bandwidth()) == (&ap.ssid, ap.bandwidth())
    }

    fn checked_bandwidth(&self) -> Bandwidth {
        self.bandwidth().expect("the scenario was checked")
    }

    /// Its radio, at a place.
    pub(super) fn radio(&self, position: Position) -> NodeConfig {
        NodeConfig {
            tx_power_dbm: self.tx_power_dbm,
            noise_figure_db: self.noise_figure_db,
            receives_ht: self.standard == Standard::Dot11n,
            late_sensing: self.late_sensing.as_ref().map(|late| {
                let LateSensingTable { share, by: Time(by) } = *late.get_ref();
                LateSensing { share, by }
            }),
            ..NodeConfig::new(position, self.channel())
        }
    }

    /// Its MAC, with an address.
    pub(super) fn mac(&self, address: MacAddr) -> Config {
        let (role, rate, bandwidth) =
            (self.role(address), self.rate_selection(), self.checked_bandwidth());
        let base = match self.standard {
            Standard::Dot11a => Config { bandwidth, ..Config::dot11a(address, role, rate) },
            Standard::Dot11n => Config::dot11n(address, role, bandwidth, rate),
        };
        let edca = base.edca.map(|EdcaRecords([default, rest @ ..])| {
            let best_effort = self.edca.as_ref().map(|edca| edca.get_ref().parameters());
            let [background, video, voice] = rest;
            EdcaRecords([best_effort.unwrap_or(default), background, video, voice])
        });
        let limits = self.ampdu.clone().unwrap_or_default();
        let limits = AmpduLimits {
            max_len: *limits.max_bytes.get_ref(),
            max_mpdus: *limits.max_mpdus.get_ref(),
            max_duration: limits.max_duration.0,
        };
        Config {
            edca,
            ampdu: base.ampdu.map(|_| limits).filter(|limits| limits.max_mpdus > 1),
            retry_limit: self.attempts,
            rts_threshold: self.rts_threshold_bytes,
            queue_limit: match self.queue_for {
                QueueFor::All => QueueLimit::Shared(self.queue),
                QueueFor::EachReceiver => QueueLimit::PerReceiver(self.queue),
            },
            schedule: match self.schedule {
                Schedule::Fifo => mac::Schedule::Fifo,
                Schedule::RoundRobin => mac::Schedule::RoundRobin,
            },
            lifetime: self.lifetime.map(|Time(lifetime)| lifetime),
            ack_turnaround: self.ack_turnaround.0,
            response_delay: self.response_delay.0,
            reverse_direction: self.reverse_direction.as_ref().map(|limit| limit.get_ref().0),
            ..base
        }
    }

    /// What rides on its responses.
    pub(super) fn rider(&self) -> Box<dyn Rider> {
        let (hack, thin) = (self.hack.as_ref(), self.thin.as_ref());
        rider(hack.map(Spanned::get_ref), thin.map(Spanned::get_ref))
    }

    fn rate_selection(&self) -> RateSelection {
        let wide = self.checked_bandwidth() == Bandwidth::Mhz40;
        let width = if wide { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
        let gi = if self.short_gi { GuardInterval::Short } else { GuardInterval::Long };
        match *self.rate.get_ref() {
            RateName::NonHt(rate) => RateSelection::Fixed(Rate::NonHt(rate)),
            RateName::Ht(mcs) => RateSelection::Fixed(Rate::Ht(HtRate { mcs, width, gi })),
            RateName::Minstrel => RateSelection::Minstrel,
            RateName::Cautious => RateSelection::Cautious,
        }
    }

    fn role(&self, address: MacAddr) -> Role {
        let (ssid, channel) = (self.ssid.as_bytes().to_vec(), self.channel);
        match self.role {
            RoleName::Ap => Role::Ap(ApConfig {
                ssid,
                channel,
                beacon_interval: TimeUnits(100),
                // Those of hidden APs would else collide for ever.
                first_beacon: BEACON_STAGGER * (u32::from(address.0[5] - 1) % 7),
                dtim_period: 1,
                inactivity: Duration::from_secs(300),
            }),
            RoleName::Station | RoleName::MultiStation => Role::Station(StationConfig {
                ssid,
                bssid: None,
                scan: Scan::Passive { listen: Duration::from_millis(120) },
                beacon_loss: 10,
            }),
            RoleName::Ibss => {
                Role::Ibss(IbssConfig { ssid, bssid: IBSS, channel, beacon_interval: None })
            }
        }
    }
}

/// From the first beacon of a node to that of the next; after seven comes the second of the first.
const BEACON_STAGGER: Duration = Duration::from_micros(13_313);
/// The address of all IBSSs, which are told apart by their channels.
const IBSS: MacAddr = MacAddr([2, 0, 0, 0xff, 0, 0]);
