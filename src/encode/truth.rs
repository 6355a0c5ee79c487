//! The list of what is in a recording: OUT.frames.jsonl, which `replay` compares with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mac::fcs;
use phy80211::{Bandwidth, GuardInterval, Placement, Rate};
use serde::{Deserialize, Serialize};

use super::Planned;
use crate::report::Aggregate;
use crate::whole_file;

/// One frame of a recording, in the words of `decode --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// First sample of the preamble.
    pub start_sample: u64,
    /// Data rate.
    pub rate_mbps: f64,
    /// Bandwidth of the channel.
    pub bandwidth_mhz: u32,
    /// MCS of an HT frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcs: Option<u8>,
    /// Short guard interval.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub short_gi: bool,
    /// "lower" or "upper" half of a 40 MHz channel; "whole" of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// The PSDU is an A-MPDU.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aggregation: bool,
    /// Bytes of the PSDU.
    pub psdu_len: usize,
    /// Whether the PSDU ends with its right FCS, or all its MPDUs do.
    pub fcs_ok: bool,
    /// What a receiver makes of it: `null` for the PSDU, a failure's code, or "lost" where it
    /// may report anything but the PSDU.
    pub failure: Option<String>,
    /// The PSDU that was sent.
    pub psdu_hex: String,
}

impl Truth {
    pub(super) fn of(frame: &Planned, bandwidth: Bandwidth, start_sample: u64) -> Self {
        let ht = match frame.tx.rate {
            Rate::NonHt(_) => None,
            Rate::Ht(rate) => Some(rate),
        };
        let placement = match frame.tx.placement {
            Placement::Whole => "whole",
            Placement::Lower => "lower",
            Placement::Upper => "upper",
        };
        let aggregation = frame.tx.aggregation;
        Self {
            start_sample,
            rate_mbps: frame.tx.rate.mbps(bandwidth),
            bandwidth_mhz: bandwidth.mhz(),
            mcs: ht.map(|rate| rate.mcs.index()),
            short_gi: ht.is_some_and(|rate| rate.gi == GuardInterval::Short),
            placement: (bandwidth == Bandwidth::Mhz40).then(|| placement.to_owned()),
            aggregation,
            psdu_len: frame.psdu.len(),
            fcs_ok: match aggregation {
                true => Aggregate::of(&frame.psdu).is_whole(),
                false => fcs::is_right(&frame.psdu),
            },
            failure: frame.failure.clone(),
            psdu_hex: const_hex::encode(&frame.psdu),
        }
    }

    /// Reads a list.
    pub fn read(path: &Path) -> Result<Vec<Self>> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        lines
            .map(|(line, number)| {
                serde_json::from_str(line)
                    .with_context(|| format!("{}, line {number}", path.display()))
            })
            .collect()
    }
}

/// Where the list of a recording is, whichever of its files is named.
pub fn truth_path(recording: &Path) -> PathBuf {
    let (meta, _) = radios::sigmf::pair(recording);
    meta.with_extension("frames.jsonl")
}

/// Writes a list, whole or not at all.
pub(super) fn write(path: &Path, truths: &[Truth]) -> Result<()> {
    let mut lines = vec![];
    for truth in truths {
        serde_json::to_writer(&mut lines, truth)?;
        lines.push(b'\n');
    }
    whole_file::write(path, &lines)
}
