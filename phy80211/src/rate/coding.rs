//! What a symbol carries: constellation, code rate and guard interval.

/// Constellation of the data subcarriers (17.3.5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modulation {
    /// One bit a subcarrier.
    Bpsk,
    /// Two bits a subcarrier.
    Qpsk,
    /// Four bits a subcarrier.
    Qam16,
    /// Six bits a subcarrier.
    Qam64,
}

impl Modulation {
    /// N_BPSC: coded bits in one subcarrier of one symbol.
    pub const fn n_bpsc(self) -> usize {
        match self {
            Self::Bpsk => 1,
            Self::Qpsk => 2,
            Self::Qam16 => 4,
            Self::Qam64 => 6,
        }
    }
}

/// Rate of the punctured convolutional code (17.3.5.6, 19.3.11.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeRate {
    /// R = 1/2, the mother code.
    Half,
    /// R = 2/3.
    TwoThirds,
    /// R = 3/4.
    ThreeQuarters,
    /// R = 5/6, in HT alone.
    FiveSixths,
}

impl CodeRate {
    /// All rates, the strongest first.
    pub const ALL: [Self; 4] = [Self::Half, Self::TwoThirds, Self::ThreeQuarters, Self::FiveSixths];

    /// Data bits and the coded bits that carry them: `(3, 4)` for R = 3/4.
    pub const fn ratio(self) -> (usize, usize) {
        match self {
            Self::Half => (1, 2),
            Self::TwoThirds => (2, 3),
            Self::ThreeQuarters => (3, 4),
            Self::FiveSixths => (5, 6),
        }
    }
}

/// The guard interval of HT data symbols (GI_TYPE of Table 19-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GuardInterval {
    /// A quarter of the useful part: 800 ns at 20 and 40 MHz.
    #[default]
    Long,
    /// An eighth: 400 ns.
    Short,
}

impl GuardInterval {
    /// T_SYM or T_SYMS in samples of a 20 MHz channel.
    pub const fn symbol_samples(self) -> usize {
        match self {
            Self::Long => 80,
            Self::Short => 72,
        }
    }
}
