//! From a file to the MAC of an AP or a station.

use std::time::Duration;

use hack::Hack;
use mac::{
    ApConfig, Config as MacConfig, Instant, Mac, MacAddr, NoRider, QueueLimit, RateSelection,
    Rider, Role, Scan, StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Rate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::scenario::{RateName, Standard};

use super::config::Config;

/// What of the two is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An access point.
    Ap,
    /// A station that joins one.
    Station,
}

impl Kind {
    /// As the subcommand is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ap => "ap",
            Self::Station => "sta",
        }
    }
}

/// How late a station is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delays {
    /// By how much its responses are later than SIFS.
    pub response: Duration,
    /// By how much it takes those of others to be so.
    pub turnaround: Duration,
    /// How late its MAC hears.
    pub indication: Duration,
}

impl Config {
    /// The address of an AP or a station: as the file says, else one of its seed.
    pub fn address(&self, kind: Kind, seed: u64) -> MacAddr {
        let told = match kind {
            Kind::Ap => &self.bssid,
            Kind::Station => &self.mac_address,
        };
        let told = told.as_ref().and_then(|text| text.parse().ok());
        told.unwrap_or_else(|| {
            let [a, b, c, d, e, ..] = seed.to_le_bytes();
            // Locally administered.
            MacAddr([0x02, a, b, c, d, e])
        })
    }

    /// The MAC.
    pub fn mac(&self, kind: Kind, seed: u64, delays: Delays, now: Instant) -> Mac {
        let address = self.address(kind, seed);
        let (role, rate, bandwidth) = (self.role(kind, now), self.rate(), self.bandwidth());
        let base = match self.standard {
            Standard::Dot11a => MacConfig { bandwidth, ..MacConfig::dot11a(address, role, rate) },
            Standard::Dot11n => MacConfig::dot11n(address, role, bandwidth, rate),
        };
        let config = MacConfig {
            retry_limit: self.attempts,
            rts_threshold: self.rts_threshold,
            queue_limit: QueueLimit::Shared(self.queue),
            ack_turnaround: delays.turnaround,
            response_delay: delays.response,
            indication_delay: delays.indication,
            ..base
        };
        let rider: Box<dyn Rider> = match &self.hack {
            None => Box::new(NoRider),
            Some(hack) => Box::new(Hack::new(hack.config())),
        };
        Mac::new(now, config, rider, ChaCha8Rng::seed_from_u64(seed))
    }

    fn role(&self, kind: Kind, now: Instant) -> Role {
        let ssid = self.ssid.as_bytes().to_vec();
        match kind {
            Kind::Ap => Role::Ap(ApConfig {
                ssid,
                channel: self.channel,
                beacon_interval: TimeUnits(self.beacon_int),
                first_beacon: now.since(Instant::ZERO),
                dtim_period: self.dtim_period,
                inactivity: self.ap_max_inactivity.0,
            }),
            Kind::Station => {
                // A beacon and some.
                let listen = TimeUnits(self.beacon_int).duration().mul_f64(1.3);
                let scan = match self.scan_ssid {
                    true => Scan::Active { listen },
                    false => Scan::Passive { listen },
                };
                let bssid = self.bssid.as_ref().and_then(|text| text.parse().ok());
                Role::Station(StationConfig { ssid, bssid, scan, beacon_loss: self.beacon_loss })
            }
        }
    }

    fn rate(&self) -> RateSelection {
        let wide = self.bandwidth() == Bandwidth::Mhz40;
        let width = if wide { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
        let gi = if self.short_gi { GuardInterval::Short } else { GuardInterval::Long };
        match self.rate {
            RateName::NonHt(rate) => RateSelection::Fixed(Rate::NonHt(rate)),
            RateName::Ht(mcs) => RateSelection::Fixed(Rate::Ht(HtRate { mcs, width, gi })),
            RateName::Minstrel => RateSelection::Minstrel,
            RateName::Cautious => RateSelection::Cautious,
        }
    }
}
