//! Where experiments run: seeds, threads and the progress bar.

use std::io::{self, IsTerminal};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use sim::ErrorTable;
use sim::scenario::{Outcome, Scenario, Simulation};

/// What was asked for, and what runs it.
pub struct Lab {
    /// Fewer seeds and shorter runs.
    pub quick: bool,
    first_seed: u64,
    seeds: Option<u64>,
    pool: rayon::ThreadPool,
}

/// Steps of the progress bar for each run.
const TICKS: u64 = 100;

/// Tells how far a run has come.
pub struct Ticker<'a> {
    bar: &'a ProgressBar,
    told: u64,
}

impl Ticker<'_> {
    /// So much of it is done, of 1.
    pub fn reached(&mut self, progress: f64) {
        let ticks = (progress * TICKS as f64) as u64;
        self.bar.inc(ticks.saturating_sub(self.told));
        self.told = self.told.max(ticks);
    }
}

impl Lab {
    /// With `seeds` from the first on, or as many as each experiment likes.
    pub fn new(
        quick: bool,
        first_seed: u64,
        seeds: Option<u64>,
        threads: Option<usize>,
    ) -> Result<Self> {
        let cores = || std::thread::available_parallelism().map_or(1, Into::into);
        let threads = threads.unwrap_or_else(cores).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(Self { quick, first_seed, seeds, pool })
    }

    /// The seeds: as many as were asked for, or else so many, and so many when it must be quick.
    pub fn seeds(&self, usual: u64, quick: u64) -> Vec<u64> {
        let count = self.seeds.unwrap_or(if self.quick { quick } else { usual });
        (0..count).map(|number| self.first_seed.wrapping_add(number)).collect()
    }

    /// Does something for each job with each seed, on all threads; results are in the order of
    /// the jobs, and for each in that of the seeds.
    ///
    /// # Errors
    /// That of one of those that failed.
    pub fn each<J: Sync, R: Send>(
        &self,
        name: &str,
        jobs: &[J],
        seeds: &[u64],
        run: impl Fn(&J, u64, &mut Ticker<'_>) -> Result<R> + Sync,
    ) -> Result<Vec<Vec<R>>> {
        let bar = progress_bar(name, (jobs.len() * seeds.len()) as u64 * TICKS);
        let pairs: Vec<(&J, u64)> =
            jobs.iter().flat_map(|job| seeds.iter().map(move |&seed| (job, seed))).collect();
        let results: Result<Vec<R>> = self.pool.install(|| {
            let one = |&(job, seed): &(&J, u64)| {
                let mut ticker = Ticker { bar: &bar, told: 0 };
                let result = run(job, seed, &mut ticker);
                ticker.reached(1.0);
                result
            };
            pairs.par_iter().map(one).collect()
        });
        bar.finish_and_clear();
        let mut results = results?.into_iter();
        Ok(jobs.iter().map(|_| results.by_ref().take(seeds.len()).collect()).collect())
    }

    /// The same for jobs that want the machine for themselves.
    ///
    /// # Errors
    /// That of the first that failed.
    pub fn one_by_one<J, R>(
        &self,
        name: &str,
        jobs: &[J],
        seeds: &[u64],
        run: impl Fn(&J, u64, &mut Ticker<'_>) -> Result<R>,
    ) -> Result<Vec<Vec<R>>> {
        let bar = progress_bar(name, (jobs.len() * seeds.len()) as u64 * TICKS);
        let one = |job: &J, seed: u64| {
            let mut ticker = Ticker { bar: &bar, told: 0 };
            let result = run(job, seed, &mut ticker);
            ticker.reached(1.0);
            result
        };
        let of_job = |job| seeds.iter().map(|&seed| one(job, seed)).collect();
        let results = jobs.iter().map(of_job).collect();
        bar.finish_and_clear();
        results
    }

    /// Runs each scenario with each seed, with the frame errors of ns-3.
    pub fn simulate(
        &self,
        name: &str,
        scenarios: &[Scenario],
        seeds: &[u64],
    ) -> Result<Vec<Vec<Outcome>>> {
        let table = ErrorTable::ideal();
        self.each(name, scenarios, seeds, |scenario, seed, ticker| {
            let mut simulation = Simulation::new(scenario, table.clone(), seed, ());
            simulation.warm_up();
            while simulation.step() {
                ticker.reached(simulation.progress());
            }
            Ok(simulation.finish().0)
        })
    }
}

fn progress_bar(name: &str, ticks: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg:<9} {bar:40} {percent:>3} %  {elapsed} of {duration}";
    let style = ProgressStyle::with_template(template).expect("the template is right");
    ProgressBar::new(ticks).with_style(style).with_message(name.to_owned())
}

/// The mean and the standard deviation of a sample, 0 for a single value.
pub fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

/// Mean and standard deviation of the goodput.
pub fn goodput(outcomes: &[Outcome]) -> (f64, f64) {
    let all: Vec<f64> = outcomes.iter().map(|outcome| outcome.goodput_mbps).collect();
    mean_and_sd(&all)
}
