use std::time::Duration;

use phy80211::{Bandwidth, OfdmRate, txtime};

/// The interframe spaces and what they are made of, from the PHY's characteristics (10.3.2.3,
/// Table 17-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotTiming {
    /// aSlotTime.
    pub slot: Duration,
    /// aSIFSTime.
    pub sifs: Duration,
    /// aRxPHYStartDelay: from the start of a PPDU to PHY-RXSTART.indication.
    pub rx_phy_start_delay: Duration,
    /// How long after a PPDU that could not be read the medium is still taken to be busy, so that
    /// an acknowledgement we know nothing of is not disturbed: EIFS less DIFS (10.3.2.3.7).
    pub eifs_less_difs: Duration,
}

/// Bytes of an Ack frame, FCS included.
const ACK_LEN: usize = 14;

impl SlotTiming {
    /// Those of clause 17 and 19 in the 5 GHz band.
    pub fn of(bandwidth: Bandwidth) -> Self {
        let [slot, sifs] = match bandwidth {
            Bandwidth::Mhz40 | Bandwidth::Mhz20 => [9, 16],
            Bandwidth::Mhz10 => [13, 32],
            Bandwidth::Mhz5 => [21, 64],
        }
        .map(Duration::from_micros);
        let slowest_ack = txtime(OfdmRate::Mbps6.into(), bandwidth, ACK_LEN);
        Self {
            slot,
            sifs,
            // The preamble of 16 us and SIGNAL.
            rx_phy_start_delay: 5 * Duration::from_nanos(bandwidth.symbol_ns()),
            eifs_less_difs: sifs + slowest_ack,
        }
    }

    /// AIFS of so many slots (10.23.2.4). With two it is DIFS, with one PIFS.
    pub fn aifs(&self, aifsn: u32) -> Duration {
        self.sifs + aifsn * self.slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interframe_spaces_are_those_of_the_5_ghz_band() {
        let timing = SlotTiming::of(Bandwidth::Mhz20);
        assert_eq!(timing.aifs(1).as_micros(), 25); // PIFS
        assert_eq!(timing.aifs(2).as_micros(), 34); // DIFS
        assert_eq!(timing.aifs(3).as_micros(), 43); // AIFS[AC_BE]
        assert_eq!((timing.eifs_less_difs + timing.aifs(2)).as_micros(), 94); // EIFS
        assert_eq!(timing.rx_phy_start_delay.as_micros(), 20);
        assert_eq!(SlotTiming::of(Bandwidth::Mhz10).aifs(2).as_micros(), 58);
        assert_eq!(SlotTiming::of(Bandwidth::Mhz40), timing);
    }
}
