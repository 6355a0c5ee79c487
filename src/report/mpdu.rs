//! The MPDUs of a PSDU, as `decode --json` lists those of an aggregate.

use std::ops::Range;

use mac::{AmpduItem, AmpduSubframes, fcs};
use serde::Serialize;

/// An MPDU of an A-MPDU.
#[derive(Debug, Clone, Serialize)]
pub struct MpduRecord {
    /// Where it begins in the PSDU.
    pub offset: usize,
    /// Bytes, FCS included.
    pub len: usize,
    /// Whether its FCS is right.
    pub fcs_ok: bool,
    /// The MPDU.
    pub hex: String,
}

/// A stretch of an A-MPDU that no right delimiter accounts for.
#[derive(Debug, Clone, Serialize)]
pub struct GapRecord {
    /// Where it begins in the PSDU.
    pub offset: usize,
    /// Bytes.
    pub len: usize,
}

/// What an A-MPDU is made of.
#[derive(Debug, Clone, Serialize, Default)]
pub struct Aggregate {
    /// The MPDUs that were found.
    pub mpdus: Vec<MpduRecord>,
    /// What lies between them.
    pub gaps: Vec<GapRecord>,
}

impl Aggregate {
    /// Takes a PSDU apart.
    pub fn of(psdu: &[u8]) -> Self {
        let mut aggregate = Self::default();
        for item in AmpduSubframes::new(psdu) {
            match item {
                AmpduItem::Mpdu { offset, bytes } => aggregate.mpdus.push(MpduRecord {
                    offset,
                    len: bytes.len(),
                    fcs_ok: fcs::is_right(bytes),
                    hex: const_hex::encode(bytes),
                }),
                AmpduItem::Gap { offset, len } => aggregate.gaps.push(GapRecord { offset, len }),
            }
        }
        aggregate
    }

    /// Whether there are MPDUs, each with a right FCS, and nothing was damaged between them.
    pub fn is_whole(&self) -> bool {
        let right = self.mpdus.iter().all(|mpdu| mpdu.fcs_ok);
        right && !self.mpdus.is_empty() && self.gaps.is_empty()
    }

    /// MPDUs with a right FCS.
    pub fn good(&self) -> usize {
        self.mpdus.iter().filter(|mpdu| mpdu.fcs_ok).count()
    }
}

impl MpduRecord {
    /// Where it lies in the PSDU.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.len
    }
}
