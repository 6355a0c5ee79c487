use crate::{Channel, LogDistance};

/// What holds for all nodes of a [`SampleAir`](super::SampleAir).
#[derive(Debug, Clone, PartialEq)]
pub struct SampleAirConfig {
    /// The channel that all nodes are in.
    pub channel: Channel,
    /// How power falls with distance.
    pub path_loss: LogDistance,
    /// Power in the whole channel that is busy whatever it is.
    pub energy_detection_dbm: f64,
    /// By how much oscillators are off at most, in parts per million. Each node draws its own; of
    /// it come both carrier and sample clock (17.3.9.5, 17.3.9.6).
    pub oscillator_ppm: f64,
    /// RMS delay spread of the paths between two antennas, which are drawn once for each pair;
    /// a single path without.
    pub multipath_rms_ns: Option<f64>,
}

impl SampleAirConfig {
    /// A channel as the packet medium's: exact oscillators, no echoes.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            path_loss: LogDistance::default(),
            energy_detection_dbm: -62.0,
            oscillator_ppm: 0.0,
            multipath_rms_ns: None,
        }
    }
}
