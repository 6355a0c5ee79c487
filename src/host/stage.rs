//! When which program runs on which host.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::machine::{Machine, Path};
use super::paced::Paced;
use super::program::{LOOK_EVERY, Plan, Program};
use super::report::Ended;

/// Programs in the background may take so long to end by themselves when the others have.
const GRACE: Duration = Duration::from_millis(500);

/// Commands, each with the number of its machine.
pub struct Script {
    /// From the beginning to the end.
    pub background: Vec<(usize, String)>,
    /// From `start` on.
    pub run: Vec<(usize, String)>,
    /// In seconds.
    pub start: f64,
}

impl Script {
    /// With the numbers of machines in the place of those of hosts.
    pub fn on(self, machine_of_host: &[usize]) -> Self {
        let on = |commands: Vec<(usize, String)>| {
            let commands = commands.into_iter();
            commands.map(|(host, command)| (machine_of_host[host], command)).collect()
        };
        Self { background: on(self.background), run: on(self.run), start: self.start }
    }
}

/// The machines and the network between them.
pub struct Stage<'a> {
    pub machines: &'a [Arc<Machine>],
    pub network: &'a Paced,
    pub interrupted: &'a AtomicBool,
}

impl Stage<'_> {
    /// Runs all programs. How they ended.
    pub fn play(&self, script: &Script, to_stderr: bool) -> Result<Vec<Ended>> {
        let began = Instant::now();
        let names = self.names();
        let start = |(machine, command): &(usize, String)| {
            let Machine { name, namespace, .. } = &*self.machines[*machine];
            Plan { host: name, command, names: &names, to_stderr }.start(namespace)
        };
        let mut background: Vec<Program> =
            script.background.iter().map(start).collect::<Result<_>>()?;
        while self.goes_on() && began.elapsed().as_secs_f64() < script.start {
            thread::sleep(LOOK_EVERY);
        }
        let to_run = script.run.iter().filter(|_| self.goes_on());
        let mut run: Vec<Program> = to_run.map(start).collect::<Result<_>>()?;
        while self.goes_on() && !run.iter().all(Program::has_ended) {
            thread::sleep(LOOK_EVERY);
        }
        let deadline = Instant::now() + GRACE;
        while self.goes_on()
            && !background.iter().all(Program::has_ended)
            && Instant::now() < deadline
        {
            thread::sleep(LOOK_EVERY);
        }
        run.append(&mut background);
        // All of them first, so that they end at the same time.
        run.iter_mut().for_each(Program::ask_to_end);
        run.iter_mut().map(Program::end).collect()
    }

    fn goes_on(&self) -> bool {
        !self.interrupted.load(Ordering::Relaxed) && !self.network.has_ended()
    }

    /// All hosts, as in /etc/hosts.
    fn names(&self) -> String {
        let mut names = "127.0.0.1 localhost\n".to_owned();
        let paths = self.machines.iter().flat_map(|machine| &machine.paths);
        for Path { name, address, .. } in paths {
            writeln!(names, "{address} {name}").expect("a text takes all");
        }
        names
    }
}
