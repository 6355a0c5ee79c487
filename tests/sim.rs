//! Networks from end to end: what the command says of them, and near ns-3's figures.

mod common;

use std::fs::{self, File};
use std::time::Duration;

use common::{ackride, stdout};
use mac::fcs;
use mac::radiotap::Radiotap;
use pcap_file::pcapng::{Block, PcapNgReader};
use serde_json::Value;

/// The object that a run prints.
fn report(args: &[&str]) -> Value {
    let all = ["sim"].iter().chain(args).chain(&["--json"]);
    serde_json::from_str(&stdout(all)).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// Whether a figure is within a share of another.
fn near(value: &Value, expected: f64, share: f64) {
    let value = number(value);
    assert!((value / expected - 1.0).abs() < share, "{value} is not near {expected}");
}

/// When the packets of a pcapng file came.
fn packet_times(path: &str) -> Vec<Duration> {
    let mut reader = PcapNgReader::new(File::open(path).unwrap()).unwrap();
    let mut times = vec![];
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.unwrap() {
            let (header, len) = Radiotap::parse(&packet.data).unwrap();
            assert_eq!(header.tsft_us, Some(packet.timestamp.as_micros() as u64));
            assert!(fcs::is_right(&packet.data[len..]) || header.flags.unwrap().bad_fcs());
            times.push(packet.timestamp);
        }
    }
    times
}

/// What a run must fail with.
fn complaint(args: &[&str]) -> String {
    let output = ackride(["sim"].iter().chain(args));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{args:?}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn the_same_seeds_say_the_same_with_any_number_of_threads() {
    let run = |threads: &str| {
        let base = ["bss-11n", "--clients", "2", "--seeds", "3", "--duration", "0.3"];
        let mut report = report(&[&base[..], &["--threads", threads]].concat());
        let cpu = report.as_object_mut().unwrap().remove("cpu_s_per_sim_s");
        assert!(number(&cpu.unwrap()) > 0.0);
        report.to_string()
    };
    let one = run("1");
    assert_eq!(one, run("2"));
    assert_eq!(one, run("1"));
}

#[test]
fn an_802_11n_bss_is_as_fast_as_in_ns_3() {
    let udp = report(&["bss-11n", "--traffic", "udp", "--duration", "2"]);
    near(&udp["goodput_mbps"], 135.06, 0.005);
    near(&udp["mpdus_per_ampdu"], 42.0, 0.01);
    assert_eq!(number(&udp["retry_fraction"]), 0.0);
    let tcp = report(&["bss-11n", "--clients", "2", "--seeds", "2"]);
    near(&tcp["goodput_mbps"], 118.0, 0.05);
    near(&tcp["mpdus_per_ampdu"], 38.0, 0.08);
    near(&tcp["retry_fraction"], 0.063, 0.4);
    let stations = tcp["per_station"].as_array().unwrap();
    let sum: f64 = stations.iter().map(|station| number(&station["goodput_mbps"])).sum();
    near(&tcp["goodput_mbps"], sum, 1e-9);
    let airtime = tcp["airtime"].as_object().unwrap();
    let whole: f64 = airtime.values().map(number).sum();
    assert!((whole - 1.0).abs() < 1e-9 && airtime.len() == 5, "{airtime:?}");
}

#[test]
fn an_802_11a_ibss_is_as_fast_as_in_ns_3() {
    let udp = report(&["ibss-11a", "--traffic", "udp"]);
    near(&udp["goodput_mbps"], 29.93, 0.005);
    let tcp = report(&["ibss-11a"]);
    near(&tcp["goodput_mbps"], 25.0, 0.03);
    near(&tcp["retry_fraction"], 0.037, 0.4);
}

/// Of the room from what TCP has natively up to what datagrams have, less their smaller headers.
#[test]
fn acks_that_ride_take_most_of_the_room() {
    let dot11n = report(&["bss-11n", "--hack", "adaptive", "--clients", "2"]);
    let room = (number(&dot11n["goodput_mbps"]) - 118.0) / (134.2 - 118.0);
    assert!(room > 0.9, "{room}");
    let dot11a = report(&["ibss-11a", "--hack", "adaptive", "--clients", "2"]);
    let room = (number(&dot11a["goodput_mbps"]) - 25.1) / (29.7 - 25.1);
    assert!(room > 0.95, "{room}");
    for (report, bytes_per_ack) in [(&dot11n, 0.2), (&dot11a, 3.0)] {
        let (all, ap, client) =
            (&report["hack"], &report["nodes"][0]["hack"], &report["nodes"][1]["hack"]);
        near(&all["bytes_per_ack"], bytes_per_ack, 0.2);
        assert_eq!(all["fit_aifs_fraction"], 1.0);
        assert!(number(&all["native"]) * 100.0 < number(&all["held"]), "{all}");
        assert_eq!([&ap["held"], &client["rides_received"], &all["gaps"]], [0; 3], "{report}");
        assert!(number(&client["confirmed"]) > 1000.0, "{client}");
    }
}

/// Fewer ACKs take most of the room in 802.11a, and hardly any in 802.11n, where a batch of ACKs
/// costs as much as one; there reverse direction saves the contention.
#[test]
fn rivals_of_hack_take_less_of_the_room() {
    let goodput = |args: &[&str]| number(&report(args)["goodput_mbps"]);
    let (thin, hack) =
        (goodput(&["ibss-11a", "--thin", "12"]), goodput(&["ibss-11a", "--hack", "adaptive"]));
    assert!((28.0..hack).contains(&thin), "{thin} {hack}");
    let both = report(&["ibss-11a", "--thin", "12", "--hack", "adaptive"]);
    assert!(number(&both["goodput_mbps"]) > 29.0, "{both}");
    assert!(number(&both["nodes"][1]["acks_thinned_per_s"]) > 100.0, "{both}");
    let two = ["bss-11n", "--clients", "2"];
    let native = goodput(&two);
    let reverse = goodput(&[&two[..], &["--rdg"]].concat());
    let hack = goodput(&[&two[..], &["--hack", "adaptive"]].concat());
    assert!(native + 2.0 < reverse && reverse < hack, "{native} {reverse} {hack}");
}

#[test]
fn downloads_end_and_are_slower_on_the_waterfall() {
    let strong = report(&["lossy-11n", "--mcs", "3", "--snr", "20"]);
    near(&strong["goodput_mbps"], 45.6, 0.07);
    assert_eq!(strong["runs"][0]["done"], true);
    let weak = report(&["lossy-11n", "--mcs", "3", "--snr", "9"]);
    let plateau = number(&strong["goodput_mbps"]);
    assert!((0.3..0.8).contains(&(number(&weak["goodput_mbps"]) / plateau)), "{weak}");
}

#[test]
fn hidden_senders_starve_each_other() {
    let attempts = |attempts: &str| {
        let base = ["hidden-aps", "--traffic", "udp", "--ap2-every", "100 ms"];
        let report = report(&[&base[..], &["--attempts", attempts, "--duration", "40"]].concat());
        number(&report["nodes"][1]["loss_fraction"])
    };
    let (four, seven) = (attempts("4"), attempts("7"));
    assert!((four - 0.885).abs() < 0.07, "{four}");
    assert!((seven - 0.53).abs() < 0.09, "{seven}");
    let sensed = report(&["cs-aps", "--traffic", "udp", "--rate", "6", "--snr", "25"]);
    near(&sensed["goodput_mbps"], 5.03, 0.03);
}

#[test]
fn presets_are_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let options = ["--clients", "2", "--traffic", "udp", "--duration", "0.2"];
    let text = stdout([&["sim", "bss-11n"][..], &options, &["--toml"]].concat());
    fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let (from_file, from_preset) =
        (report(&[file]), report(&[&["bss-11n"][..], &options].concat()));
    for key in ["goodput_mbps", "nodes", "scenario"] {
        assert_eq!(from_file[key], from_preset[key]);
    }
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.toml");
    let file = path.to_str().unwrap();
    let right = stdout(["sim", "ibss-11a", "--toml"]);
    for (what, with, expected) in [
        ("rate = \"54 Mbit/s\"", "rate = \"55 Mbit/s\"", "\"55 Mbit/s\" is no rate"),
        ("from = \"server\"", "from = \"sever\"", "traffic of \"sever\", which is not there"),
        ("warm_up = ", "warmup = ", "unknown field `warmup`"),
        ("host = \"server\"", "host = \"ap\"", "there is more than one \"ap\""),
    ] {
        let line = right.lines().position(|line| line.starts_with(what)).expect(what) + 1;
        fs::write(&path, right.replacen(what, with, 1)).unwrap();
        let told = complaint(&[file]);
        assert!(told.contains(&format!("wrong.toml: line {line}: {expected}")), "{told}");
    }
    for (args, expected) in [
        (&["nowhere.toml"][..], "nowhere.toml: there is no such file, and the presets are bss-11n"),
        (&["hidden-aps", "--clients", "2"], "hidden-aps has one client"),
        (&["cs-aps", "--hack", "adaptive"], "cs-aps is without HACK"),
        (&["bss-11n", "--hack", "all"], "[possible values: native, timer, opportunistic,"),
        (&["bss-11n", "--seeds", "0"], "--seeds"),
        (&["bss-11n", "--error-table", "none.tsv"], "error table none.tsv"),
        (&["bss-11n", "--duration", "0"], "--duration"),
        (&[file, "--clients", "2"], "--clients is for presets"),
    ] {
        let told = complaint(args);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn nodes_events_and_queues_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pcaps, events) = (path("pcaps"), path("events.jsonl"));
    let (csv, queues) = (path("runs.csv"), path("queues.csv"));
    let files =
        ["--pcap", &pcaps, "--events", &events, "--csv", &csv, "--queues", &queues, "--seeds", "2"];
    report(&[&["bss-11n", "--duration", "0.1"][..], &files].concat());

    let events: Vec<Value> = fs::read_to_string(events)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let named = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    assert_eq!(named("associated").count(), 2);
    let aggregates = named("receives").filter(|event| event["mpdus"] == 42);
    assert!(aggregates.filter(|event| event["mpdus_good"] == 42).count() > 10);

    for node in ["ap", "client"] {
        let times = packet_times(&format!("{pcaps}/{node}.pcapng"));
        // Data and TCP ACKs at both ends; the window is that of slow start and after.
        assert!(times.len() > 10_000, "{} packets", times.len());
        assert!(times.is_sorted());
    }
    assert_eq!(fs::read_to_string(csv).unwrap().lines().count(), 3);
    let queues = fs::read_to_string(queues).unwrap();
    assert_eq!(queues.lines().next(), Some("time_s,node,packets"));
    assert!(queues.lines().any(|line| line.ends_with("ap,126")), "the queue is full at times");
}
