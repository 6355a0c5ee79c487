//! HT-mixed PPDUs of up to four streams, of which `phy80211` sends one.

use std::time::Duration;

use mac::response_rate;
use phy80211::{GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

use super::BASIC_RATES;

/// Equal modulation on one to four streams with BCC: MCS 0 to 31 (Tables 19-27 to 19-34).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HtPhy {
    /// N_SS, 1 to 4.
    pub streams: u8,
    /// What each stream carries.
    pub stream: HtRate,
}

impl HtPhy {
    /// All MCSs of that width and guard interval, the slow ones first; of those that are equally
    /// fast only the one with the fewest streams, whose preamble is the shortest.
    pub fn all(width: HtWidth, gi: GuardInterval) -> Vec<Self> {
        let mut all: Vec<Self> = (1..=4)
            .flat_map(|streams| {
                Mcs::ALL.map(|mcs| Self { streams, stream: HtRate { mcs, width, gi } })
            })
            .collect();
        all.sort_by_key(|phy| (phy.n_dbps(), phy.streams));
        all.dedup_by_key(|phy| phy.n_dbps());
        all
    }

    /// Index of the MCS, 0 to 31.
    pub fn mcs_index(&self) -> u8 {
        8 * (self.streams - 1) + self.stream.mcs.index()
    }

    /// Data rate.
    pub fn mbps(&self) -> f64 {
        self.n_dbps() as f64 * 1e3 / self.symbol().as_nanos() as f64
    }

    /// TXTIME in the 5 GHz band (19.4.3). With the short guard interval it is when the signal
    /// ends, as in [`phy80211::txtime`].
    pub fn txtime(&self, psdu_len: usize) -> Duration {
        // L-STF, L-LTF, L-SIG and HT-SIG, HT-STF.
        let before_ltfs = Duration::from_micros(20 + 8 + 4);
        // Three streams need four training symbols, as four do (Table 19-13).
        let ltfs = self.streams.next_power_of_two();
        let n_sym = (16 + 8 * psdu_len + 6 * self.n_es()).div_ceil(self.n_dbps());
        before_ltfs + Duration::from_micros(4) * u32::from(ltfs) + self.symbol() * n_sym as u32
    }

    /// The rate at which others respond.
    pub fn response_rate(&self) -> OfdmRate {
        response_rate(Rate::Ht(self.stream), &BASIC_RATES)
    }

    fn n_dbps(&self) -> usize {
        usize::from(self.streams) * self.stream.n_dbps()
    }

    /// N_ES: encoders. One does 300 Mbit/s (Tables 19-27 to 19-34).
    fn n_es(&self) -> usize {
        let long = HtRate { gi: GuardInterval::Long, ..self.stream };
        let mbps_of_long_gi = Self { stream: long, ..*self }.mbps();
        if mbps_of_long_gi > 300.0 { 2 } else { 1 }
    }

    fn symbol(&self) -> Duration {
        Duration::from_nanos(50) * self.stream.gi.symbol_samples() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::{Bandwidth, txtime};

    #[test]
    fn one_stream_lasts_as_long_as_what_we_send() {
        for width in [HtWidth::Mhz20, HtWidth::Mhz40] {
            for gi in [GuardInterval::Long, GuardInterval::Short] {
                for mcs in Mcs::ALL {
                    let stream = HtRate { mcs, width, gi };
                    let phy = HtPhy { streams: 1, stream };
                    assert_eq!(phy.mbps(), stream.mbps(Bandwidth::Mhz40));
                    for len in [1, 82, 1538, 64_846] {
                        let sent = txtime(stream.into(), Bandwidth::Mhz40, len);
                        assert_eq!(phy.txtime(len), sent, "{stream:?}, {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn mcs_31_carries_600_mbps_after_a_preamble_of_48_us() {
        let fastest = HtPhy::all(HtWidth::Mhz40, GuardInterval::Short).pop().unwrap();
        assert_eq!((fastest.mcs_index(), fastest.mbps()), (31, 600.0));
        // Nothing but the preamble, and one symbol for SERVICE and tail.
        assert_eq!(fastest.txtime(1), Duration::from_nanos(48_000 + 3600));
    }

    #[test]
    fn rates_go_from_15_to_600_mbps_each_once() {
        let rates: Vec<f64> =
            HtPhy::all(HtWidth::Mhz40, GuardInterval::Short).iter().map(HtPhy::mbps).collect();
        assert_eq!((rates[0], *rates.last().unwrap()), (15.0, 600.0));
        assert!(rates.is_sorted_by(|a, b| a < b), "{rates:?}");
        assert_eq!(rates.len(), 18);
    }
}
