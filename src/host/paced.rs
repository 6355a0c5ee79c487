//! The thread in which the network runs, with real-time priority where that is permitted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use hack::Stats;
use nix::sys::prctl::set_timerslack;
use sim::network::Observer;
use sim::scenario::Built;
use tun_rs::SyncDevice;

use super::kernel::Kernel;
use super::lateness;
use super::pacer::Pacer;
use super::traffic::FlowSummary;
use crate::realtime;

/// A network that runs.
pub struct Paced {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Outcome>>,
}

/// What became of it.
pub struct Outcome {
    pub lateness: lateness::Summary,
    pub flows: Vec<FlowSummary>,
    /// What became of TCP ACKs, if a node has HACK.
    pub hack: Option<Stats>,
    /// Whether it had real-time priority.
    pub realtime: bool,
}

impl Paced {
    /// From now on the network's time is the clock's. The devices are the hosts' in their order.
    pub fn start<O>(built: Built<O>, devices: Vec<SyncDevice>) -> Result<Self>
    where
        O: Observer + Send + 'static,
    {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let run = move || run(built, devices, &stopped);
        let thread = thread::Builder::new().name("medium".into()).spawn(run).context("a thread")?;
        Ok(Self { stop, thread })
    }

    /// Whether it has ended by itself, which is by an error.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends it.
    pub fn stop(self) -> Result<Outcome> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it does not panic")
    }
}

fn run<O: Observer>(
    built: Built<O>,
    devices: Vec<SyncDevice>,
    stop: &AtomicBool,
) -> Result<Outcome> {
    // Without the permission it runs at ordinary priority, and the report says so.
    let _ = realtime::ask();
    // Timers of threads of ordinary priority are 50 us late by default, so that they come together.
    set_timerslack(1).context("precise timers")?;
    let mut pacer = Pacer::new(built);
    let mut kernel = Kernel::new(devices);
    while !stop.load(Ordering::Relaxed) {
        pacer.step(&mut kernel)?;
    }
    let (lateness, flows) = (pacer.lateness.summary(), pacer.traffic.summary());
    Ok(Outcome { lateness, flows, hack: pacer.hack(), realtime: realtime::is_had() })
}
