//! How many frames there were, by rate and by failure.

use std::collections::BTreeMap;
use std::fmt;

use super::FrameRecord;

/// Counts over all recordings.
#[derive(Default)]
pub struct Summary {
    recordings: u64,
    air_s: f64,
    /// Counts by MCS (none is non-HT), rate in kbit/s, and width.
    rates: BTreeMap<(Option<u8>, u64, u32), Counts>,
    failures: BTreeMap<&'static str, u64>,
}

/// Frames of one kind.
#[derive(Default)]
struct Counts {
    frames: u64,
    good: u64,
    mpdus: u64,
    good_mpdus: u64,
}

impl Summary {
    /// Counts a frame.
    pub fn add(&mut self, record: &FrameRecord) {
        match (record.failure, record.rate_mbps) {
            (Some(failure), _) => *self.failures.entry(failure).or_default() += 1,
            (None, Some(mbps)) => {
                let kind = (
                    record.mcs,
                    (mbps * 1e3).round() as u64,
                    record.width_mhz.unwrap_or(record.bandwidth_mhz),
                );
                let counts = self.rates.entry(kind).or_default();
                counts.frames += 1;
                counts.good += u64::from(record.fcs_ok);
                if let Some(aggregate) = &record.aggregate {
                    counts.mpdus += aggregate.mpdus.len() as u64;
                    counts.good_mpdus += aggregate.good() as u64;
                }
            }
            (None, None) => {}
        }
    }

    /// Counts a recording that was read to its end.
    pub fn add_recording(&mut self, air_s: f64) {
        self.recordings += 1;
        self.air_s += air_s;
    }

    /// Seconds of air so far.
    pub fn air_s(&self) -> f64 {
        self.air_s
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (frames, good) = self
            .rates
            .values()
            .fold((0, 0), |(frames, good), counts| (frames + counts.frames, good + counts.good));
        let s = if self.recordings == 1 { "" } else { "s" };
        writeln!(
            f,
            "{} recording{s}, {:.6} s of air: {frames} frames decoded, {good} with a right FCS",
            self.recordings, self.air_s
        )?;
        for ((mcs, kbps, mhz), counts) in &self.rates {
            let Counts { frames, good, mpdus, good_mpdus } = counts;
            let mbps = *kbps as f64 / 1e3;
            write!(f, "{mbps:>8} Mbit/s at {mhz:>2} MHz {frames:>8} frames {good:>8} good")?;
            if let Some(mcs) = mcs {
                write!(f, ", MCS {mcs}")?;
            }
            if *mpdus > 0 {
                write!(f, ", {mpdus} MPDUs, {good_mpdus} good")?;
            }
            writeln!(f)?;
        }
        for (failure, count) in &self.failures {
            writeln!(f, "{count:>10} not decoded: {failure}")?;
        }
        Ok(())
    }
}
