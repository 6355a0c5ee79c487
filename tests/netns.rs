#![cfg(target_os = "linux")]
//! Programs of this machine over a simulated network. Needs root, `/dev/net/tun`, iproute2 and
//! iperf3, and says so where it skips.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::{ackride, tell};
use serde_json::Value;

/// On a machine that is too busy for real time there is no saying what is wrong; so often we try.
const ATTEMPTS: u32 = 4;
/// Up to this share of events that are a millisecond late, the network was in time.
const LATE: f64 = 1e-3;

/// Nobody else uses the machine for real time, or the reason why it cannot be used.
fn alone() -> Result<MutexGuard<'static, ()>, String> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let output = ackride(["netns", "bss-11n", "--start", "0", "--run", "client=true"]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let reasons = ["no network namespace", "/dev/net/tun", "install iproute2"];
    if reasons.iter().any(|reason| complaint.contains(reason)) {
        return Err(complaint);
    }
    assert!(output.status.success(), "{complaint}");
    if Command::new("iperf3").arg("--version").output().is_err() {
        return Err("needs iperf3".into());
    }
    Ok(alone)
}

/// The report of a run, with arguments after the scenario.
fn run(scenario: &[&str], host_args: &[&str]) -> Value {
    let output = ackride([&["netns"], scenario, host_args, &["--json"]].concat());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn the_kernels_tcp_is_as_fast_as_ours() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    for attempt in 1..=ATTEMPTS {
        let report = run(
            &["bss-11n"],
            &[
                "--background=server=iperf3 -s -1",
                "--run=client=iperf3 -c server -R -C cubic -t 8",
                "--compare",
            ],
        );
        let flows = report["flows"].as_array().unwrap();
        let bulk = flows.iter().find(|flow| flow["built_in_mbps"].is_f64()).expect("a download");
        let (kernels, ours) = (number(&bulk["goodput_mbps"]), number(&bulk["built_in_mbps"]));
        let late = number(&report["lateness"]["late_fraction"]);
        tell(&format!(
            "kernel {kernels:.2} Mbit/s, built-in {ours:.2}, late {:.3} %",
            100.0 * late
        ));
        if (kernels / ours - 1.0).abs() < 0.05 && late < LATE {
            return;
        }
        assert!(late >= LATE, "{report:#}");
        if attempt == ATTEMPTS {
            tell("skipped: the machine is too busy for real time");
        }
    }
}

/// Counters of the kernel that sends, from its namespace.
const SPURIOUS: [&str; 6] = [
    "TcpExtTCPSpuriousRTOs",
    "TcpExtTCPDSACKRecv",
    "TcpExtTCPDSACKUndo",
    "TcpExtTCPFullUndo",
    "TcpExtTCPLossUndo",
    "TcpExtTCPTimeouts",
];

#[test]
fn the_kernels_acks_ride_and_nothing_is_sent_again_because_of_it() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let folder = tempfile::tempdir().unwrap();
    let counters = folder.path().join("counters");
    let (names, file) = (SPURIOUS.join(" "), counters.display());
    let server = format!("--background=server=iperf3 -s -1; nstat -asz {names} > {file}");
    let client = "--run=client=iperf3 -c server -R -C cubic -t 4";
    for attempt in 1..=ATTEMPTS {
        let report = run(&["bss-11n", "--hack", "adaptive"], &[&server, client]);
        let (goodput, hack) = (number(&report["goodput_mbps"]), &report["hack"]);
        let late = number(&report["lateness"]["late_fraction"]);
        tell(&format!("with HACK {goodput:.2} Mbit/s, late {:.3} %", 100.0 * late));
        if late >= LATE {
            if attempt == ATTEMPTS {
                tell("skipped: the machine is too busy for real time");
            }
            continue;
        }
        assert!(goodput > 120.0, "{report:#}");
        assert!(number(&hack["confirmed"]) > 1000.0 && hack["gaps"] == 0, "{report:#}");
        let counted = fs::read_to_string(&counters).unwrap();
        for name in SPURIOUS {
            let line = counted.lines().find(|line| line.starts_with(name)).expect(name);
            let count = line.split_whitespace().nth(1).expect("a count");
            assert_eq!(count, "0", "{counted}");
        }
        return;
    }
}

#[test]
fn all_clients_run_what_their_common_name_is_told_to() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let server = "--background=server=iperf3 -s -1 -p 5001 & iperf3 -s -1 -p 5002; wait";
    let client = "--run=client=iperf3 -u -b 5M -t 1 -c server -p 500${ACKRIDE_HOST#client}";
    let report = run(&["bss-11n", "--clients", "2"], &[server, client]);
    let flows = report["flows"].as_array().unwrap();
    for port in [":5001", ":5002"] {
        let uploads: Vec<&Value> = flows
            .iter()
            .filter(|flow| {
                flow["protocol"] == "udp" && flow["to"].as_str().unwrap().ends_with(port)
            })
            .collect();
        let [upload] = uploads[..] else { panic!("{report:#}") };
        let goodput = number(&upload["goodput_mbps"]);
        assert!((4.5..5.5).contains(&goodput), "{report:#}");
    }
    let programs = report["programs"].as_array().unwrap();
    assert_eq!(programs.len(), 3);
    assert!(programs.iter().all(|program| program["exit_code"] == 0), "{report:#}");
}

/// Two APs in two channels and a client of both.
const TWO_APS: &str = r#"
duration = "10 s"
[[node]]
name = "ap1"
role = "ap"
standard = "802.11a"
bandwidth_mhz = 20
channel = 40
rate = "48 Mbit/s"
queue = 64
[[node]]
name = "ap2"
role = "ap"
standard = "802.11a"
bandwidth_mhz = 20
channel = 44
rate = "48 Mbit/s"
queue = 64
[[node]]
name = "client"
role = "multi-station"
standard = "802.11a"
bandwidth_mhz = 20
rate = "48 Mbit/s"
position_m = [5, 0]
[[wire]]
host = "server"
node = "ap1"
rate_mbps = 1000
delay = "1 ms"
queue = 1000
[[wire]]
host = "server"
node = "ap2"
rate_mbps = 1000
delay = "1 ms"
queue = 1000
[[udp]]
from = "server"
to = "client"
rate_mbps = 1
"#;

const ALLOWED: &str = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

#[test]
fn mptcp_uses_both_aps_of_a_client_and_the_machine_is_as_before() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    if Command::new("mptcpize").arg("--help").output().is_err() {
        return tell("skipped: needs mptcpize");
    }
    if !Path::new("/proc/sys/net/mptcp/enabled").exists() {
        return tell("skipped: needs MPTCP");
    }
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("two-aps.toml");
    fs::write(&scenario, TWO_APS).unwrap();
    let allowed = fs::read_to_string(ALLOWED).ok();
    let report = run(
        &[scenario.to_str().unwrap()],
        &[
            "--sysctl=net.ipv4.tcp_congestion_control=cubic",
            "--background=server=mptcpize run iperf3 -s -1",
            "--run=client=mptcpize run iperf3 -c server -R -t 4",
        ],
    );
    assert_eq!(fs::read_to_string(ALLOWED).ok(), allowed);
    let flows = report["flows"].as_array().unwrap();
    // Of two paths that are equally good either may become the backup, and then carries no more.
    let used = flows.iter().filter(|flow| number(&flow["bytes"]) > 1e4).count();
    assert!(used == 2 && number(&report["goodput_mbps"]) > 12.0, "{report:#}");
    let paths = report["paths"].as_array().unwrap();
    let joined = paths.iter().filter(|path| path["change"] == "joined").count();
    assert!(joined == 2 && paths.iter().all(|path| path["trouble"].is_null()), "{report:#}");
}

#[test]
fn interrupted_it_takes_all_that_it_has_started_with_it() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    // What a shell starts in the background has to go as well.
    let sleeper =
        format!("client=sleep 60 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
    let allowed = fs::read_to_string(ALLOWED).ok();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackride"))
        .args(["netns", "bss-11n", "--start", "0", "--run", &sleeper])
        .args(["--sysctl", "net.ipv4.tcp_congestion_control=cubic"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !file.exists() {
        assert!(Instant::now() < deadline, "the program has not started");
        thread::sleep(Duration::from_millis(10));
    }
    let pid = fs::read_to_string(&file).unwrap();
    assert!(runs(pid.trim()));
    let kill = Command::new("kill").arg(command.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(command.wait().unwrap().code(), Some(1));
    assert!(!runs(pid.trim()), "{pid} is still there");
    assert_eq!(fs::read_to_string(ALLOWED).ok(), allowed);
}

/// Whether there is such a process, and not only a zombie that its new parent has yet to bury.
fn runs(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid).join("status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

#[test]
fn a_host_that_is_not_in_the_scenario_is_told_with_those_that_are() {
    let output = ackride(["netns", "bss-11n", "--clients", "2", "--run", "clint=true"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("--run: there is no host 'clint'"), "{complaint}");
    assert!(complaint.contains("client, client1, client2, server"), "{complaint}");
}

#[test]
fn a_program_that_fails_is_told_and_is_a_failure() {
    let _alone = match alone() {
        Ok(alone) => alone,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let output = ackride(["netns", "bss-11n", "--start", "0", "--run", "client=echo so; exit 3"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("client: so\n"), "{text}");
    assert!(text.contains("client: its program failed with exit code 3"), "{text}");
}
