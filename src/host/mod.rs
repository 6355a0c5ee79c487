//! `ackride netns`: programs of this machine, over a simulated network.
//!
//! Each host of a scenario is the kernel's own network stack in a [`namespace`] with a TUN device;
//! the network between the devices runs at the pace of the clock ([`pacer`]). No packet leaves the
//! namespaces, and nothing remains of them. Not here: the scenario's own traffic, which does not run.

mod associations;
mod built_in;
mod download;
mod kernel;
mod lab;
mod lateness;
mod machine;
pub mod mptcp;
mod namespace;
mod paced;
mod pacer;
mod program;
mod report;
mod stage;
mod traffic;
pub mod trial;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail, ensure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use sim::scenario::Built;

use crate::simulate::{Hack, ScenarioArgs, load};
use lab::Lab;
use mptcp::AllowedAlgorithm;
use paced::Outcome;
use report::Report;
use stage::{Script, Stage};

/// The kernel parameter that says how TCP controls congestion.
const CONGESTION_CONTROL: &str = "net.ipv4.tcp_congestion_control";

/// Arguments of `netns`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// What a host runs in the background, as a shell command: from the beginning until all of
    /// --run have ended. Where the name is that of several hosts, each runs it.
    #[arg(long, value_name = "HOST=COMMAND", value_parser = parse_assignment)]
    background: Vec<(String, String)>,
    /// What a host runs, as a shell command, when --start has come. Programs know all hosts by
    /// their names; their own is in $ACKRIDE_HOST.
    #[arg(long, required = true, value_name = "HOST=COMMAND", value_parser = parse_assignment)]
    run: Vec<(String, String)>,
    /// After so many seconds programs of --run start: stations have joined their network then.
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS", value_parser = parse_seconds)]
    start: f64,
    /// A kernel parameter of all hosts, as for sysctl: net.ipv4.tcp_sack=0.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_sysctl)]
    sysctl: Vec<(String, String)>,
    /// Repeat all TCP flows with the built-in TCP in virtual time, and compare.
    #[arg(long)]
    compare: bool,
    /// Print JSON; what the programs print goes to standard error. docs/kernel-hosts.md has its
    /// fields.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let interrupted = listen_for_signals()?;
    let scenario = args.scenario.scenario()?;
    let table = load(&scenario.error_table)?;
    let build = || scenario.build(table.clone(), scenario.seed, ());
    let built = build();
    let script = Script {
        background: assign(&built, &args.background).context("--background")?,
        run: assign(&built, &args.run).context("--run")?,
        start: args.start,
    };
    // Before the machines, so that it is given up after them.
    let _allowed = args.allow_algorithms()?;
    let lab = Lab::start(&scenario, table.clone(), &args.sysctl)?;
    let Lab { machines, of_host, network, .. } = &lab;
    let stage = Stage { machines, network, interrupted: &interrupted };
    let programs = stage.play(&script.on(of_host), args.json);
    let (outcome, paths) = lab.stop()?;
    let Outcome { lateness, mut flows, hack, realtime } = outcome;
    let programs = programs?;
    if args.compare {
        built_in::repeat(build(), &mut flows);
    }
    let built_in_mbps = flows.iter().filter_map(|flow| flow.built_in_mbps).reduce(|a, b| a + b);
    let failed = programs.iter().any(|program| program.has_failed());
    let bulk = flows.iter().filter(|flow| flow.is_bulk());
    let goodput_mbps = bulk.fold(0.0, |sum, flow| sum + flow.goodput_mbps);
    let report = Report {
        goodput_mbps,
        built_in_mbps,
        flows,
        hack: hack.map(Hack::from),
        paths,
        lateness,
        realtime,
        programs,
        scenario,
    };
    report.print(args.json)?;
    let interrupted = interrupted.load(Ordering::Relaxed);
    Ok(if failed || interrupted { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Args {
    /// Hosts may choose the congestion control that they are told to.
    fn allow_algorithms(&self) -> Result<Vec<AllowedAlgorithm>> {
        let told = self.sysctl.iter().filter(|(key, _)| key == CONGESTION_CONTROL);
        told.map(|(_, algorithm)| AllowedAlgorithm::new(algorithm)).collect()
    }
}

/// The command of each host, by the host's number.
fn assign(built: &Built<()>, assignments: &[(String, String)]) -> Result<Vec<(usize, String)>> {
    let mut assigned = vec![];
    for (name, command) in assignments {
        let hosts = built.find(name).map_err(anyhow::Error::msg)?;
        assigned.extend(hosts.map(|host| (host, command.clone())));
    }
    Ok(assigned)
}

/// Set when somebody wants us to end.
pub fn listen_for_signals() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("handling signals")?;
    }
    Ok(flag)
}

fn parse_seconds(text: &str) -> Result<f64> {
    match text.parse() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok(seconds),
        _ => bail!("not a number of seconds from 0 to 3600"),
    }
}

fn parse_sysctl(text: &str) -> Result<(String, String)> {
    ensure!(text.starts_with("net."), "only net.* belongs to a namespace, not to all the machine");
    parse_assignment(text)
}

fn parse_assignment(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("there is no '='")?;
    ensure!(!name.is_empty() && !value.is_empty(), "there is nothing on one side of '='");
    Ok((name.into(), value.into()))
}
