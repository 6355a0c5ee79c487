//! Rates: what the DATA field's symbols carry.

mod coding;
mod ht;
mod ofdm;

pub use coding::{CodeRate, GuardInterval, Modulation};
pub use ht::{HtRate, HtWidth, Mcs};
pub use ofdm::OfdmRate;

use std::fmt;

use crate::Bandwidth;
use crate::subcarriers::{HT20, HT40, NON_HT, Tones};

/// A rate of either PHY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// Clause 17.
    NonHt(OfdmRate),
    /// Clause 19.
    Ht(HtRate),
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonHt(rate) => write!(f, "{} Mbit/s", rate.mbps(Bandwidth::Mhz20)),
            Self::Ht(HtRate { mcs, width, gi }) => {
                let mhz = if *width == HtWidth::Mhz40 { 40 } else { 20 };
                let gi = if *gi == GuardInterval::Short { "short" } else { "long" };
                write!(f, "{mcs} ({mhz} MHz wide, {gi} GI)")
            }
        }
    }
}

impl From<OfdmRate> for Rate {
    fn from(rate: OfdmRate) -> Self {
        Self::NonHt(rate)
    }
}

impl From<HtRate> for Rate {
    fn from(rate: HtRate) -> Self {
        Self::Ht(rate)
    }
}

impl Rate {
    /// Constellation of the data subcarriers.
    pub const fn modulation(self) -> Modulation {
        match self {
            Self::NonHt(rate) => rate.modulation(),
            Self::Ht(rate) => rate.mcs.modulation(),
        }
    }

    /// Rate of the convolutional code.
    pub const fn code_rate(self) -> CodeRate {
        match self {
            Self::NonHt(rate) => rate.code_rate(),
            Self::Ht(rate) => rate.mcs.code_rate(),
        }
    }

    /// Guard interval of the DATA field; always long in non-HT.
    pub const fn guard_interval(self) -> GuardInterval {
        match self {
            Self::NonHt(_) => GuardInterval::Long,
            Self::Ht(rate) => rate.gi,
        }
    }

    /// N_DBPS: data bits in one symbol.
    pub const fn n_dbps(self) -> usize {
        match self {
            Self::NonHt(rate) => rate.n_dbps(),
            Self::Ht(rate) => rate.n_dbps(),
        }
    }

    /// Data rate in Mbit/s in a channel of that bandwidth.
    pub fn mbps(self, bandwidth: Bandwidth) -> f64 {
        match self {
            Self::NonHt(rate) => rate.mbps(bandwidth),
            Self::Ht(rate) => rate.mbps(bandwidth),
        }
    }

    /// N_SYM: symbols of the DATA field for a PSDU of `psdu_len` bytes.
    pub const fn n_sym(self, psdu_len: usize) -> usize {
        n_sym(psdu_len, self.n_dbps())
    }

    /// The same with the long guard interval: all rates whose symbols are coded alike have this in
    /// common.
    pub(crate) const fn coding(self) -> Self {
        match self {
            Self::NonHt(_) => self,
            Self::Ht(rate) => Self::Ht(HtRate { gi: GuardInterval::Long, ..rate }),
        }
    }

    /// The subcarriers of the DATA field.
    pub(crate) const fn tones(self) -> &'static Tones {
        match self {
            Self::NonHt(_) => &NON_HT,
            Self::Ht(HtRate { width: HtWidth::Mhz20, .. }) => &HT20,
            Self::Ht(HtRate { width: HtWidth::Mhz40, .. }) => &HT40,
        }
    }
}

/// Symbols for 16 SERVICE bits, the PSDU and 6 tail bits.
const fn n_sym(psdu_len: usize, n_dbps: usize) -> usize {
    (16 + 8 * psdu_len + 6).div_ceil(n_dbps)
}
