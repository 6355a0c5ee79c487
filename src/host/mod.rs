//! `ackride netns`: programs of this machine, over a simulated network.
//!
//! Each host is the kernel's own network stack in a [`namespace`] with a TUN device; the network
//! between the devices runs at the pace of the clock ([`pacer`]). No packet leaves the namespaces,
//! and nothing remains of them.

mod bss;
mod built_in;
mod kernel;
mod lateness;
mod namespace;
mod paced;
mod pacer;
mod program;
mod report;
mod traffic;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use bss::Bss;
use namespace::Namespace;
use paced::{Outcome, Paced};
use program::{LOOK_EVERY, Plan, Program};
use report::{Ended, Report};

/// When the last client has ended, servers may take so long to end by themselves.
const GRACE: Duration = Duration::from_millis(500);

/// Arguments of `netns`.
#[derive(clap::Args)]
pub struct Args {
    /// What the server runs, as a shell command. Its address is in $ACKRIDE_SERVER.
    #[arg(long, value_name = "COMMAND")]
    server: Option<String>,
    /// What each client runs, as a shell command. Its number from 1 on is in $ACKRIDE_CLIENT, its
    /// address in $ACKRIDE_ADDRESS, the server's in $ACKRIDE_SERVER.
    #[arg(long, value_name = "COMMAND")]
    client: String,
    /// How many clients there are.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(bss::MOST_CLIENTS)))]
    clients: u8,
    /// Packets that the access point may have queued for each client.
    #[arg(long, default_value_t = 126)]
    queue: usize,
    /// Seed of everything random in the network.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds after which clients start: they have joined the network then, and servers listen.
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS", value_parser = parse_seconds)]
    start: f64,
    /// A kernel parameter of all hosts, as for sysctl: net.ipv4.tcp_congestion_control=cubic.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_sysctl)]
    sysctl: Vec<(String, String)>,
    /// Also run downloads of the same length over the same network with the built-in TCP, in
    /// virtual time, and compare.
    #[arg(long)]
    compare: bool,
    /// Print JSON; what the programs print goes to standard error.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let interrupted = Interrupted::listen()?;
    let bss = Bss { clients: args.clients, queue: args.queue, seed: args.seed };
    let mut namespaces = vec![];
    let mut devices = vec![];
    for host in 0..=args.clients {
        let namespace = Namespace::new()?;
        // There is nobody to answer router solicitations and the like.
        namespace.set("net.ipv6.conf.default.disable_ipv6", "1")?;
        devices.push(namespace.open_device(bss.host(host), bss::PREFIX)?);
        for (key, value) in &args.sysctl {
            namespace.set(key, value).context("--sysctl")?;
        }
        namespaces.push(namespace);
    }
    let network = Paced::start(bss, devices)?;
    let programs = run_programs(&args, &bss, &namespaces, &network, &interrupted);
    let Outcome { lateness, flows, realtime } = network.stop()?;
    let programs = programs?;

    let goodput_mbps = flows.iter().map(|flow| flow.goodput_mbps).sum();
    let longest = flows.iter().map(|flow| flow.seconds).fold(0.0, f64::max);
    let built_in_mbps = (args.compare && longest > 0.0).then(|| {
        let start = Duration::from_secs_f64(args.start);
        built_in::goodput_mbps(&bss, start, Duration::from_secs_f64(longest))
    });
    let failed =
        programs.iter().any(|program| !program.ended_by_us && program.exit_code != Some(0));
    let report =
        Report { network: bss, realtime, lateness, goodput_mbps, flows, built_in_mbps, programs };
    report.print(args.json)?;
    Ok(if failed || interrupted.is() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Until all clients have ended.
fn run_programs(
    args: &Args,
    bss: &Bss,
    namespaces: &[Namespace],
    network: &Paced,
    interrupted: &Interrupted,
) -> Result<Vec<Ended>> {
    let (server, clients) = namespaces.split_first().expect("there is a server");
    let goes_on = || !interrupted.is() && !network.has_ended();
    let began = Instant::now();
    let mut programs: Vec<Program> = vec![];
    if let Some(command) = &args.server {
        let environment = vec![("ACKRIDE_SERVER", bss.host(0).to_string())];
        let host = "server".into();
        programs.push(Plan { host, command, environment, to_stderr: args.json }.start(server)?);
    }
    let servers = programs.len();
    while goes_on() && began.elapsed().as_secs_f64() < args.start {
        thread::sleep(LOOK_EVERY);
    }
    for (number, namespace) in (1..).zip(clients) {
        if !goes_on() {
            break;
        }
        let environment = vec![
            ("ACKRIDE_SERVER", bss.host(0).to_string()),
            ("ACKRIDE_ADDRESS", bss.host(number).to_string()),
            ("ACKRIDE_CLIENT", number.to_string()),
        ];
        let host = format!("client {number}");
        let plan = Plan { host, command: &args.client, environment, to_stderr: args.json };
        programs.push(plan.start(namespace)?);
    }
    while goes_on() && !programs[servers..].iter().all(Program::has_ended) {
        thread::sleep(LOOK_EVERY);
    }
    if goes_on() {
        programs[..servers].iter().for_each(|server| server.wait(GRACE));
    }
    let ended = programs.iter_mut().map(|program| {
        let status = program.end()?;
        Ok(Ended {
            host: program.host.clone(),
            exit_code: status.and_then(|status| status.code()),
            ended_by_us: status.is_none(),
        })
    });
    ended.collect()
}

/// Whether somebody wants us to end.
struct Interrupted(Arc<AtomicBool>);

impl Interrupted {
    fn listen() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context("handling signals")?;
        }
        Ok(Self(flag))
    }

    fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn parse_seconds(text: &str) -> Result<f64> {
    match text.parse() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok(seconds),
        _ => bail!("'{text}' is not a number of seconds, 0 to 3600"),
    }
}

fn parse_sysctl(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("expected KEY=VALUE")?;
    Ok((key.into(), value.into()))
}
