use std::time::Duration;

/// Which TCP ACKs ride.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// None: all are sent natively, as by any station.
    Native,
    /// All wait for a response, but no longer than this.
    Timer(Duration),
    /// ACKs wait for the medium as native ones do, and ride if a response comes first.
    Opportunistic,
    /// ACKs wait if the peer's last data had More Data set, and are sent natively otherwise.
    MoreData,
    /// ACKs wait if the peer's last data had More Data set, and otherwise for whatever comes
    /// first, a response or the medium. The other end promises more data whenever ACKs are to be
    /// expected; if none is there when they are, it polls.
    Adaptive,
}

/// What may ride on a response that would end more than AIFS later with it than without. Stations
/// that do not hear the start of the response may begin to transmit then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Nothing: what does not fit rides on the next response.
    Split,
    /// Up to so many bytes.
    Risk(usize),
}

/// How a station treats TCP ACKs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Which ones ride.
    pub policy: Policy,
    /// How many ride at once.
    pub budget: Budget,
    /// ACKs that nothing came for are sent natively after this time: far below the 200 ms after
    /// which a TCP sender takes them for lost.
    pub safety: Duration,
    /// How long after its last data a peer is given to have ACKs before it is polled for them.
    pub poll_after: Duration,
    /// The same if it has just had ACKs: the time in which those bring data for it from beyond.
    pub round_trip: Duration,
    /// When a peer is polled for which there is data, which waits behind that of others.
    pub promise: Duration,
    /// When a peer has asked or sent so many times in a row for what had been answered before,
    /// nothing rides until it has heard a response: it may have given up and moved on, which looks
    /// as if it had heard. Below the least retry limit that stations have by default, which is 4.
    pub repeats: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            policy: Policy::Adaptive,
            budget: Budget::Split,
            safety: Duration::from_millis(140),
            poll_after: Duration::from_micros(500),
            round_trip: Duration::from_millis(4),
            promise: Duration::from_millis(125),
            repeats: 3,
        }
    }
}
