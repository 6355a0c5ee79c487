//! HT rates of one spatial stream: MCS 0 to 7 at both widths and guard intervals (19.5).

use std::fmt;

use super::{CodeRate, GuardInterval, Modulation};
use crate::Bandwidth;

/// Modulation and coding scheme of one spatial stream, with equal modulation and BCC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mcs(u8);

impl Mcs {
    /// MCS 0 to 7.
    pub const ALL: [Self; 8] =
        [Self(0), Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7)];

    /// The scheme of that index; `None` above 7, where there is more than one stream.
    pub const fn new(index: u8) -> Option<Self> {
        if index < 8 { Some(Self(index)) } else { None }
    }

    /// MCS index, 0 to 7.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// One row of Table 19-27.
    const fn row(self) -> (Modulation, CodeRate) {
        use CodeRate::{FiveSixths, Half, ThreeQuarters, TwoThirds};
        use Modulation::{Bpsk, Qam16, Qam64, Qpsk};
        match self.0 {
            0 => (Bpsk, Half),
            1 => (Qpsk, Half),
            2 => (Qpsk, ThreeQuarters),
            3 => (Qam16, Half),
            4 => (Qam16, ThreeQuarters),
            5 => (Qam64, TwoThirds),
            6 => (Qam64, ThreeQuarters),
            _ => (Qam64, FiveSixths),
        }
    }

    /// Constellation of the data subcarriers.
    pub const fn modulation(self) -> Modulation {
        self.row().0
    }

    /// Rate of the convolutional code.
    pub const fn code_rate(self) -> CodeRate {
        self.row().1
    }
}

impl fmt::Display for Mcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MCS {}", self.0)
    }
}

/// Width of an HT transmission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum HtWidth {
    /// HT_CBW20: 52 data subcarriers.
    #[default]
    Mhz20,
    /// HT_CBW40: 108 data subcarriers.
    Mhz40,
}

/// An HT rate: everything that sets how many bits a symbol carries and how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HtRate {
    /// MCS 0 to 7.
    pub mcs: Mcs,
    /// CH_BANDWIDTH.
    pub width: HtWidth,
    /// GI_TYPE.
    pub gi: GuardInterval,
}

impl HtRate {
    /// N_SD: data subcarriers.
    pub const fn n_sd(self) -> usize {
        match self.width {
            HtWidth::Mhz20 => 52,
            HtWidth::Mhz40 => 108,
        }
    }

    /// N_CBPS: coded bits in one symbol.
    pub const fn n_cbps(self) -> usize {
        self.n_sd() * self.mcs.modulation().n_bpsc()
    }

    /// N_DBPS: data bits in one symbol.
    pub const fn n_dbps(self) -> usize {
        let (data, coded) = self.mcs.code_rate().ratio();
        self.n_cbps() * data / coded
    }

    /// Data rate in Mbit/s in a channel of that bandwidth: as in Tables 19-27 and 19-31 at 20
    /// and 40 MHz, and scaled with the clock below.
    pub fn mbps(self, bandwidth: Bandwidth) -> f64 {
        let samples = self.gi.symbol_samples() as f64;
        self.n_dbps() as f64 * 1e3 / (bandwidth.symbol_ns() as f64 * samples / 80.0)
    }

    /// N_SYM: symbols of the DATA field for a PSDU of `psdu_len` bytes (19.3.11.3), one encoder.
    pub const fn n_sym(self, psdu_len: usize) -> usize {
        super::n_sym(psdu_len, self.n_dbps())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_of_tables_19_27_and_19_31_holds() {
        let long20 = [6.5, 13.0, 19.5, 26.0, 39.0, 52.0, 58.5, 65.0];
        let long40 = [13.5, 27.0, 40.5, 54.0, 81.0, 108.0, 121.5, 135.0];
        for mcs in Mcs::ALL {
            for (width, long) in [(HtWidth::Mhz20, long20), (HtWidth::Mhz40, long40)] {
                let mbps = |gi| HtRate { mcs, width, gi }.mbps(Bandwidth::Mhz40);
                let long = long[usize::from(mcs.index())];
                assert!((mbps(GuardInterval::Long) - long).abs() < 1e-9);
                assert!((mbps(GuardInterval::Short) - long * 10.0 / 9.0).abs() < 1e-9);
            }
        }
    }
}
