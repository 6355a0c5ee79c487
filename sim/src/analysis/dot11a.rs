use std::time::Duration;

use mac::response_rate;
use phy80211::{Bandwidth, OfdmRate, txtime};

use super::{
    ACK, AIFSN_DIFS, Assumptions, BASIC_RATES, FCS, Goodputs, IP_UDP, LLC_SNAP, PACKET, mbps,
    mean_idle, response,
};

/// The MAC header of data without QoS.
const MAC_HEADER: usize = 24;

/// Goodputs of 802.11a: a contention and an Ack for each frame.
pub fn dot11a(rate: OfdmRate, assumptions: &Assumptions) -> Goodputs {
    let exchange = |packet: usize, riders: usize| -> Duration {
        let psdu = MAC_HEADER + LLC_SNAP + packet + FCS;
        mean_idle(AIFSN_DIFS)
            + txtime(rate.into(), Bandwidth::Mhz20, psdu)
            + response(response_rate(rate.into(), &BASIC_RATES), ACK + riders)
    };
    let segments = assumptions.segments_per_ack;
    let data = exchange(PACKET, 0);
    let native = data * segments as u32 + exchange(assumptions.ack_packet(), 0);
    let ridden = data * (segments as u32 - 1) + exchange(PACKET, assumptions.ride_bytes_per_ack);
    Goodputs {
        udp: mbps(PACKET - IP_UDP, data),
        tcp: mbps(segments * assumptions.mss(), native),
        hack: mbps(segments * assumptions.mss(), ridden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value}, not {expected}");
    }

    #[test]
    fn hack_gains_6_percent_at_6_mbps_and_23_at_54() {
        let slow = dot11a(OfdmRate::Mbps6, &Assumptions::default());
        close(slow.udp, 5.27, 0.005);
        close(slow.gain_percent(), 6.4, 0.05);
        let fast = dot11a(OfdmRate::Mbps54, &Assumptions::default());
        close(fast.udp, 29.93, 0.005);
        close(fast.tcp, 24.22, 0.005);
        close(fast.hack, 29.68, 0.005);
        close(fast.gain_percent(), 22.6, 0.05);
    }

    #[test]
    fn at_24_mbps_a_ride_of_seven_bytes_costs_no_air() {
        let with = |ride_bytes_per_ack| {
            dot11a(OfdmRate::Mbps54, &Assumptions { ride_bytes_per_ack, ..Assumptions::default() })
        };
        assert_eq!(with(7).hack, with(0).hack);
        assert!(with(8).hack < with(7).hack);
    }

    #[test]
    fn the_gain_grows_with_the_rate() {
        let gains = OfdmRate::ALL.map(|rate| dot11a(rate, &Assumptions::default()).gain_percent());
        assert!(gains.is_sorted(), "{gains:?}");
    }
}
