//! `ackride`: 802.11a/n on samples and in virtual time. Decodes recordings, makes waveforms, replays
//! captures, measures the receiver and simulates networks.

#[cfg(target_os = "linux")]
mod air;
mod bandwidth_key;
mod bench;
mod data_frame;
mod decode;
mod encode;
#[cfg(target_os = "linux")]
mod host;
mod interrupted;
mod letters;
#[cfg(target_os = "linux")]
mod live;
mod pcap;
mod per;
mod realtime;
mod replay;
mod report;
mod reproduce;
mod rohc;
mod simulate;
mod units;
mod whole_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    version,
    about = "802.11a/n: decode recordings, make waveforms, replay captures, simulate networks"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find the Wi-Fi frames in recordings and say what is in them.
    Decode(decode::Args),
    /// Make a recording of Wi-Fi frames, and a list of what is in it.
    Encode(encode::Args),
    /// Decode recordings and compare with the frames that are known to be in them.
    Replay(replay::Args),
    /// Measure the packet error rate against the signal-to-noise ratio.
    Per(per::Args),
    /// Measure how fast this machine receives, and whether it could answer in time.
    Bench(bench::Args),
    /// Show what header compression makes of a trace of TCP ACKs.
    Rohc(rohc::Args),
    /// Run a network in virtual time, and tell what came of it.
    Sim(simulate::Args),
    /// Measure what the papers' figures and tables show, and compare.
    Reproduce(reproduce::Args),
    /// Serve simulated air: radios of several processes that hear one another's samples.
    #[cfg(target_os = "linux")]
    Air(air::Args),
    /// Be an access point: on a radio, in real time, with the kernel's network behind.
    #[cfg(target_os = "linux")]
    Ap(live::ApArgs),
    /// Be a station of one.
    #[cfg(target_os = "linux")]
    Sta(live::StaArgs),
    /// Show the frames that a radio receives, and record them.
    #[cfg(target_os = "linux")]
    Monitor(live::MonitorArgs),
    /// Run programs over a simulated network, each host in a network namespace of its own.
    #[cfg(target_os = "linux")]
    Netns(host::Args),
    /// Watch the MPTCP connections of this machine, and manage their paths by a policy.
    #[cfg(target_os = "linux")]
    Mptcp(host::mptcp::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Decode(args) => decode::run(args),
        Command::Encode(args) => encode::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Per(args) => per::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Rohc(args) => rohc::run(args),
        Command::Sim(args) => simulate::run(args),
        Command::Reproduce(args) => reproduce::run(args),
        #[cfg(target_os = "linux")]
        Command::Air(args) => air::run(args),
        #[cfg(target_os = "linux")]
        Command::Ap(args) => live::run_ap(args),
        #[cfg(target_os = "linux")]
        Command::Sta(args) => live::run_sta(args),
        #[cfg(target_os = "linux")]
        Command::Monitor(args) => live::run_monitor(args),
        #[cfg(target_os = "linux")]
        Command::Netns(args) => host::run(args),
        #[cfg(target_os = "linux")]
        Command::Mptcp(args) => host::mptcp::run(args),
    };
    match outcome {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(error) if interrupted::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ackride: {error:#}");
            ExitCode::FAILURE
        }
    }
}
