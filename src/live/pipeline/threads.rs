//! Threads with names, priority and cores, and what becomes of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{Builder, JoinHandle, Thread};

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use super::Shared;
use crate::realtime;

/// Threads that end together: when one fails, all are stopped.
pub struct Threads {
    shared: Arc<Shared>,
    running: Vec<JoinHandle<()>>,
    ended: Receiver<(String, Result<()>)>,
    report: Sender<(String, Result<()>)>,
}

/// How a thread is to run.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Before all ordinary ones, where that is permitted.
    pub realtime: bool,
    /// On these cores; on any if there are none.
    pub cpus: Vec<usize>,
}

impl Threads {
    /// No threads yet.
    pub fn new(shared: Arc<Shared>) -> Self {
        let (report, ended) = mpsc::channel();
        Self { shared, running: vec![], ended, report }
    }

    /// Starts one.
    pub fn spawn(
        &mut self,
        name: &str,
        how: How,
        run: impl FnOnce() -> Result<()> + Send + 'static,
    ) -> Result<Thread> {
        let (shared, report) = (Arc::clone(&self.shared), self.report.clone());
        let who = name.to_owned();
        let body = move || {
            let outcome = how.apply().and_then(|()| run());
            if outcome.is_err() {
                shared.stop.store(true, Ordering::Relaxed);
            }
            // Nobody listens any more if all is over.
            let _ = report.send((who, outcome));
        };
        let handle = Builder::new().name(name.to_owned()).spawn(body).context("a thread")?;
        let thread = handle.thread().clone();
        self.running.push(handle);
        Ok(thread)
    }

    /// Stops all, and tells what failed first.
    pub fn join(self) -> Result<()> {
        self.shared.stop.store(true, Ordering::Relaxed);
        let mut panicked = false;
        for handle in self.running {
            handle.thread().unpark();
            panicked |= handle.join().is_err();
        }
        drop(self.report);
        for (name, outcome) in self.ended {
            outcome.with_context(|| format!("thread {name}"))?;
        }
        anyhow::ensure!(!panicked, "a thread has panicked");
        Ok(())
    }
}

impl How {
    fn apply(&self) -> Result<()> {
        if self.realtime {
            // Without the permission it runs at ordinary priority, and the status says so.
            let _ = realtime::ask();
        }
        if self.cpus.is_empty() {
            return Ok(());
        }
        let mut set = CpuSet::new();
        for &cpu in &self.cpus {
            set.set(cpu).with_context(|| format!("cpus: there is no core {cpu}"))?;
        }
        sched_setaffinity(Pid::from_raw(0), &set)
            .with_context(|| format!("cpus: cores {:?} are not ours to use", self.cpus))
    }
}
