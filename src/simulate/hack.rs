//! What became of TCP ACKs, as commands tell it. docs/sim.md documents the names.

use std::io::{self, Write};

use hack::Stats;
use serde::Serialize;

/// Counts, and what follows from them.
#[derive(Serialize)]
pub struct Hack {
    #[serde(flatten)]
    stats: Stats,
    bytes_per_ack: Option<f64>,
    fit_aifs_fraction: Option<f64>,
}

impl From<Stats> for Hack {
    fn from(stats: Stats) -> Self {
        let (bytes_per_ack, fit_aifs_fraction) = (stats.bytes_per_ack(), stats.fit_aifs_fraction());
        Self { stats, bytes_per_ack, fit_aifs_fraction }
    }
}

impl Hack {
    /// None if nobody has HACK.
    pub fn of_all(stats: impl Iterator<Item = Stats>) -> Option<Self> {
        stats.reduce(|a, b| a.plus(&b)).map(Self::from)
    }

    /// For people.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let Stats { rides, confirmed, drained, native, gaps, safety_drains, .. } = self.stats;
        let all = (confirmed + drained + native).max(1) as f64;
        let percent = |count: u64| 100.0 * count as f64 / all;
        writeln!(
            out,
            "TCP ACKs           {:.2} % rode, {:.2} % drained, {:.2} % native",
            percent(confirmed),
            percent(drained),
            percent(native)
        )?;
        writeln!(
            out,
            "rides              {rides}, {:.2} bytes an ACK, {:.2} % within AIFS, {gaps} gaps, \
             {safety_drains} safety drains",
            self.bytes_per_ack.unwrap_or_default(),
            100.0 * self.fit_aifs_fraction.unwrap_or(1.0)
        )
    }
}
