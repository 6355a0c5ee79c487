use super::{
    ACK, AIFSN_BEST_EFFORT, Assumptions, FCS, Goodputs, HtPhy, IP_UDP, LLC_SNAP, PACKET, mbps,
    mean_idle, response,
};

/// The MAC header of QoS data.
const MAC_HEADER: usize = 26;
/// The MPDU delimiter before each MPDU of an A-MPDU.
const DELIMITER: usize = 4;
/// Bytes of a compressed Block Ack.
const BLOCK_ACK: usize = 32;

/// Goodputs of 802.11n: A-MPDUs as large as they may be, each with a contention and a Block Ack.
/// Stock TCP has one for the data and one for all the ACKs that it brought about.
pub fn dot11n(phy: &HtPhy, assumptions: &Assumptions) -> Goodputs {
    let mpdus = ampdu_mpdus(phy, assumptions);
    let ppdu = |bytes: usize| mean_idle(AIFSN_BEST_EFFORT) + phy.txtime(bytes);
    let block_ack = |riders: usize| response(phy.response_rate(), BLOCK_ACK + riders);
    let data = ppdu(mpdus * subframe(phy, PACKET, assumptions));
    // An odd segment is acknowledged with the next batch; on average it is half an ACK.
    let of_acks = |bytes: usize| (mpdus * bytes).div_ceil(assumptions.segments_per_ack);
    let acks = ppdu(of_acks(subframe(phy, assumptions.ack_packet(), assumptions)));
    let riders = of_acks(assumptions.ride_bytes_per_ack);
    Goodputs {
        udp: mbps(mpdus * (PACKET - IP_UDP), data + block_ack(0)),
        tcp: mbps(mpdus * assumptions.mss(), data + block_ack(0) + acks + block_ack(0)),
        hack: mbps(mpdus * assumptions.mss(), data + block_ack(riders)),
    }
}

/// Share of the data rate that single frames with packets of 1500 bytes use, without aggregation.
pub fn single_frames(phy: &HtPhy) -> f64 {
    let time = mean_idle(AIFSN_BEST_EFFORT)
        + phy.txtime(MAC_HEADER + LLC_SNAP + PACKET + FCS)
        + response(phy.response_rate(), ACK);
    mbps(PACKET, time) / phy.mbps()
}

/// MPDUs of full packets that fit into an A-MPDU.
pub fn ampdu_mpdus(phy: &HtPhy, assumptions: &Assumptions) -> usize {
    let len = subframe(phy, PACKET, assumptions);
    let most = assumptions.max_mpdus.min(assumptions.max_ampdu_len / len);
    let in_time = |mpdus: &usize| {
        assumptions.max_duration.is_none_or(|limit| phy.txtime(mpdus * len) <= limit)
    };
    (1..=most).rev().find(in_time).unwrap_or(1)
}

/// Bytes that a packet takes of an A-MPDU: its MPDU, delimiter and padding, and what delimiters
/// must follow so that the next MPDU does not begin too early.
fn subframe(phy: &HtPhy, packet: usize, assumptions: &Assumptions) -> usize {
    let mpdu = DELIMITER + MAC_HEADER + LLC_SNAP + packet + FCS;
    let spacing = assumptions.start_spacing.as_secs_f64() * phy.mbps() * 1e6 / 8.0;
    mpdu.max(spacing.ceil() as usize).next_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use phy80211::{GuardInterval, HtWidth};

    fn at(mbps: f64) -> HtPhy {
        let all = HtPhy::all(HtWidth::Mhz40, GuardInterval::Short);
        all.into_iter().find(|phy| phy.mbps() == mbps).expect("there is such a rate")
    }

    fn gain(mbps: f64, assumptions: &Assumptions) -> f64 {
        dot11n(&at(mbps), assumptions).gain_percent()
    }

    /// The mean gain at the rates below 100 Mbit/s.
    fn slow_gain(assumptions: &Assumptions) -> f64 {
        let slow: Vec<f64> = HtPhy::all(HtWidth::Mhz40, GuardInterval::Short)
            .iter()
            .filter(|phy| phy.mbps() < 100.0)
            .map(|phy| dot11n(phy, assumptions).gain_percent())
            .collect();
        slow.iter().sum::<f64>() / slow.len() as f64
    }

    fn close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value}, not {expected}");
    }

    #[test]
    fn single_frames_use_a_tenth_of_600_mbps() {
        close(100.0 * single_frames(&at(600.0)), 8.9, 0.05);
    }

    #[test]
    fn an_ampdu_has_42_packets_or_what_4_ms_hold() {
        let mpdus = |mbps| ampdu_mpdus(&at(mbps), &Assumptions::default());
        assert_eq!([15.0, 30.0, 60.0, 90.0, 150.0, 600.0].map(mpdus), [4, 9, 19, 28, 42, 42]);
    }

    #[test]
    fn goodputs_at_150_mbps() {
        let Goodputs { udp, tcp, hack } = dot11n(&at(150.0), &Assumptions::default());
        close(udp, 135.4, 0.06);
        close(tcp, 124.3, 0.06);
        close(hack, 133.2, 0.06);
    }

    #[test]
    fn hack_gains_18_to_20_percent_at_600_mbps() {
        let base = Assumptions::default();
        close(gain(600.0, &base), 18.5, 0.1);
        let timestamps = Assumptions { timestamps: true, ..base };
        close(gain(600.0, &timestamps), 18.8, 0.1);
        let spaced = Assumptions { start_spacing: Duration::from_micros(2), ..timestamps };
        close(gain(600.0, &spaced), 20.1, 0.1);
    }

    #[test]
    fn below_100_mbps_it_gains_8_percent_for_ampdus_end_after_4_ms() {
        let base = Assumptions::default();
        close(slow_gain(&base), 7.5, 0.05);
        close(slow_gain(&Assumptions { timestamps: true, ..base }), 7.9, 0.1);
        close(slow_gain(&Assumptions { max_duration: None, ..base }), 4.1, 0.05);
    }
}
