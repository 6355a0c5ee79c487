//! The eight non-HT rates: modulation, code rate and the RATE field (Table 17-4, Table 17-6).

use super::{CodeRate, Modulation};
use crate::Bandwidth;

/// A non-HT OFDM rate, named by what it carries in a 20 MHz channel.
///
/// At 10 and 5 MHz bandwidth the same modulation and coding run at half and a quarter
/// of the clock: see [`OfdmRate::mbps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OfdmRate {
    /// BPSK, R = 1/2.
    Mbps6,
    /// BPSK, R = 3/4.
    Mbps9,
    /// QPSK, R = 1/2.
    Mbps12,
    /// QPSK, R = 3/4.
    Mbps18,
    /// 16-QAM, R = 1/2.
    Mbps24,
    /// 16-QAM, R = 3/4.
    Mbps36,
    /// 64-QAM, R = 2/3.
    Mbps48,
    /// 64-QAM, R = 3/4.
    Mbps54,
}

impl OfdmRate {
    /// All rates, slowest first.
    pub const ALL: [Self; 8] = [
        Self::Mbps6,
        Self::Mbps9,
        Self::Mbps12,
        Self::Mbps18,
        Self::Mbps24,
        Self::Mbps36,
        Self::Mbps48,
        Self::Mbps54,
    ];

    /// Modulation, code rate and RATE bits: one row of Table 17-4 and Table 17-6.
    const fn row(self) -> (Modulation, CodeRate, u8) {
        use CodeRate::{Half, ThreeQuarters, TwoThirds};
        use Modulation::{Bpsk, Qam16, Qam64, Qpsk};
        match self {
            Self::Mbps6 => (Bpsk, Half, 0b1101),
            Self::Mbps9 => (Bpsk, ThreeQuarters, 0b1111),
            Self::Mbps12 => (Qpsk, Half, 0b0101),
            Self::Mbps18 => (Qpsk, ThreeQuarters, 0b0111),
            Self::Mbps24 => (Qam16, Half, 0b1001),
            Self::Mbps36 => (Qam16, ThreeQuarters, 0b1011),
            Self::Mbps48 => (Qam64, TwoThirds, 0b0001),
            Self::Mbps54 => (Qam64, ThreeQuarters, 0b0011),
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

    /// R1-R4 of the SIGNAL field, R1 (sent first) as the highest of four bits (Table 17-6).
    pub const fn rate_bits(self) -> u8 {
        self.row().2
    }

    /// The rate that R1-R4 name; `None` for the eight reserved values.
    pub fn from_rate_bits(bits: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|rate| rate.rate_bits() == bits)
    }

    /// N_BPSC: coded bits in one subcarrier.
    pub const fn n_bpsc(self) -> usize {
        self.modulation().n_bpsc()
    }

    /// N_CBPS: coded bits in one symbol.
    pub const fn n_cbps(self) -> usize {
        48 * self.n_bpsc()
    }

    /// N_DBPS: data bits in one symbol.
    pub const fn n_dbps(self) -> usize {
        let (data, coded) = self.code_rate().ratio();
        self.n_cbps() * data / coded
    }

    /// Data rate in Mbit/s at the given bandwidth (Table 17-4).
    pub fn mbps(self, bandwidth: Bandwidth) -> f64 {
        self.n_dbps() as f64 * 1e3 / bandwidth.symbol_ns() as f64
    }

    /// The rate that carries `mbps` at the given bandwidth.
    pub fn from_mbps(mbps: f64, bandwidth: Bandwidth) -> Option<Self> {
        Self::ALL.into_iter().find(|rate| (rate.mbps(bandwidth) - mbps).abs() < 1e-6)
    }

    /// N_SYM: symbols of the DATA field for a PSDU of `psdu_len` bytes (Equation 17-11):
    /// 16 SERVICE bits, the PSDU, 6 tail bits, padded to whole symbols.
    pub const fn n_sym(self, psdu_len: usize) -> usize {
        super::n_sym(psdu_len, self.n_dbps())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_table_17_4_holds() {
        let n_dbps = [24, 36, 48, 72, 96, 144, 192, 216];
        let mbps = [6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 48.0, 54.0];
        for ((rate, bits), mbps) in OfdmRate::ALL.into_iter().zip(n_dbps).zip(mbps) {
            assert_eq!(rate.n_dbps(), bits);
            assert_eq!(rate.mbps(Bandwidth::Mhz20), mbps);
            assert_eq!(rate.mbps(Bandwidth::Mhz10), mbps / 2.0);
            assert_eq!(rate.mbps(Bandwidth::Mhz5), mbps / 4.0);
            assert_eq!(OfdmRate::from_mbps(mbps / 4.0, Bandwidth::Mhz5), Some(rate));
        }
    }

    #[test]
    fn rate_bits_name_eight_rates_and_leave_eight_reserved() {
        let known = (0..16).filter_map(OfdmRate::from_rate_bits).count();
        assert_eq!(known, 8);
        for rate in OfdmRate::ALL {
            assert_eq!(OfdmRate::from_rate_bits(rate.rate_bits()), Some(rate));
        }
    }
}
