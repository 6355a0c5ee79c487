use std::time::Duration;

use phy80211::{Bandwidth, OfdmRate, Rate};

use crate::{
    AmpduParameters, Capabilities, EdcaRecords, HtCapabilities, HtCapabilityInformation, MacAddr,
    QueueLimit, Schedule, SupportedMcs, TimeUnits,
};

/// What a station is and how it behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its address.
    pub address: MacAddr,
    /// What it is in which BSS.
    pub role: Role,
    /// Width of its channel.
    pub bandwidth: Bandwidth,
    /// What it can do: clause 17 rates, and HT if it has that.
    pub capabilities: Capabilities,
    /// Rates that all stations of the BSS have (BSSBasicRateSet); responses are sent at these.
    pub basic_rates: Vec<OfdmRate>,
    /// How access categories contend; without, the station is one without QoS and uses DCF.
    pub edca: Option<EdcaRecords>,
    /// Rate of data to single receivers. Management frames and those to groups are sent at the
    /// lowest basic rate.
    pub data_rate: RateSelection,
    /// How often an MPDU is sent at most. Those of a Block Ack agreement are sent until they have
    /// arrived or their lifetime ends.
    pub retry_limit: u8,
    /// An RTS goes before PSDUs longer than this.
    pub rts_threshold: Option<usize>,
    /// What A-MPDUs are sent; none at all without.
    pub ampdu: Option<AmpduLimits>,
    /// How much may wait to be sent.
    pub queue_limit: QueueLimit,
    /// Who is next.
    pub schedule: Schedule,
    /// How long a packet may wait (dot11EDCATableMSDULifetime); for ever without.
    pub lifetime: Option<Duration>,
    /// How long a received frame waits for one that is missing before it.
    pub reorder_release: Duration,
    /// How much later than SIFS the responses of our peers may begin. ACK timeouts and the Duration
    /// of what we send cover it. Zero is the standard's.
    pub ack_turnaround: Duration,
    /// How much later than SIFS our own responses begin. Those we associate with are told, and
    /// raise their `ack_turnaround` to it.
    pub response_delay: Duration,
    /// How late our own PHY tells what it hears. ACK timeouts cover it. It is not on the air, so that
    /// no Duration does.
    pub indication_delay: Duration,
    /// Reverse direction: an AP lets stations respond to its A-MPDUs with one of their own, which
    /// lasts no longer than this. All stations of the BSS have it, or none.
    pub reverse_direction: Option<Duration>,
}

/// What a station is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// An access point.
    Ap(ApConfig),
    /// A station that joins an access point.
    Station(StationConfig),
    /// A member of an IBSS.
    Ibss(IbssConfig),
}

/// An access point's BSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApConfig {
    /// Its name, 32 bytes at most.
    pub ssid: Vec<u8>,
    /// Number of its channel.
    pub channel: u8,
    /// Time between two beacons.
    pub beacon_interval: TimeUnits,
    /// Time from the clock's start to the first beacon.
    pub first_beacon: Duration,
    /// Every so many beacons one tells that frames to groups follow.
    pub dtim_period: u8,
    /// A station that has not been heard for so long is asked whether it is still there.
    pub inactivity: Duration,
}

/// Whom a station joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationConfig {
    /// Name of the BSS; any if empty.
    pub ssid: Vec<u8>,
    /// Address of the AP; any with that name without.
    pub bssid: Option<MacAddr>,
    /// How it looks for the BSS.
    pub scan: Scan,
    /// The AP is lost when so many beacons in a row have not been heard.
    pub beacon_loss: u32,
}

/// How a station looks for a BSS (11.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// It listens for beacons.
    Passive {
        /// How long, before the strongest is taken.
        listen: Duration,
    },
    /// It asks with probe requests.
    Active {
        /// How long it waits for answers before the strongest is taken.
        listen: Duration,
    },
}

/// An IBSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IbssConfig {
    /// Its name, 32 bytes at most.
    pub ssid: Vec<u8>,
    /// Its address, which all its members have to know.
    pub bssid: MacAddr,
    /// Number of its channel.
    pub channel: u8,
    /// Time between two beacons, which the members send in turn. Without beacons others are taken
    /// to be able to do what we can.
    pub beacon_interval: Option<TimeUnits>,
}

/// How the rate of data is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RateSelection {
    /// Always the same, or, to a peer that does not have it, its fastest.
    Fixed(Rate),
    /// The one of most throughput by what was acknowledged.
    Minstrel,
    /// The fastest of those at which hardly anything is lost: up when 95 % are acknowledged, down
    /// at once.
    Cautious,
}

/// Limits of the A-MPDUs that are sent (10.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmpduLimits {
    /// Bytes, 65535 at most; the receiver may want less.
    pub max_len: usize,
    /// MPDUs, 64 at most.
    pub max_mpdus: usize,
    /// How long the bytes last at the rate they are sent at, without preamble.
    pub max_duration: Duration,
}

impl Default for AmpduLimits {
    fn default() -> Self {
        Self { max_len: 65_535, max_mpdus: 64, max_duration: Duration::from_millis(4) }
    }
}

impl Config {
    /// A station of 802.11a: DCF, without QoS.
    pub fn dot11a(address: MacAddr, role: Role, data_rate: RateSelection) -> Self {
        Self {
            address,
            role,
            bandwidth: Bandwidth::Mhz20,
            capabilities: Capabilities { rates: OfdmRate::ALL.to_vec(), ht: None, qos: false },
            basic_rates: vec![OfdmRate::Mbps6, OfdmRate::Mbps12, OfdmRate::Mbps24],
            edca: None,
            data_rate,
            retry_limit: 7,
            rts_threshold: None,
            ampdu: None,
            queue_limit: QueueLimit::Shared(500),
            schedule: Schedule::Fifo,
            lifetime: Some(Duration::from_millis(512)),
            reorder_release: Duration::from_millis(100),
            ack_turnaround: Duration::ZERO,
            response_delay: Duration::ZERO,
            indication_delay: Duration::ZERO,
            reverse_direction: None,
        }
    }

    /// A station of 802.11n with one stream: EDCA, A-MPDUs.
    pub fn dot11n(
        address: MacAddr,
        role: Role,
        bandwidth: Bandwidth,
        data_rate: RateSelection,
    ) -> Self {
        let base = Self::dot11a(address, role, data_rate);
        let wide = bandwidth == Bandwidth::Mhz40;
        let ht = HtCapabilities {
            information: HtCapabilityInformation::default()
                .with_channel_width_40(wide)
                .with_sgi_20(true)
                .with_sgi_40(wide),
            ampdu: AmpduParameters::default().with_max_len_exponent(3),
            mcs: SupportedMcs::receiving(0..8),
            ..HtCapabilities::default()
        };
        Self {
            bandwidth,
            capabilities: Capabilities { ht: Some(ht), qos: true, ..base.capabilities },
            edca: Some(EdcaRecords::station_default()),
            ampdu: Some(AmpduLimits::default()),
            ..base
        }
    }

    /// The lowest basic rate.
    pub(crate) fn lowest_rate(&self) -> OfdmRate {
        let lowest = self.basic_rates.iter().min_by_key(|rate| rate.n_dbps());
        lowest.copied().unwrap_or(OfdmRate::Mbps6)
    }
}
