//! A scenario that runs: its machines, the network between them at the pace of the clock, and MPTCP
//! that follows the associations of clients with several.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use sim::ErrorTable;
use sim::scenario::Scenario;

use super::associations::{Associations, PathChange, Watch};
use super::machine::{Machine, Machines};
use super::paced::{Outcome, Paced};

/// A scenario that runs.
pub struct Lab {
    pub machines: Vec<Arc<Machine>>,
    /// The machine of each host of the scenario.
    pub of_host: Vec<usize>,
    pub network: Paced,
    associations: JoinHandle<Vec<PathChange>>,
}

impl Lab {
    /// From now on its time is the clock's.
    pub fn start(
        scenario: &Scenario,
        table: ErrorTable,
        sysctl: &[(String, String)],
    ) -> Result<Self> {
        let (news, heard) = channel();
        let built = scenario.build(table, scenario.seed, Watch(news));
        let Machines { machines, devices, of_host } = Machines::new(&built)?;
        for machine in &machines {
            for (key, value) in sysctl {
                machine.namespace.set(key, value).context("--sysctl")?;
            }
        }
        let associations = Associations::new(&machines)?;
        let follow = move || associations.follow(&heard);
        let associations =
            thread::Builder::new().name("paths".into()).spawn(follow).context("a thread")?;
        let network = Paced::start(built, devices)?;
        Ok(Self { machines, of_host, network, associations })
    }

    /// Ends it. What became of the network, and of the paths.
    pub fn stop(self) -> Result<(Outcome, Vec<PathChange>)> {
        // With the network goes who tells of associations.
        let outcome = self.network.stop();
        let changes = self.associations.join().expect("it does not panic");
        Ok((outcome?, changes))
    }
}
