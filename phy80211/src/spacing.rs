//! The three clocks of the OFDM PHY (17.1, Table 17-5): full, half and quarter.

/// Channel spacing, which sets the sample clock; everything else scales with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ChannelSpacing {
    /// 20 MHz: 20 Msample/s, symbols of 4 us.
    #[default]
    Mhz20,
    /// 10 MHz, half-clocked: 10 Msample/s, symbols of 8 us.
    Mhz10,
    /// 5 MHz, quarter-clocked: 5 Msample/s, symbols of 16 us.
    Mhz5,
}

impl ChannelSpacing {
    /// The three spacings, widest first.
    pub const ALL: [Self; 3] = [Self::Mhz20, Self::Mhz10, Self::Mhz5];

    /// Channel spacing in MHz.
    pub const fn mhz(self) -> u32 {
        match self {
            Self::Mhz20 => 20,
            Self::Mhz10 => 10,
            Self::Mhz5 => 5,
        }
    }

    /// The spacing of that many MHz.
    pub fn from_mhz(mhz: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|spacing| spacing.mhz() == mhz)
    }

    /// Samples per second of the baseband that the PHY works on: one per hertz of spacing.
    pub const fn sample_rate_hz(self) -> f64 {
        self.mhz() as f64 * 1e6
    }

    /// T_SYM in nanoseconds.
    pub const fn symbol_ns(self) -> u64 {
        80_000 / self.mhz() as u64
    }
}
