#![cfg(target_os = "linux")]
//! Paths for the MPTCP of a network namespace. Needs root, MPTCP and iproute2, and says so where it
//! skips.

mod common;

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{ackride, tell};

/// A network namespace that goes with the test.
struct Namespace(String);

impl Namespace {
    /// Or why there is none.
    fn new(name: &str) -> Result<Self, String> {
        let name = format!("ackride-{name}-{}", std::process::id());
        if !run(&["ip", "netns", "add", &name]) {
            return Err("needs root and iproute2".into());
        }
        let namespace = Self(name);
        let addresses = ["10.77.1.2", "10.77.2.2"];
        let ready = addresses.iter().all(|ip| namespace.ip(&["addr", "add", ip, "dev", "lo"]));
        if ready && namespace.ip(&["link", "set", "lo", "up"]) && namespace.ip(&["mptcp", "limits"])
        {
            Ok(namespace)
        } else {
            Err("needs MPTCP".into())
        }
    }

    fn ip(&self, args: &[&str]) -> bool {
        run(&[&["ip", "-n", &self.0], args].concat())
    }

    /// All that is set in it of paths.
    fn state(&self) -> String {
        let commands: [&[&str]; 4] = [
            &["mptcp", "endpoint"],
            &["mptcp", "limits"],
            &["rule"],
            &["route", "show", "table", "all"],
        ];
        let output = |args: &&[&str]| {
            let output = Command::new("ip").args(["-n", &self.0]).args(*args).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        commands.iter().map(output).collect()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        run(&["ip", "netns", "del", &self.0]);
    }
}

fn run(command: &[&str]) -> bool {
    let mut run = Command::new(command[0]);
    run.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    run.status().is_ok_and(|status| status.success())
}

#[test]
fn interrupted_it_takes_back_all_that_it_has_set() {
    let namespace = match Namespace::new("paths") {
        Ok(namespace) => namespace,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let before = namespace.state();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackride"))
        .args(["mptcp", "--netns", &namespace.0])
        .args(["--path", "10.77.1.2,lo", "--path", "10.77.2.2,lo"])
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_set = |state: &str| {
        state.contains("10.77.2.2 id 2 subflow") && state.contains("from 10.77.2.2 lookup")
    };
    while !is_set(&namespace.state()) {
        assert!(Instant::now() < deadline, "{}", namespace.state());
        thread::sleep(Duration::from_millis(10));
    }
    assert!(run(&["kill", &command.id().to_string()]));
    assert!(command.wait().unwrap().success());
    assert_eq!(namespace.state(), before);
}

#[test]
fn what_cannot_be_set_is_told_and_what_was_set_before_is_taken_back() {
    let namespace = match Namespace::new("nodevice") {
        Ok(namespace) => namespace,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let before = namespace.state();
    let paths = ["--path", "10.77.1.2,lo", "--path", "10.77.2.2,wlan7"];
    let output = ackride([&["mptcp", "--netns", &namespace.0], &paths[..]].concat());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("--path 10.77.2.2") && complaint.contains("wlan7"), "{complaint}");
    assert_eq!(namespace.state(), before);
}

#[test]
fn a_namespace_that_is_not_there_is_told_by_its_name() {
    let output = ackride(["mptcp", "--netns", "no-such-place"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("no network namespace 'no-such-place'"), "{complaint}");
}
