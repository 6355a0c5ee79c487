//! `ackride mptcp`: watches the MPTCP connections of a network namespace, gives them paths, and
//! manages them if it is told how.

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use mac::Instant;
use serde::Serialize;

use super::super::listen_for_signals;
use super::super::namespace::Namespace;
use super::address::{Endpoint, EndpointFlags};
use super::changes::{Changes, SourceRoute};
use super::event::{Event, Subflow, Token};
use super::manager::{Manager, Told};
use super::message::{Limits, Request};
use super::policy::{Announce, Best, Join, Policy, Refresh, Reset, RttLimit};
use super::statistics::SubflowStatistics;

/// The kernel parameter that says who manages the paths of new connections.
const WHO: &str = "net.mptcp.path_manager";
/// Its older name, with numbers.
const WHO_BEFORE: &str = "net.mptcp.pm_type";

/// Arguments of `mptcp`.
#[derive(clap::Args)]
pub struct Args {
    /// The network namespace, as of `ip netns`; if not said, that of the command itself.
    #[arg(long, value_name = "NAME")]
    netns: Option<String>,
    /// An address of ours from which connections get a subflow; the first is to be used most. With a
    /// device and a gateway packets from it go there, whatever other routes there are.
    #[arg(long, value_name = "IP[,DEVICE[,GATEWAY]]", value_parser = parse_path)]
    path: Vec<PathArg>,
    /// An address of ours that peers are told of, so that they join subflows to it.
    #[arg(long, value_name = "IP")]
    announce: Vec<IpAddr>,
    /// Put subflows aside whose round-trip time is longer, while another is quicker.
    #[arg(long, value_name = "MILLISECONDS", value_parser = parse_milliseconds)]
    rtt_limit: Option<Duration>,
    /// What connections need, in Mbit/s: addresses after the first are used as long as those before
    /// them have less.
    #[arg(long, value_name = "MBPS", value_parser = parse_mbps)]
    needed: Option<f64>,
    /// Open subflows again that are reset.
    #[arg(long)]
    reopen: bool,
    /// Keep so many subflows, and replace the oldest as often.
    #[arg(long, value_name = "COUNT,SECONDS", value_parser = parse_refresh)]
    refresh: Option<(usize, Duration)>,
    /// Show how subflows fare, every 300 ms.
    #[arg(long)]
    statistics: bool,
    /// End after so many seconds; if not said, when interrupted.
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<f64>,
    /// Print JSON, an object a line. docs/mptcp.md has their fields.
    #[arg(long)]
    json: bool,
}

/// A path by one of our networks.
#[derive(Debug, Clone)]
struct PathArg {
    ip: IpAddr,
    device: Option<String>,
    gateway: Option<IpAddr>,
}

/// Routing tables from here on are taken to be nobody's.
const FIRST_TABLE: u32 = 7701;

/// What `--json` prints a line of.
#[derive(Serialize)]
struct Line<'a> {
    time_s: f64,
    #[serde(flatten)]
    told: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Event(&'a Event),
    Request(&'a Request),
    Statistics { statistics: &'a [SubflowStatistics] },
    Trouble { trouble: String },
}

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let interrupted = listen_for_signals()?;
    let namespace = match &args.netns {
        Some(name) => Namespace::named(name)?,
        None => Namespace::of_this_process()?,
    };
    let policies = policies(&args);
    let mut changes = Changes::new(&namespace);
    set_up(&args, &mut changes)?;
    if !policies.is_empty() {
        take_over(&namespace, &mut changes)?;
    } else if !args.path.is_empty() {
        leave_to_kernel(&args, &mut changes)?;
    }
    let mut manager = Manager::new(&namespace, policies, args.statistics)?;
    let mut trouble = Ok(());
    let mut tell = |now, told: Told<'_>| {
        if trouble.is_ok() {
            trouble = args.print(now, told);
        }
    };
    let is_over = |now: Instant| args.seconds.is_some_and(|seconds| now.as_secs_f64() >= seconds);
    let mut step = || -> Result<()> {
        while !interrupted.load(Ordering::Relaxed) && !is_over(manager.now()) {
            manager.step(&mut tell)?;
        }
        Ok(())
    };
    step()?;
    manager.end(&mut tell);
    trouble?;
    Ok(ExitCode::SUCCESS)
}

/// None if the kernel itself is to give connections their paths.
fn policies(args: &Args) -> Vec<Box<dyn Policy>> {
    let addresses = || args.path.iter().map(|path| path.ip).collect::<Vec<_>>();
    let mut policies: Vec<Box<dyn Policy>> = vec![];
    if !args.announce.is_empty() {
        policies.push(Box::new(Announce::new(args.announce.clone())));
    }
    if let Some(limit) = args.rtt_limit {
        policies.push(Box::new(RttLimit::new(limit)));
    }
    if let Some(mbps) = args.needed {
        policies.push(Box::new(Best::new(mbps, addresses())));
    }
    if args.reopen {
        policies.push(Box::new(Reset::new(addresses())));
    }
    if let Some((count, every)) = args.refresh {
        policies.push(Box::new(Refresh::new(count, every, addresses())));
    }
    // Those that say how many there are open subflows themselves.
    let joins = args.needed.is_none() && args.refresh.is_none() && !args.path.is_empty();
    if joins && !policies.is_empty() {
        policies.push(Box::new(Join::new(addresses())));
    }
    policies
}

/// Packets of each path go by its own device.
fn set_up(args: &Args, changes: &mut Changes<'_>) -> Result<()> {
    for (table, PathArg { ip, device, gateway }) in (FIRST_TABLE..).zip(&args.path) {
        if let Some(device) = device.clone() {
            let route = SourceRoute { from: *ip, device, gateway: *gateway, table };
            changes.add_source_route(&route).with_context(|| format!("--path {ip}"))?;
        }
    }
    Ok(())
}

/// An endpoint a path.
fn leave_to_kernel(args: &Args, changes: &mut Changes<'_>) -> Result<()> {
    let subflows = u32::try_from(args.path.len()).expect("few");
    changes.set_limits(Limits { add_addr_accepted: subflows, subflows })?;
    for PathArg { ip, .. } in &args.path {
        let endpoint = Endpoint::new(*ip).with_flags(EndpointFlags::subflow());
        changes.add_endpoint(endpoint)?;
    }
    Ok(())
}

/// New connections are ours from now on, until the changes are taken back.
fn take_over(namespace: &Namespace, changes: &mut Changes<'_>) -> Result<()> {
    if namespace.get(WHO).is_ok() {
        return changes.set(WHO, "userspace");
    }
    let taken = changes.set(WHO_BEFORE, "1");
    taken.context("the kernel lets nobody else manage paths (Linux 5.19 or later does)")
}

impl Args {
    fn print(&self, now: Instant, told: Told<'_>) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            let told = match told {
                Told::Event(event) => Content::Event(event),
                Told::Asked(request) => Content::Request(request),
                Told::Statistics(_) if !self.statistics => return Ok(()),
                Told::Statistics(statistics) => Content::Statistics { statistics },
                Told::Trouble(error) => Content::Trouble { trouble: format!("{error:#}") },
            };
            let line = Line { time_s: now.as_nanos() as f64 / 1e9, told };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
            return Ok(());
        }
        let time_s = now.as_secs_f64();
        match told {
            Told::Event(event) => writeln!(out, "{time_s:10.3} s  {}", sentence(event))?,
            Told::Asked(request) => writeln!(out, "{time_s:10.3} s  -> {request}")?,
            Told::Statistics(subflows) if self.statistics => {
                for SubflowStatistics { token, path, backup, tcp, .. } in subflows {
                    let Token(token) = token;
                    let (srtt, backup) = (tcp.srtt, if *backup { ", backup" } else { "" });
                    writeln!(
                        out,
                        "{time_s:10.3} s  {token:08x} {path}: srtt {srtt:.1?}, cwnd {} of {} B{backup}",
                        tcp.cwnd, tcp.mss
                    )?;
                }
            }
            Told::Statistics(_) => {}
            Told::Trouble(error) => writeln!(out, "{time_s:10.3} s  !! {error:#}")?,
        }
        Ok(())
    }
}

fn sentence(event: &Event) -> String {
    let of = |token: &Token| format!("{:08x}", token.0);
    let subflow = |token: &Token, Subflow { path, backup, .. }: &Subflow| {
        format!("{} {path}{}", of(token), if *backup { ", backup" } else { "" })
    };
    match event {
        Event::Created { token, path, server_side } => {
            let side = if *server_side { "accepted" } else { "opened" };
            format!("{} {path}: {side}", of(token))
        }
        Event::Established { token, path, .. } => format!("{} {path}: established", of(token)),
        Event::Closed { token } => format!("{} closed", of(token)),
        Event::Announced { token, remote_id, address } => {
            format!("{} the peer announces address {remote_id}, {address}", of(token))
        }
        Event::Removed { token, remote_id } => {
            format!("{} the peer takes back address {remote_id}", of(token))
        }
        Event::SubflowEstablished { token, subflow: it } => {
            format!("{}: subflow established", subflow(token, it))
        }
        Event::SubflowClosed { token, subflow: it, closing } => {
            let error = closing.error.map(|error| io::Error::from_raw_os_error(error.into()));
            let why = error.map_or_else(String::new, |error| format!(": {error}"));
            format!("{}: subflow closed{why}", subflow(token, it))
        }
        Event::SubflowPriority { token, subflow: it } => {
            format!("{}: the peer has changed its priority", subflow(token, it))
        }
        Event::ListenerCreated { address } => format!("{address}: listens"),
        Event::ListenerClosed { address } => format!("{address}: listens no more"),
    }
}

fn parse_path(text: &str) -> Result<PathArg> {
    let mut parts = text.split(',');
    let ip = parts.next().unwrap_or_default();
    let ip = ip.parse().with_context(|| format!("'{ip}' is no IP address"))?;
    let device = parts.next().map(str::to_owned);
    let gateway = parts.next().map(|gateway| {
        gateway.parse().with_context(|| format!("the gateway '{gateway}' is no IP address"))
    });
    ensure!(parts.next().is_none(), "there is more than IP,DEVICE,GATEWAY");
    Ok(PathArg { ip, device, gateway: gateway.transpose()? })
}

fn parse_milliseconds(text: &str) -> Result<Duration> {
    match text.parse() {
        Ok(ms @ 1..=600_000) => Ok(Duration::from_millis(ms)),
        _ => bail!("not a number of milliseconds from 1 to 600000"),
    }
}

fn parse_mbps(text: &str) -> Result<f64> {
    match text.parse() {
        Ok(mbps) if mbps > 0.0 && mbps < 1e6 => Ok(mbps),
        _ => bail!("not a number of Mbit/s"),
    }
}

fn parse_refresh(text: &str) -> Result<(usize, Duration)> {
    let (count, seconds) = text.split_once(',').context("not COUNT,SECONDS")?;
    let (count, seconds) = (count.parse()?, seconds.parse()?);
    ensure!((1..=8).contains(&count), "a connection has 1 to 8 subflows");
    ensure!((2..=86_400).contains(&seconds), "not a number of seconds from 2 to 86400");
    Ok((count, Duration::from_secs(seconds)))
}
