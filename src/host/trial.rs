//! An experiment with the kernel's MPTCP: a scenario at the pace of the clock, a download from one of
//! its machines to another by CUBIC, and what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sim::ErrorTable;
use sim::scenario::Scenario;

use super::CONGESTION_CONTROL;
use super::associations::PathChange;
use super::download::Download;
use super::lab::Lab;
use super::lateness;
use super::machine::Machine;
use super::mptcp::AllowedAlgorithm;

/// How often we look whether the network still runs.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Stations have joined by then.
const JOINED: Duration = Duration::from_secs(2);
/// The one that the papers' testbed had.
const ALGORITHM: &str = "cubic";

/// What is to be measured.
pub struct Trial<'a> {
    pub scenario: &'a Scenario,
    pub table: ErrorTable,
    pub from: &'a str,
    pub to: &'a str,
    /// How long congestion windows and slots have to settle.
    pub settle: Duration,
    pub measure: Duration,
    /// Set when somebody wants it to end.
    pub interrupted: &'a AtomicBool,
}

/// What came of it.
pub struct Measured {
    pub goodput_mbps: f64,
    /// The longest time in which the receiving program got nothing.
    pub longest_gap: Duration,
    /// Goodput in each tenth of a second since the download began.
    pub course_mbps: Vec<f64>,
    pub paths: Vec<PathChange>,
    pub lateness: lateness::Summary,
}

impl Trial<'_> {
    /// Runs it, and tells how much of it is done, of 1.
    pub fn run(self, mut tell: impl FnMut(f64)) -> Result<Measured> {
        let _allowed = AllowedAlgorithm::new(ALGORITHM)?;
        let sysctl = [(CONGESTION_CONTROL.to_owned(), ALGORITHM.to_owned())];
        let lab = Lab::start(self.scenario, self.table.clone(), &sysctl)?;
        let machine = |name: &str| -> Result<Arc<Machine>> {
            let found = lab.machines.iter().find(|machine| machine.name == name);
            found.cloned().with_context(|| format!("there is no machine '{name}'"))
        };
        let (from, to) = (machine(self.from)?, machine(self.to)?);
        let whole = (JOINED + self.settle + self.measure).as_secs_f64();
        let mut tell = |passed: Duration| tell(passed.as_secs_f64() / whole);
        self.pass(&lab, JOINED, &mut tell)?;
        let download = Download::start(&from, &to)?;
        self.pass(&lab, self.settle + self.measure, |passed| tell(JOINED + passed))?;
        let arrivals = download.stop()?;
        let (outcome, paths) = lab.stop()?;
        let end = self.settle + self.measure;
        let bin = Duration::from_millis(100);
        let bins = (end.as_millis() / bin.as_millis()) as u32;
        let course_mbps = (0..bins).map(|n| arrivals.mbps(bin * n, bin * (n + 1))).collect();
        Ok(Measured {
            goodput_mbps: arrivals.mbps(self.settle, end),
            longest_gap: arrivals.longest_gap(self.settle, end),
            course_mbps,
            paths,
            lateness: outcome.lateness,
        })
    }

    /// Waits while the network runs.
    fn pass(&self, lab: &Lab, time: Duration, mut tell: impl FnMut(Duration)) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < time {
            tell(began.elapsed());
            ensure!(!self.interrupted.load(Ordering::Relaxed), "interrupted");
            ensure!(!lab.network.has_ended(), "the network has ended");
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}
