//! `ackride air`: simulated air for the radios of other processes.

mod scenario;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cpu_time::ProcessTime;
use radios::Decibel;
use radios::air::{AirAddress, AirConfig, AirNotice, AirServer, AirStatus, Pacing};
use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::{realtime, units};
use scenario::Scenario;

/// Arguments of `air`. They go before what the scenario says.
#[derive(clap::Args)]
pub struct Args {
    /// What the air is like (TOML; docs/radios.md has the keys).
    scenario: Option<PathBuf>,
    /// Where radios connect to: unix:PATH or tcp:HOST:PORT.
    #[arg(long, value_name = "ADDRESS")]
    listen: AirAddress,
    /// Samples a second of all radios [default: 20M].
    #[arg(long, value_name = "HZ", value_parser = units::parse_rate_hz)]
    rate: Option<f64>,
    /// Samples mixed at a time: fewer answer sooner, more cost less [default: 100 us].
    #[arg(long, value_name = "SAMPLES")]
    block: Option<usize>,
    /// What of a radio's power arrives at another [default: -30].
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    gain_db: Option<f64>,
    /// Noise of each receiver, relative to full scale [default: -70].
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    noise_db: Option<f64>,
    /// Seed of all that is random [default: 1].
    #[arg(long)]
    seed: Option<u64>,
    /// Let time begin when so many radios are there.
    #[arg(long, value_name = "RADIOS")]
    wait_for: Option<usize>,
    /// Let time wait until all radios have told what they transmit: repeatable, and no faster than the
    /// slowest of them.
    #[arg(long)]
    lockstep: bool,
    /// In lockstep, go no faster than so many times the wall clock.
    #[arg(long, value_name = "TIMES", requires = "lockstep")]
    speed: Option<f64>,
    /// Drop radios that keep others waiting, or read nothing, for so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    patience: f64,
    /// Ask the system for real-time priority (SCHED_FIFO).
    #[arg(long)]
    realtime: bool,
    /// Print JSON, one object a line, and one each second.
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Listening {
        address: String,
        sample_rate_hz: f64,
        block_samples: usize,
        lockstep: bool,
    },
    Joined {
        radio: &'a str,
        time_samples: u64,
    },
    Left {
        radio: &'a str,
        reason: &'a str,
        lost_samples: u64,
        time_samples: u64,
    },
    Refused {
        reason: &'a str,
    },
    Status {
        time_samples: u64,
        time_s: f64,
        busy_s: f64,
        stood_still_s: f64,
        cpu_s: f64,
        radios: Vec<Radio<'a>>,
    },
}

#[derive(Serialize)]
struct Radio<'a> {
    name: &'a str,
    lost_samples: u64,
}

/// Runs it until it is interrupted.
pub fn run(args: Args) -> Result<ExitCode> {
    ensure!((0.01..=3600.0).contains(&args.patience), "--patience is from 0.01 to 3600 seconds");
    let config = args.config()?;
    let rate_hz = config.sample_rate.0;
    let block = config.block;
    let lockstep = config.pacing != Pacing::RealTime;
    let patience = Duration::from_secs_f64(args.patience);
    let mut server = AirServer::bind(&args.listen, config, patience)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("handling signals")?;
    }
    if args.realtime {
        realtime::ask()?;
    }
    let mut printer = Printer { json: args.json, rate_hz, block, error: None };
    printer.print(&Line::Listening {
        address: server.address()?.to_string(),
        sample_rate_hz: rate_hz,
        block_samples: block,
        lockstep,
    })?;
    let ended = Arc::clone(&stop);
    server.run(&stop, &mut |status, notice| {
        if let Err(error) = printer.notice(status, &notice) {
            printer.error.get_or_insert(error);
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    })?;
    if let Some(error) = printer.error {
        return Err(error.into());
    }
    printer.print(&printer.status(&server.status()))?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn config(&self) -> Result<AirConfig> {
        let scenario = self.scenario.as_deref().map(Scenario::read).transpose()?;
        let mut config = scenario.unwrap_or_default().config(self.rate).with_context(|| {
            self.scenario.as_deref().unwrap_or("".as_ref()).display().to_string()
        })?;
        config.block = self.block.unwrap_or(config.block);
        config.link.gain = self.gain_db.map_or(config.link.gain, Decibel);
        config.noise = self.noise_db.map(Decibel).or(config.noise);
        config.seed = self.seed.unwrap_or(config.seed);
        config.wait_for = self.wait_for.unwrap_or(config.wait_for);
        if self.lockstep {
            config.pacing = Pacing::Lockstep { at_most: self.speed };
        }
        Ok(config)
    }
}

struct Printer {
    json: bool,
    rate_hz: f64,
    block: usize,
    error: Option<io::Error>,
}

impl Printer {
    fn notice(&self, status: &AirStatus, notice: &AirNotice) -> io::Result<()> {
        let time_samples = status.now.0;
        match notice {
            AirNotice::Joined { radio } => self.print(&Line::Joined { radio, time_samples }),
            AirNotice::Left { radio, reason, lost } => {
                self.print(&Line::Left { radio, reason, lost_samples: *lost, time_samples })
            }
            AirNotice::Refused { reason } => self.print(&Line::Refused { reason }),
            AirNotice::Second if self.json => self.print(&self.status(status)),
            AirNotice::Second => Ok(()),
        }
    }

    fn status<'a>(&self, status: &'a AirStatus) -> Line<'a> {
        let seconds = |samples: u64| samples as f64 / self.rate_hz;
        let radios = status.radios.iter();
        Line::Status {
            time_samples: status.now.0,
            time_s: seconds(status.now.0),
            busy_s: seconds(status.busy_blocks * self.block as u64),
            stood_still_s: status.stood_still.as_secs_f64(),
            cpu_s: ProcessTime::now().as_duration().as_secs_f64(),
            radios: radios.map(|(name, lost)| Radio { name, lost_samples: *lost }).collect(),
        }
    }

    fn print(&self, line: &Line) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, line)?;
            writeln!(out)?;
            return out.flush();
        }
        let at = |samples: &u64| *samples as f64 / self.rate_hz;
        match line {
            Line::Listening { address, sample_rate_hz, block_samples, lockstep } => {
                let pace = if *lockstep { "lockstep" } else { "real time" };
                let block_us = *block_samples as f64 * 1e6 / sample_rate_hz;
                let rate = sample_rate_hz / 1e6;
                writeln!(out, "air at {address}: {rate} Msps, {pace}, blocks of {block_us:.1} us")?;
            }
            Line::Joined { radio, time_samples } => {
                writeln!(out, "{:.3} s: {radio} has joined", at(time_samples))?;
            }
            Line::Left { radio, reason, lost_samples, time_samples } => {
                let time = at(time_samples);
                writeln!(
                    out,
                    "{time:.3} s: {radio} is gone: {reason}; {lost_samples} samples lost"
                )?;
            }
            Line::Refused { reason } => writeln!(out, "a connection has ended: {reason}")?,
            Line::Status { time_s, busy_s, stood_still_s, cpu_s, .. } => {
                let still = stood_still_s * 1e3;
                writeln!(
                    out,
                    "{time_s:.3} s of air, {busy_s:.3} s of it busy; stood still for {still:.1} ms; \
                     {cpu_s:.2} s of CPU"
                )?;
            }
        }
        out.flush()
    }
}
