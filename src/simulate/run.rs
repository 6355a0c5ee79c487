//! A scenario with all its seeds, on all cores.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::Result;
use cpu_time::ThreadTime;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use sim::network::Observer;
use sim::scenario::{Outcome, QueueSample, Scenario, Simulation};
use sim::{Air, ErrorTable};

use super::event_log::EventLog;
use super::pcap::NodePcaps;
use super::recorder::Recorder;

/// What is to be run.
pub struct Job {
    pub scenario: Scenario,
    pub table: ErrorTable,
    pub seeds: Vec<u64>,
    pub threads: Option<usize>,
    /// Folder for what nodes sent and received.
    pub pcap: Option<PathBuf>,
    /// File for what happens.
    pub events: Option<PathBuf>,
    /// The air is one of samples.
    pub samples: bool,
    /// File for what a monitor hears of them.
    pub record: Option<PathBuf>,
}

/// What came of one seed.
pub struct Run {
    pub outcome: Outcome,
    pub queues: Vec<QueueSample>,
    /// What the measured time took of a core.
    pub cpu_s: f64,
}

/// Steps of the progress bar for each seed.
const TICKS: u64 = 100;

/// Runs all seeds. They come in their order, whoever is ready first.
pub fn run_all(job: &Job) -> Result<Vec<Run>> {
    let threads =
        job.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let bar = progress_bar(job.seeds.len() as u64 * TICKS);
    let runs = pool.install(|| {
        job.seeds
            .par_iter()
            .enumerate()
            .map(|(number, &seed)| run_one(job, seed, number == 0, &bar))
            .collect()
    });
    bar.finish_and_clear();
    runs
}

fn progress_bar(ticks: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} of {duration}");
    ProgressBar::new(ticks).with_style(style.expect("the template is right"))
}

fn run_one(job: &Job, seed: u64, is_first: bool, bar: &ProgressBar) -> Result<Run> {
    let scenario = &job.scenario;
    let pcap = job.pcap.as_deref().filter(|_| is_first);
    let pcap = pcap.map(|folder| NodePcaps::create(folder, scenario)).transpose()?;
    let events = job.events.as_deref().filter(|_| is_first);
    let events = events.map(|path| EventLog::create(path, scenario)).transpose()?;
    let observers = (pcap, events);
    let (run, (pcap, events)) = if job.samples {
        let simulation = Simulation::on_samples(scenario, seed, observers);
        let record = job.record.as_deref().filter(|_| is_first);
        let mut recorder = record.map(|path| Recorder::create(path, scenario)).transpose()?;
        let played = play(simulation, bar, |air| match &mut recorder {
            Some(recorder) => recorder.write(air),
            None => Ok(()),
        })?;
        recorder.map(Recorder::finish).transpose()?;
        played
    } else {
        play(Simulation::new(scenario, job.table.clone(), seed, observers), bar, |_| Ok(()))?
    };
    if let Some(pcap) = pcap {
        pcap.finish()?;
    }
    if let Some(events) = events {
        events.finish()?;
    }
    Ok(run)
}

/// Lets all of it happen, and looks at the air when measuring begins and after each step.
fn play<O: Observer, A: Air>(
    mut simulation: Simulation<'_, O, A>,
    bar: &ProgressBar,
    mut look: impl FnMut(&mut A) -> Result<()>,
) -> Result<(Run, O)> {
    simulation.warm_up();
    look(simulation.air_mut())?;
    let started = ThreadTime::now();
    let (mut ticks, mut there_is_more) = (0, true);
    while there_is_more {
        there_is_more = simulation.step();
        look(simulation.air_mut())?;
        let reached = (simulation.progress() * TICKS as f64) as u64;
        bar.inc(reached - ticks);
        ticks = reached;
    }
    let cpu_s = started.elapsed().as_secs_f64();
    bar.inc(TICKS - ticks);
    let (outcome, queues, observer) = simulation.finish();
    Ok((Run { outcome, queues, cpu_s }, observer))
}
