//! Where in a channel a PPDU's subcarriers go (CH_OFFSET of Table 19-1, 19.3.7).

use std::fmt;

use num_complex::Complex32;

use crate::{Bandwidth, HtRate, HtWidth, Rate};

/// The part of a channel that a PPDU takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Placement {
    /// All of it: an HT PPDU as wide as the channel, or a non-HT PPDU that is sent in both
    /// halves of 40 MHz at once (NON_HT_DUP_OFDM).
    #[default]
    Whole,
    /// The lower 20 MHz of 40 (CH_OFF_20L).
    Lower,
    /// The upper 20 MHz of 40 (CH_OFF_20U).
    Upper,
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole => "the whole",
            Self::Lower => "the lower half",
            Self::Upper => "the upper half",
        })
    }
}

/// A copy of the subcarriers: by how many they are shifted, and their common phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Copy20 {
    pub(super) shift: i32,
    pub(super) phase: Complex32,
}

/// One or two copies of a 20 MHz symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Copies {
    first: Copy20,
    second: Option<Copy20>,
}

impl Copies {
    pub(super) fn iter(self) -> impl Iterator<Item = Copy20> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    pub(super) fn count(self) -> usize {
        1 + usize::from(self.second.is_some())
    }
}

/// Subcarriers that lie where their number says.
pub(super) fn whole() -> Copies {
    Copies { first: Copy20 { shift: 0, phase: Complex32::ONE }, second: None }
}

impl Placement {
    /// Whether a PPDU of that rate can be there in a channel of that bandwidth.
    pub(super) fn suits(self, rate: Rate, bandwidth: Bandwidth) -> bool {
        let wide = bandwidth == Bandwidth::Mhz40;
        match rate {
            Rate::Ht(HtRate { width: HtWidth::Mhz40, .. }) => wide && self == Self::Whole,
            Rate::Ht(HtRate { width: HtWidth::Mhz20, .. }) => wide != (self == Self::Whole),
            Rate::NonHt(_) => wide || self == Self::Whole,
        }
    }

    /// The copies of a 20 MHz symbol that are sent. The upper of two is turned by a quarter
    /// (Equation 19-16), which keeps the peaks of the two apart.
    pub(super) fn halves(self, bandwidth: Bandwidth) -> Copies {
        if bandwidth != Bandwidth::Mhz40 {
            return whole();
        }
        let lower = Copy20 { shift: -32, phase: Complex32::ONE };
        let upper = Copy20 { shift: 32, phase: Complex32::ONE };
        let turned = Copy20 { phase: Complex32::I, ..upper };
        match self {
            Self::Whole => Copies { first: lower, second: Some(turned) },
            Self::Lower => Copies { first: lower, second: None },
            Self::Upper => Copies { first: upper, second: None },
        }
    }
}
