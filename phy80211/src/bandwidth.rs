//! How wide a channel is, and the sample clock that goes with it (17.1, Table 17-5; 19.1).

/// Width of a channel: the channel spacing of clause 17, CH_BANDWIDTH of clause 19.
///
/// 20, 10 and 5 MHz are the same signal at three clocks. 40 MHz is two channels of 20 MHz side
/// by side at the clock of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bandwidth {
    /// 40 MHz: 40 Msample/s, symbols of 4 us.
    Mhz40,
    /// 20 MHz: 20 Msample/s, symbols of 4 us.
    #[default]
    Mhz20,
    /// 10 MHz, half-clocked: 10 Msample/s, symbols of 8 us.
    Mhz10,
    /// 5 MHz, quarter-clocked: 5 Msample/s, symbols of 16 us.
    Mhz5,
}

impl Bandwidth {
    /// All bandwidths, widest first.
    pub const ALL: [Self; 4] = [Self::Mhz40, Self::Mhz20, Self::Mhz10, Self::Mhz5];

    /// Bandwidth in MHz.
    pub const fn mhz(self) -> u32 {
        match self {
            Self::Mhz40 => 40,
            Self::Mhz20 => 20,
            Self::Mhz10 => 10,
            Self::Mhz5 => 5,
        }
    }

    /// The bandwidth of that many MHz.
    pub fn from_mhz(mhz: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|bandwidth| bandwidth.mhz() == mhz)
    }

    /// Samples per second of the baseband that the PHY works on: one per hertz.
    pub const fn sample_rate_hz(self) -> f64 {
        self.mhz() as f64 * 1e6
    }

    /// T_SYM in nanoseconds: a symbol with the long guard interval.
    pub const fn symbol_ns(self) -> u64 {
        match self {
            Self::Mhz40 | Self::Mhz20 => 4_000,
            Self::Mhz10 => 8_000,
            Self::Mhz5 => 16_000,
        }
    }

    /// Samples in the time that one sample takes of a 20 MHz channel at the same clock: 2 at
    /// 40 MHz, else 1.
    pub const fn oversampling(self) -> usize {
        match self {
            Self::Mhz40 => 2,
            Self::Mhz20 | Self::Mhz10 | Self::Mhz5 => 1,
        }
    }
}
