//! What `ackride netns` says at the end.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::bss::Bss;
use super::lateness;
use super::traffic::FlowSummary;

/// Flows of less are not shown as text: they control something.
const SMALL: u64 = 10_000;

/// The object that `--json` prints.
#[derive(Serialize)]
pub struct Report {
    pub network: Bss,
    /// Whether the network ran with real-time priority.
    pub realtime: bool,
    pub lateness: lateness::Summary,
    /// Of all flows together.
    pub goodput_mbps: f64,
    pub flows: Vec<FlowSummary>,
    /// Goodput of downloads by the built-in TCP, if it was asked for.
    pub built_in_mbps: Option<f64>,
    pub programs: Vec<Ended>,
}

/// How a program ended.
#[derive(Serialize)]
pub struct Ended {
    pub host: String,
    /// Its exit code; null if a signal ended it, or we.
    pub exit_code: Option<i32>,
    pub ended_by_us: bool,
}

impl Report {
    pub fn print(&self, json: bool) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(self)?)?;
            return Ok(());
        }
        writeln!(out)?;
        for FlowSummary { from, to, bytes, seconds, goodput_mbps } in &self.flows {
            if *bytes >= SMALL {
                writeln!(
                    out,
                    "{from} to {to}: {bytes} bytes in {seconds:.3} s, {goodput_mbps:.2} Mbit/s"
                )?;
            }
        }
        writeln!(out, "goodput: {:.2} Mbit/s", self.goodput_mbps)?;
        if let Some(built_in_mbps) = self.built_in_mbps {
            let difference = 100.0 * (self.goodput_mbps / built_in_mbps - 1.0);
            writeln!(
                out,
                "built-in TCP: {built_in_mbps:.2} Mbit/s; the kernel's is {difference:+.1} %"
            )?;
        }
        let lateness::Summary { events, late_fraction, p50_us, p99_us, max_us } = self.lateness;
        let priority = if self.realtime { "with" } else { "without" };
        writeln!(
            out,
            "lateness {priority} real-time priority: {events} events, p50 {p50_us:.0} us, p99 {p99_us:.0} us, max {max_us:.0} us; {:.3} % later than 1 ms",
            100.0 * late_fraction
        )?;
        Ok(())
    }
}
