//! What `ackride netns` says at the end.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;
use sim::scenario::Scenario;

use super::associations::PathChange;
use super::lateness;
use super::traffic::FlowSummary;
use crate::simulate::Hack;

/// The object that `--json` prints.
#[derive(Serialize)]
pub struct Report {
    /// Of all flows together that are not too small to tell.
    pub goodput_mbps: f64,
    /// Of the built-in TCP in the place of the kernel's, where that was asked for.
    pub built_in_mbps: Option<f64>,
    pub flows: Vec<FlowSummary>,
    /// What became of TCP ACKs, if a node has HACK.
    pub hack: Option<Hack>,
    /// What became of the paths of clients of several APs.
    pub paths: Vec<PathChange>,
    pub lateness: lateness::Summary,
    /// Whether the network ran with real-time priority.
    pub realtime: bool,
    pub programs: Vec<Ended>,
    pub scenario: Scenario,
}

/// How a program ended.
#[derive(Serialize)]
pub struct Ended {
    pub host: String,
    /// Its exit code; null if a signal ended it.
    pub exit_code: Option<i32>,
    /// It would have gone on.
    pub ended_by_us: bool,
}

impl Ended {
    pub fn has_failed(&self) -> bool {
        !self.ended_by_us && self.exit_code != Some(0)
    }
}

impl Report {
    pub fn print(&self, json: bool) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(self)?)?;
            return Ok(());
        }
        writeln!(out)?;
        for Ended { host, exit_code, .. } in self.programs.iter().filter(|ended| ended.has_failed())
        {
            match exit_code {
                Some(code) => writeln!(out, "{host}: its program failed with exit code {code}")?,
                None => writeln!(out, "{host}: its program was ended by a signal")?,
            }
        }
        for PathChange { time_s, host, ap, change, took_us, trouble, .. } in &self.paths {
            write!(out, "{time_s:8.3} s  {host} by {ap}: {change}, MPTCP told in {took_us:.0} us")?;
            match trouble {
                Some(trouble) => writeln!(out, "; {trouble}")?,
                None => writeln!(out)?,
            }
        }
        for flow in self.flows.iter().filter(|flow| flow.is_bulk()) {
            let FlowSummary { from, to, bytes, seconds, goodput_mbps, .. } = flow;
            write!(
                out,
                "{from} to {to}: {bytes} bytes in {seconds:.3} s, {goodput_mbps:.2} Mbit/s"
            )?;
            match flow.built_in_mbps {
                Some(built_in_mbps) => writeln!(out, "; built-in TCP {built_in_mbps:.2}")?,
                None => writeln!(out)?,
            }
        }
        writeln!(out, "goodput   {:.2} Mbit/s", self.goodput_mbps)?;
        if let Some(built_in_mbps) = self.built_in_mbps {
            let compared = self.flows.iter().filter(|flow| flow.built_in_mbps.is_some());
            let kernels: f64 = compared.map(|flow| flow.goodput_mbps).sum();
            let more = 100.0 * (kernels / built_in_mbps - 1.0);
            writeln!(out, "built-in  {built_in_mbps:.2} Mbit/s; the kernel's TCP {more:+.1} %")?;
        }
        if let Some(hack) = &self.hack {
            hack.print(&mut out)?;
        }
        let lateness::Summary { events, late_fraction, p50_us, p99_us, max_us } = self.lateness;
        writeln!(
            out,
            "lateness  {events} events: p50 {p50_us:.0} us, p99 {p99_us:.0} us, max {max_us:.0} us; {:.3} % later than 1 ms",
            100.0 * late_fraction
        )?;
        let priority = if self.realtime { "real-time" } else { "ordinary; real-time was refused" };
        writeln!(out, "priority  {priority}")?;
        Ok(())
    }
}
