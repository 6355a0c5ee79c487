#![cfg(target_os = "linux")]
//! An AP and a station as two processes over simulated air, with the kernel's TCP between them. Needs
//! root, `/dev/net/tun`, iproute2 and iperf3, and says so where it skips.
//!
//! The air goes in lockstep, so that nothing is late however busy the machine is: time is only slower
//! then.

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::tell;
use serde_json::Value;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A network namespace with a name, which goes when this does.
struct Netns(String);

impl Netns {
    fn new(who: &str) -> Result<Self, String> {
        let name = format!("ackride-{who}-{}", std::process::id());
        match ip(&["netns", "add", &name]) {
            Ok(output) if output.status.success() => Ok(Self(name)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(format!("needs iproute2: {error}")),
        }
    }

    fn interfaces(&self) -> String {
        let output = ip(&["-n", &self.0, "-o", "link"]).unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn run(&self, command: &[&str]) -> Output {
        ip(&[&["netns", "exec", &self.0], command].concat()).unwrap()
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        let _ = ip(&["netns", "delete", &self.0]);
    }
}

fn ip(args: &[&str]) -> std::io::Result<Output> {
    Command::new("ip").args(args).output()
}

/// A process of `ackride` and the lines that it prints.
struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Process {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ackride"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = collect(child.stdout.take().unwrap());
        let errors = collect(child.stderr.take().unwrap());
        Self { child, lines, errors }
    }

    /// The last status line.
    fn status(&self) -> Option<Value> {
        let lines = self.lines.lock().unwrap();
        lines.last().and_then(|line| serde_json::from_str(line).ok())
    }

    fn has_said(&self, text: &str) -> bool {
        self.errors.lock().unwrap().iter().any(|line| line.contains(text))
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.complaints());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn complaints(&self) -> String {
        self.errors.lock().unwrap().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(from: impl std::io::Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::new(Mutex::new(vec![]));
    let into = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            into.lock().unwrap().push(line);
        }
    });
    lines
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What all tests here need.
struct Scene {
    folder: tempfile::TempDir,
    ap: Netns,
    station: Netns,
    /// Given up last: the names of the namespaces are free then.
    _alone: MutexGuard<'static, ()>,
}

impl Scene {
    /// The scene, or the reason why there is none.
    fn new() -> Result<Self, String> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        if !Path::new("/dev/net/tun").exists() {
            return Err("there is no /dev/net/tun".into());
        }
        if Command::new("iperf3").arg("--version").output().is_err() {
            return Err("needs iperf3".into());
        }
        let (ap, station) = (Netns::new("ap")?, Netns::new("sta")?);
        Ok(Self { folder: tempfile::tempdir().unwrap(), ap, station, _alone: alone })
    }

    fn socket(&self) -> String {
        format!("unix:{}", self.folder.path().join("air").display())
    }

    fn air(&self) -> Process {
        let listen = self.socket();
        let args = ["--rate", "5M", "--block", "500", "--lockstep", "--speed", "1"];
        let air = Process::start(&[&["air", "--listen", &listen], &args[..]].concat());
        wait_until("the air", || !air.lines.lock().unwrap().is_empty());
        air
    }

    fn config(&self, who: &str, netns: &Netns, address: &str, more: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{who}.toml"));
        let text = format!(
            "ssid = \"test\"\nbandwidth_mhz = 5\nrate = \"mcs5\"\nradio = \"air:{}\"\n\
             interface = \"air0\"\naddress = [\"{address}/24\"]\nnetns = \"{}\"\n{more}",
            self.socket(),
            netns.0
        );
        fs::write(&path, text).unwrap();
        path
    }

    /// An AP and a station of it, once they are associated.
    fn network(&self) -> [Process; 2] {
        let hack = "hack = { policy = \"adaptive\" }\n";
        let with_beacons = format!("beacon_int = 50\n{hack}");
        let ap = self.config("ap", &self.ap, "10.77.0.1", &with_beacons);
        let station = self.config("sta", &self.station, "10.77.0.2", &with_beacons);
        let start =
            |command, path: &Path| Process::start(&[command, path.to_str().unwrap(), "--json"]);
        let both = [start("ap", &ap), start("sta", &station)];
        wait_until("the association", || both.iter().all(|one| one.has_said("associated with")));
        both
    }

    fn assert_no_interfaces(&self) {
        for netns in [&self.ap, &self.station] {
            assert!(!netns.interfaces().contains("air0"), "{}", netns.interfaces());
        }
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn the_kernels_tcp_downloads_over_the_air_and_its_acks_ride() {
    let scene = match Scene::new() {
        Ok(scene) => scene,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let air = scene.air();
    let [mut ap, mut station] = scene.network();
    assert!(scene.station.interfaces().contains("air0"));

    let server = ["ip", "netns", "exec", &scene.ap.0, "iperf3", "-s", "-1"];
    let mut server =
        Command::new(server[0]).args(&server[1..]).stdout(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    let client = ["iperf3", "-c", "10.77.0.1", "-R", "-t", "4", "-J"];
    let output = scene.station.run(&client);
    let _ = server.kill();
    let _ = server.wait();
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON of iperf3");
    let mbps = 1e-6 * number(&report["end"]["sum_received"]["bits_per_second"]);

    for process in [&station, &ap] {
        process.signal("-INT");
    }
    for process in [&mut station, &mut ap] {
        assert!(process.wait().success(), "{}", process.complaints());
    }
    let [at_ap, at_station] = [&ap, &station].map(|process| process.status().unwrap());
    tell(&format!(
        "{mbps:.2} Mbit/s by the wall clock; {} rides with {} ACKs",
        at_station["hack"]["rides"], at_ap["hack"]["delivered"]
    ));
    assert!(mbps > 0.1, "{report:#}");
    assert!(number(&at_station["hack"]["rides"]) > 10.0, "{at_station:#}");
    assert!(number(&at_ap["hack"]["delivered"]) > 10.0, "{at_ap:#}");
    for status in [&at_ap, &at_station] {
        for (what, count) in status["trouble"].as_object().unwrap() {
            assert_eq!(number(count), 0.0, "{what}: {status:#}");
        }
    }
    scene.assert_no_interfaces();
    drop(air);
}

#[test]
fn whoever_vanishes_is_missed_and_nothing_is_left_behind() {
    let scene = match Scene::new() {
        Ok(scene) => scene,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let air = scene.air();
    let [ap, station] = scene.network();
    // The AP is killed: its interface goes with it, and the station looks for another one.
    ap.signal("-KILL");
    drop(ap);
    wait_until("the loss of the AP", || station.has_said("no longer associated"));
    assert!(!scene.ap.interfaces().contains("air0"));
    drop(station);
    let [mut ap, mut station] = scene.network();
    // The air ends: both end with an error that says so.
    air.signal("-KILL");
    for process in [&mut ap, &mut station] {
        assert_eq!(process.wait().code(), Some(1), "{}", process.complaints());
        assert!(process.has_said("the air has ended"), "{}", process.complaints());
    }
    scene.assert_no_interfaces();
}

#[test]
fn a_radio_that_stops_is_an_error_and_nothing_is_left_behind() {
    let scene = match Scene::new() {
        Ok(scene) => scene,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let air = scene.air();
    let [mut ap, mut station] = scene.network();
    air.signal("-STOP");
    for process in [&mut ap, &mut station] {
        assert_eq!(process.wait().code(), Some(1), "{}", process.complaints());
        let told =
            process.has_said("has delivered no samples") || process.has_said("has taken nothing");
        assert!(told, "{}", process.complaints());
    }
    scene.assert_no_interfaces();
}

#[test]
fn a_monitor_shows_frames_and_keeps_the_last_that_its_filter_means() {
    let scene = match Scene::new() {
        Ok(scene) => scene,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let _air = scene.air();
    let path = |name: &str| scene.folder.path().join(name).to_str().unwrap().to_owned();
    let config = scene.config("monitor", &scene.ap, "10.77.0.9", "");
    let (config, pcap, iq) = (config.to_str().unwrap(), path("all.pcapng"), path("iq"));
    let args = ["--json", "--pcap", &pcap, "--iq", &iq, "--filter", "kind=beacon", "--keep", "3"];
    let mut monitor = Process::start(&[&["monitor", config], &args[..]].concat());
    let _network = scene.network();
    wait_until("frames", || monitor.lines.lock().unwrap().len() > 20);
    monitor.signal("-INT");
    assert!(monitor.wait().success(), "{}", monitor.complaints());
    assert!(monitor.has_said("recordings written, 0 lost"), "{}", monitor.complaints());
    let shown = monitor.lines.lock().unwrap().len();
    let in_pcap = fs::read(&pcap).unwrap();
    assert!(in_pcap.len() > 20 * shown, "{shown} frames in {} bytes", in_pcap.len());

    let recordings = fs::read_dir(&iq).unwrap().map(|entry| entry.unwrap().path());
    let recordings: Vec<_> =
        recordings.filter(|path| path.extension().is_some_and(|end| end == "sigmf-meta")).collect();
    assert_eq!(recordings.len(), 3);
    for recording in recordings {
        let frames = common::frames([recording.to_str().unwrap()]);
        let beacon =
            |frame: &Value| frame["psdu_hex"].as_str().is_some_and(|psdu| psdu.starts_with("80"));
        assert!(frames.iter().any(beacon), "{frames:?}");
    }
}

#[test]
fn a_full_disk_costs_recordings_and_is_told() {
    let scene = match Scene::new() {
        Ok(scene) => scene,
        Err(reason) => return tell(&format!("skipped: {reason}")),
    };
    let _air = scene.air();
    let config = scene.config("monitor", &scene.ap, "10.77.0.9", "");
    let _network = scene.network();
    let small = scene.folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=100k none {0} && exec {1} monitor {2} --quiet --seconds 3 \
         --pcap {0}/a.pcapng --iq {0} --filter kind=beacon --keep 100",
        small.display(),
        env!("CARGO_BIN_EXE_ackride"),
        config.display(),
    );
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("an excerpt was not written"), "{complaint}");
    assert!(complaint.contains("recordings written, "), "{complaint}");
}

#[test]
fn what_cannot_work_is_told_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    for (text, word) in [
        ("radio = \"air:unix:/nowhere/at/all\"", "no air is to be had there"),
        ("radio = \"warp:9\"", "air:unix:PATH"),
        ("ssid = \"x\"", "radio"),
        ("radio = \"air:unix:a\"\nbandwith_mhz = 5", "bandwith_mhz"),
        ("radio = \"air:unix:a\"\nbandwidth_mhz = 7", "bandwidth_mhz is 5, 10, 20 or 40"),
        ("radio = \"air:unix:a\"\naddress = [\"10.0.0.1\"]", "10.77.0.1/24"),
    ] {
        fs::write(&path, text).unwrap();
        for command in ["ap", "sta"] {
            let output = common::ackride([command, path.to_str().unwrap()]);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{text}: {complaint}");
            assert!(complaint.contains(word), "{text}: {complaint}");
        }
    }
}
