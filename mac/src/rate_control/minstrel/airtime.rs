use std::time::Duration;

use phy80211::{Rate, txtime};

use crate::rate_control::response_rate;
use crate::{Config, SlotTiming};

/// Bytes of an MPDU with an IP packet of 1500 bytes, and in an A-MPDU with delimiter and padding.
const MPDU_LEN: usize = 1540;
/// Bytes of an Ack and of a compressed Block Ack.
const ACK_LEN: usize = 14;
const BLOCK_ACK_LEN: usize = 32;
/// Slots before a PPDU: AIFSN of best effort, and half of aCWmin.
const AIFSN: u32 = 3;
const CW_MIN: u32 = 15;

/// How long MPDUs of one rate keep the medium, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Airtime {
    /// AIFS, backoff, preamble, the SIFS before the answer, and the Ack.
    exchange: f64,
    /// How much longer than an Ack a Block Ack is.
    block_ack: f64,
    /// The bytes of an MPDU.
    mpdu: f64,
}

impl Airtime {
    pub(super) fn of(rate: Rate, config: &Config) -> Self {
        let Config { bandwidth, ack_turnaround, basic_rates, .. } = config;
        let timing = SlotTiming::of(*bandwidth);
        let access = timing.aifs(AIFSN) + CW_MIN * timing.slot / 2;
        let answer = |len| txtime(response_rate(rate, basic_rates).into(), *bandwidth, len);
        let preamble = txtime(rate, *bandwidth, 0);
        let exchange = access + preamble + timing.sifs + *ack_turnaround + answer(ACK_LEN);
        let mpdu = Duration::from_secs_f64(MPDU_LEN as f64 * 8e-6 / rate.mbps(*bandwidth));
        Self {
            exchange: exchange.as_secs_f64(),
            block_ack: (answer(BLOCK_ACK_LEN) - answer(ACK_LEN)).as_secs_f64(),
            mpdu: mpdu.as_secs_f64(),
        }
    }

    /// Seconds that each of so many MPDUs in a PPDU takes, with its part of what is around it.
    pub(super) fn of_mpdu(&self, mpdus: f64) -> f64 {
        // An average between one and two is one of PPDUs with either answer.
        let block_acks = (mpdus - 1.0).clamp(0.0, 1.0);
        (self.exchange + block_acks * self.block_ack) / mpdus + self.mpdu
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MacAddr, RateSelection, Role, Scan, StationConfig};
    use phy80211::OfdmRate;

    fn airtime(rate: OfdmRate) -> Airtime {
        let scan = Scan::Passive { listen: Duration::ZERO };
        let station = StationConfig { ssid: vec![], bssid: None, scan, beacon_loss: 1 };
        let (address, role) = (MacAddr([2, 0, 0, 0, 0, 1]), Role::Station(station));
        Airtime::of(rate.into(), &Config::dot11a(address, role, RateSelection::Minstrel))
    }

    #[test]
    fn an_mpdu_takes_its_bytes_and_all_that_is_around_it() {
        // AIFS 43, backoff 67.5, PPDU 248 at 54 Mbit/s, SIFS 16, Ack 28; symbols are not rounded
        // up, but those of preamble and bytes are added.
        let us = airtime(OfdmRate::Mbps54).of_mpdu(1.0) * 1e6;
        assert!((us - 402.5).abs() < 5.0, "{us}");
    }

    #[test]
    fn aggregated_mpdus_share_what_is_around_them() {
        let airtime = airtime(OfdmRate::Mbps54);
        let us = airtime.of_mpdu(32.0) * 1e6;
        assert!((228.0..236.0).contains(&us), "{us}");
    }
}
