//! The air as a scenario writes it: the constants of the medium, and links that do not come from
//! where nodes are.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::units::Time;
use crate::{LogDistance, MediumConfig, PreambleDetection, ReceiverConfig};

/// What holds for all nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MediumTable {
    /// Loss at one metre.
    pub loss_at_1_m_db: f64,
    /// Decades of power a decade of distance.
    pub path_loss_exponent: f64,
    /// What a PHY needs to find that the medium is busy.
    pub cca_time: Spanned<Time>,
    /// Power that is busy whatever it is.
    pub energy_detection_dbm: f64,
    /// Whether preambles below the two limits that follow are not found.
    pub preamble_detection: bool,
    /// Power of a preamble in the primary 20 MHz.
    pub preamble_min_dbm: f64,
    /// Its power over noise and interference.
    pub preamble_min_sinr_db: f64,
    /// By how much a later preamble must be stronger to be received instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_db: Option<f64>,
}

/// How well nodes hear each other, wherever they are. Just one of the three is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkTable {
    /// Two nodes; where one name is that of several, each of them.
    pub between: Spanned<[Spanned<String>; 2]>,
    /// Signal over noise in the channel of the second when the first sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// Power lost between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_db: Option<f64>,
    /// They do not hear each other at all.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Besides, the link fades: it is another after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coherence: Option<Time>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Default for MediumTable {
    fn default() -> Self {
        let MediumConfig { path_loss, receiver } = MediumConfig::default();
        let preamble = receiver.preamble_detection.expect("ns-3 has a threshold");
        Self {
            loss_at_1_m_db: path_loss.loss_at_1_m_db,
            path_loss_exponent: path_loss.exponent,
            cca_time: Spanned::new(0..0, Time(receiver.cca_time)),
            energy_detection_dbm: receiver.energy_detection_dbm,
            preamble_detection: true,
            preamble_min_dbm: preamble.min_power_dbm,
            preamble_min_sinr_db: preamble.min_sinr_db,
            capture_db: receiver.capture_db,
        }
    }
}

impl MediumTable {
    pub(super) fn config(&self) -> MediumConfig {
        MediumConfig {
            path_loss: LogDistance {
                loss_at_1_m_db: self.loss_at_1_m_db,
                exponent: self.path_loss_exponent,
                ..LogDistance::default()
            },
            receiver: ReceiverConfig {
                cca_time: self.cca_time.get_ref().0,
                energy_detection_dbm: self.energy_detection_dbm,
                preamble_detection: self.preamble_detection.then_some(PreambleDetection {
                    min_power_dbm: self.preamble_min_dbm,
                    min_sinr_db: self.preamble_min_sinr_db,
                }),
                capture_db: self.capture_db,
            },
        }
    }
}
