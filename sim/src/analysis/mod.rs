//! What a lone link carries at best, by arithmetic: the curves that simulations are held against.
//!
//! One AP and one station without beacons, errors or collisions; the sender always has more, and
//! each side contends with the mean backoff for each of its PPDUs. [`dot11a`] sends single frames,
//! [`dot11n`] the largest A-MPDUs. With stock TCP the receiver contends for its ACKs as well; with
//! HACK all of them ride, compressed, on the responses that it owes anyway.

mod dot11a;
mod dot11n;
mod ht_phy;

use std::time::Duration;

use mac::SlotTiming;
use phy80211::{Bandwidth, OfdmRate, txtime};

pub use dot11a::dot11a;
pub use dot11n::{ampdu_mpdus, dot11n, single_frames};
pub use ht_phy::HtPhy;

/// Bytes of an IP packet with UDP's payload and headers, or TCP's.
const PACKET: usize = 1500;
/// IP and TCP headers without options: a TCP ACK.
const IP_TCP: usize = 40;
/// IP and UDP headers.
const IP_UDP: usize = 28;
/// The timestamps option, padded (RFC 7323, appendix A).
const TIMESTAMPS: usize = 12;
/// LLC and SNAP before a packet.
const LLC_SNAP: usize = 8;
/// The last field of each MPDU.
const FCS: usize = 4;
/// Bytes of an Ack frame.
const ACK: usize = 14;
/// The least contention window of DCF and of best effort, in slots.
const CW_MIN: u32 = 15;
/// The rates at which responses go.
const BASIC_RATES: [OfdmRate; 3] = [OfdmRate::Mbps6, OfdmRate::Mbps12, OfdmRate::Mbps24];

/// What is assumed of TCP, of HACK and of A-MPDUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumptions {
    /// Segments that a TCP ACK acknowledges.
    pub segments_per_ack: usize,
    /// Whether TCP has the timestamps option.
    pub timestamps: bool,
    /// Bytes of a TCP ACK that rides.
    pub ride_bytes_per_ack: usize,
    /// MPDUs of an A-MPDU (the Block Ack window).
    pub max_mpdus: usize,
    /// Bytes of an A-MPDU.
    pub max_ampdu_len: usize,
    /// How long an A-MPDU may be on the air, its preamble included.
    pub max_duration: Option<Duration>,
    /// Minimum MPDU Start Spacing, which pads short MPDUs (10.12.3).
    pub start_spacing: Duration,
}

impl Default for Assumptions {
    /// Those of the paper: delayed ACKs, no options, four bytes an ACK, 64 KB or 4 ms.
    fn default() -> Self {
        Self {
            segments_per_ack: 2,
            timestamps: false,
            ride_bytes_per_ack: 4,
            max_mpdus: 64,
            max_ampdu_len: 65_535,
            max_duration: Some(Duration::from_millis(4)),
            start_spacing: Duration::ZERO,
        }
    }
}

impl Assumptions {
    /// Bytes of a TCP ACK as a packet.
    fn ack_packet(&self) -> usize {
        IP_TCP + if self.timestamps { TIMESTAMPS } else { 0 }
    }

    /// Payload of a full segment.
    fn mss(&self) -> usize {
        PACKET - self.ack_packet()
    }
}

/// What applications get, in Mbit/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goodputs {
    /// Datagrams, to which nothing comes back.
    pub udp: f64,
    /// Stock TCP.
    pub tcp: f64,
    /// TCP whose ACKs all ride.
    pub hack: f64,
}

impl Goodputs {
    /// What HACK adds to stock TCP, in percent.
    pub fn gain_percent(&self) -> f64 {
        100.0 * (self.hack / self.tcp - 1.0)
    }
}

/// AIFS of so many slots and the mean backoff after it: how long the medium is idle before a PPDU.
pub fn mean_idle(aifsn: u32) -> Duration {
    let timing = slots();
    timing.aifs(aifsn) + timing.slot * CW_MIN / 2
}

/// AIFSN of best effort, and that which makes AIFS DIFS.
pub const AIFSN_BEST_EFFORT: u32 = 3;
/// AIFS of two slots is DIFS.
pub const AIFSN_DIFS: u32 = 2;

fn slots() -> SlotTiming {
    SlotTiming::of(Bandwidth::Mhz20)
}

/// SIFS and a response of so many bytes.
fn response(rate: OfdmRate, len: usize) -> Duration {
    slots().sifs + txtime(rate.into(), Bandwidth::Mhz20, len)
}

/// Of payloads in a time.
fn mbps(payload_bytes: usize, time: Duration) -> f64 {
    8.0 * payload_bytes as f64 / time.as_secs_f64() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_effort_waits_110_us_before_each_ppdu() {
        assert_eq!(mean_idle(AIFSN_BEST_EFFORT), Duration::from_nanos(110_500));
        assert_eq!(mean_idle(AIFSN_DIFS), Duration::from_nanos(101_500));
    }
}
