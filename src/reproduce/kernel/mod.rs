//! Experiments with the kernel's own MPTCP: networks at the pace of the clock, one after the other, for
//! each wants the machine for itself. They need root and MPTCP.

mod table3_2;
mod walk;

use std::time::Duration;

use anyhow::Result;
use sim::ErrorTable;
use sim::scenario::Scenario;

use super::Experiment;
use super::lab::{Lab, Ticker};
use crate::host::listen_for_signals;
use crate::host::trial::{Measured, Trial};

/// All of them.
pub const EXPERIMENTS: &[Experiment] = &[table3_2::EXPERIMENT, walk::EXPERIMENT];

/// Above this share of events that are a millisecond late, the machine was too busy for a run.
const LATE: f64 = 1e-3;
/// So often we try.
const ATTEMPTS: usize = 3;

/// What is said under each table.
const NOTE: &str = "Linux's own MPTCP and CUBIC over the network at the pace of the clock. A run in \
    which more than 0.1 % of the events were later than 1 ms is done again, three times at most.";

/// How long runs are.
#[derive(Debug, Clone, Copy)]
struct Times {
    settle: Duration,
    measure: Duration,
}

impl Times {
    fn of(lab: &Lab) -> Self {
        let (settle, measure) = if lab.quick { (4, 6) } else { (6, 14) };
        Self { settle: Duration::from_secs(settle), measure: Duration::from_secs(measure) }
    }
}

/// A download from `server` to `client`, in time if the machine lets us.
fn download(
    scenario: &Scenario,
    seed: u64,
    times: Times,
    ticker: &mut Ticker<'_>,
) -> Result<Measured> {
    let scenario = Scenario { seed, ..scenario.clone() };
    // What is changed outside of the namespaces has to be taken back first.
    let interrupted = &*listen_for_signals()?;
    let mut all = vec![];
    for _ in 0..ATTEMPTS {
        let table = ErrorTable::ideal();
        let Times { settle, measure } = times;
        let (from, to) = ("server", "client");
        let trial = Trial { scenario: &scenario, table, from, to, settle, measure, interrupted };
        let measured = trial.run(|progress| ticker.reached(progress))?;
        let late = measured.lateness.late_fraction;
        all.push(measured);
        if late <= LATE {
            break;
        }
    }
    let late = |measured: &Measured| measured.lateness.late_fraction;
    let best = all.into_iter().min_by(|a, b| late(a).total_cmp(&late(b)));
    Ok(best.expect("it was tried"))
}
