//! The constants of the model: of the air, of its receivers, and of a node.

use std::time::Duration;

use phy80211::{Bandwidth, Placement};

/// What holds for all nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct MediumConfig {
    /// How power falls with distance.
    pub path_loss: LogDistance,
    /// How receivers decide.
    pub receiver: ReceiverConfig,
}

/// Log-distance path loss, and a constant speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogDistance {
    /// Loss at one metre and nearer.
    pub loss_at_1_m_db: f64,
    /// Decades of power a decade of distance.
    pub exponent: f64,
    /// In metres a second.
    pub speed: f64,
}

/// How receivers decide; the thresholds are for 20 MHz and fall with the width of narrower
/// channels (17.3.10.6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceiverConfig {
    /// aCCATime: what a PHY needs to tell that the medium is busy. Until then the strongest of
    /// several preambles may be found.
    pub cca_time: Duration,
    /// Power of a sum of signals that is busy whatever it is, in the primary 20 MHz.
    pub energy_detection_dbm: f64,
    /// What a preamble needs to be found; `None` if the strongest always is.
    pub preamble_detection: Option<PreambleDetection>,
    /// By how much a later preamble must be stronger to take a receiver from the PPDU that it is
    /// receiving; `None` if none does.
    pub capture_db: Option<f64>,
}

/// What a preamble needs to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreambleDetection {
    /// Its power in the primary 20 MHz.
    pub min_power_dbm: f64,
    /// Its power over noise and interference.
    pub min_sinr_db: f64,
}

impl Default for MediumConfig {
    /// As in ns-3's YansWifiPhy and ThresholdPreambleDetection.
    fn default() -> Self {
        Self { path_loss: LogDistance::default(), receiver: ReceiverConfig::default() }
    }
}

impl Default for LogDistance {
    /// 5 GHz in free space to one metre, a building further out.
    fn default() -> Self {
        Self { loss_at_1_m_db: 46.68, exponent: 3.0, speed: 299_792_458.0 }
    }
}

impl Default for ReceiverConfig {
    fn default() -> Self {
        Self {
            cca_time: Duration::from_micros(4),
            energy_detection_dbm: -62.0,
            preamble_detection: Some(PreambleDetection { min_power_dbm: -82.0, min_sinr_db: 4.0 }),
            capture_db: None,
        }
    }
}

/// Where a node sends and listens. Nodes hear each other if theirs are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel {
    /// Middle of the channel.
    pub centre_mhz: u32,
    /// Its width.
    pub bandwidth: Bandwidth,
    /// The 20 MHz in which preambles are found: a half of 40 MHz, else the whole.
    pub primary: Placement,
}

impl Channel {
    /// A channel of 20 MHz or less.
    pub fn undivided(centre_mhz: u32, bandwidth: Bandwidth) -> Self {
        assert!(bandwidth != Bandwidth::Mhz40, "40 MHz have a primary half");
        Self { centre_mhz, bandwidth, primary: Placement::Whole }
    }

    /// A channel of 40 MHz and its primary half.
    pub fn mhz40(centre_mhz: u32, primary: Placement) -> Self {
        assert!(primary != Placement::Whole, "the primary channel is one half");
        Self { centre_mhz, bandwidth: Bandwidth::Mhz40, primary }
    }

    /// Whether a PPDU can be heard there, however its primary channel is chosen.
    pub(super) fn overlaps(self, other: Self) -> bool {
        (self.centre_mhz, self.bandwidth) == (other.centre_mhz, other.bandwidth)
    }
}

/// A place in metres.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Position {
    /// To the east, say.
    pub x: f64,
    /// To the north.
    pub y: f64,
    /// Upwards.
    pub z: f64,
}

impl Position {
    /// On the ground.
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y, z: 0.0 }
    }

    /// How far it is, in metres.
    pub fn distance(self, other: Self) -> f64 {
        let Self { x, y, z } = self;
        (x - other.x).hypot(y - other.y).hypot(z - other.z)
    }
}

/// A node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeConfig {
    /// Where it is.
    pub position: Position,
    /// Power of all of a PPDU, whatever its width.
    pub tx_power_dbm: f64,
    /// Noise over that of a warm resistor.
    pub noise_figure_db: f64,
    /// Where it sends and listens.
    pub channel: Channel,
    /// Whether it can receive HT PPDUs; to others they are a busy medium, then an error.
    pub receives_ht: bool,
    /// How its carrier sense is late, as that of a radio whose samples a host looks at.
    pub late_sensing: Option<LateSensing>,
}

/// Carrier sense that is late at times. Frames are received as ever.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LateSensing {
    /// Of how many PPDUs that make the medium busy this is told late.
    pub share: f64,
    /// How late.
    pub by: Duration,
}

impl NodeConfig {
    /// Thermal noise at 290 K, as ns-3 has it.
    const THERMAL_DBM_PER_HZ: f64 = -173.977;

    /// A node as ns-3's are by default.
    pub fn new(position: Position, channel: Channel) -> Self {
        Self {
            position,
            tx_power_dbm: 16.0206,
            noise_figure_db: 7.0,
            channel,
            receives_ht: true,
            late_sensing: None,
        }
    }

    /// Noise in a part of that many megahertz of its channel.
    pub fn noise_dbm(&self, mhz: u32) -> f64 {
        let bandwidth_db = 10.0 * (f64::from(mhz) * 1e6).log10();
        Self::THERMAL_DBM_PER_HZ + bandwidth_db + self.noise_figure_db
    }
}
