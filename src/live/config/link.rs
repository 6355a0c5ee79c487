use serde::Deserialize;
use sim::scenario::Time;

/// The radio, as a file describes it, and the threads behind it.
#[derive(Debug, Clone, Deserialize)]
pub struct LinkTable {
    /// Which one: `air:unix:PATH`, `soapy:ARGS` or `file:PATH`.
    pub radio: String,
    /// Gain of the receiver in dB; without, as the radio has it.
    pub rx_gain: Option<f64>,
    /// Gain of the transmitter in dB; without, as the radio has it.
    pub tx_gain: Option<f64>,
    /// Mean power of what is sent below full scale, in dB: room for the peaks of OFDM.
    #[serde(default = "backoff_db")]
    pub backoff_db: f64,
    /// Power in the whole channel that is busy whatever it is, in dBm, where full scale is -40.
    #[serde(default = "energy_detection_dbm")]
    pub energy_detection_dbm: f64,
    /// How long before its time a burst is handed in, at the least; without, as measured at the
    /// start.
    pub lead: Option<Time>,
    /// By how much the responses of others may be later than SIFS, at the least; without, as late
    /// as our own. Whoever announces more is waited for.
    pub ack_turnaround: Option<Time>,
    /// Cores on which the radio's threads run; without, any.
    #[serde(default)]
    pub cpus: Vec<usize>,
    /// Threads that nothing else may interrupt, where that is permitted.
    #[serde(default = "yes")]
    pub realtime: bool,
    /// A radio that delivers nothing for so long is broken.
    #[serde(default = "patience")]
    pub patience: Time,
}

fn backoff_db() -> f64 {
    12.0
}

fn energy_detection_dbm() -> f64 {
    -62.0
}

fn yes() -> bool {
    true
}

fn patience() -> Time {
    Time::secs(3.0)
}
