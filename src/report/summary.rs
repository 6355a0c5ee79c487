//! How many frames there were, by rate and by failure.

use std::collections::BTreeMap;
use std::fmt;

use phy80211::OfdmRate;

use super::FrameRecord;

/// Counts over all recordings.
#[derive(Default)]
pub struct Summary {
    recordings: u64,
    air_s: f64,
    /// Frames and those with a right FCS, by rate (of which 10 and 5 MHz have their own).
    rates: BTreeMap<(OfdmRate, u32), (u64, u64)>,
    failures: BTreeMap<&'static str, u64>,
}

impl Summary {
    /// Counts a frame.
    pub fn add(&mut self, record: &FrameRecord) {
        match (record.failure, record.rate) {
            (Some(failure), _) => *self.failures.entry(failure).or_default() += 1,
            (None, Some(rate)) => {
                let (frames, good) = self.rates.entry((rate, record.bandwidth_mhz)).or_default();
                *frames += 1;
                *good += u64::from(record.fcs_ok);
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
        let (frames, good) =
            self.rates.values().fold((0, 0), |(f, g), (frames, right)| (f + frames, g + right));
        let s = if self.recordings == 1 { "" } else { "s" };
        writeln!(
            f,
            "{} recording{s}, {:.6} s of air: {frames} frames decoded, {good} with a right FCS",
            self.recordings, self.air_s
        )?;
        for ((rate, mhz), (frames, good)) in &self.rates {
            let spacing = phy80211::ChannelSpacing::from_mhz(*mhz).unwrap_or_default();
            writeln!(
                f,
                "{:>8} Mbit/s at {mhz:>2} MHz {frames:>8} frames {good:>8} good",
                rate.mbps(spacing)
            )?;
        }
        for (failure, count) in &self.failures {
            writeln!(f, "{count:>10} not decoded: {failure}")?;
        }
        Ok(())
    }
}
