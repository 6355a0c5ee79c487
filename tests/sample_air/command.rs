//! The same from the command line: a scenario over samples, its recording, and what rides in it.

use std::fs;

use serde_json::Value;

use crate::common::{ackride, frames, stdout, tell};

/// A download over echoes with oscillators that are off.
const SCENARIO: &str = r#"
warm_up = "200 ms"
duration = "5 s"
until_done = true

[samples]
multipath_rms_ns = 50.0
oscillator_ppm = 5.0

[[node]]
name = "ap"
role = "ap"
standard = "802.11n"
bandwidth_mhz = 20
rate = "mcs4"
short_gi = true
hack = { policy = "adaptive" }

[[node]]
name = "client"
role = "station"
position_m = [6.0, 0.0]
standard = "802.11n"
bandwidth_mhz = 20
rate = "mcs4"
short_gi = true
hack = { policy = "adaptive" }

[[link]]
between = ["ap", "client"]
snr_db = 28.0

[[wire]]
host = "server"
node = "ap"
rate_mbps = 1000.0
delay = "2 ms"
queue = 1000

[[tcp]]
from = "server"
to = "client"
start = "250 ms"
bytes = 150000
"#;

#[test]
fn a_scenario_over_samples_is_recorded_and_its_rides_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, recording) = (folder.path().join("mine.toml"), folder.path().join("air"));
    fs::write(&scenario, SCENARIO).unwrap();
    let [scenario, record] = [&scenario, &recording].map(|path| path.to_str().unwrap());
    let report = stdout(["sim", scenario, "--samples", "--record", record, "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["runs"][0]["done"], true, "{report:#}");
    let delivered = report["hack"]["delivered"].as_u64().unwrap();
    assert!(delivered > 20, "{report:#}");

    let frames = frames([recording.with_extension("sigmf-meta")]);
    let rides: Vec<&Value> =
        frames.iter().map(|frame| &frame["ride"]).filter(|ride| !ride.is_null()).collect();
    let right = rides.iter().filter(|ride| ride["crc"] == "ok").count();
    let acks: u64 = rides.iter().filter_map(|ride| ride["new_acks"].as_u64()).sum();
    tell(&format!("{} rides, {right} with a right CRC, {acks} ACKs of {delivered}", rides.len()));
    assert!(rides.len() > 5 && right * 10 >= rides.len() * 9, "{rides:#?}");
    assert!(acks <= delivered && acks * 10 >= delivered * 9, "{acks} of {delivered}");

    let text = stdout(["decode", recording.with_extension("sigmf-meta").to_str().unwrap()]);
    assert!(text.contains("ACKs, CRC ok"), "{text}");
    // What is there already is not overwritten.
    let again = ackride(["sim", scenario, "--samples", "--record", record]);
    assert!(!again.status.success());
}

#[test]
fn samples_are_of_one_channel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.toml");
    let other = "[[node]]\nname = \"other\"\nrole = \"ap\"\nssid = \"other\"\nchannel = 44\n\
                 standard = \"802.11a\"\nbandwidth_mhz = 20\nrate = \"54 Mbit/s\"\n";
    fs::write(&path, format!("{SCENARIO}\n{other}")).unwrap();
    let output = ackride(["sim", path.to_str().unwrap(), "--samples"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("one channel, but \"other\""), "{error}");
}
