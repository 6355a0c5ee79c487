//! What can be chosen in presets.

use phy80211::{Mcs, OfdmRate};

use crate::scenario::{PolicyName, Time};

/// What can be chosen in presets; what is not is as in the ns-3 baseline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PresetOptions {
    /// How many clients.
    pub clients: Option<usize>,
    /// What is sent to them.
    pub traffic: TrafficKind,
    /// Queue of the AP in packets, for each client.
    pub queue: Option<usize>,
    /// Signal-to-noise ratio of all clients or, where there are two APs, of each at the client.
    pub snr_db: Vec<f64>,
    /// MCS of 802.11n.
    pub mcs: Option<Mcs>,
    /// Rate of 802.11a: one for all, or one for each AP.
    pub rates: Vec<OfdmRate>,
    /// How often a frame is sent at most.
    pub attempts: Option<u8>,
    /// The second AP sends a datagram so often, instead of as many as it can.
    pub ap2_every: Option<Time>,
    /// Which TCP ACKs of the AP and its clients ride.
    pub hack: Option<PolicyName>,
    /// The AP lets clients respond to A-MPDUs with theirs.
    pub reverse_direction: bool,
    /// Clients send one TCP ACK in so many.
    pub thin: Option<u32>,
    /// All responses are later than SIFS by this.
    pub late_acks: Time,
    /// Of how many PPDUs all carrier sense is two slots late.
    pub late_sensing: Option<f64>,
}

/// What flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TrafficKind {
    /// TCP New Reno, as much as there is room for.
    #[default]
    Tcp,
    /// More datagrams than the air can take.
    Udp,
}
