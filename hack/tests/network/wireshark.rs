//! What Wireshark makes of rides.

use std::process::Command;

use hack::Policy;

use crate::bench::{AP, Bench, Setup, Standard};

const DISSECTOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/wireshark/ackride.lua");

/// Fields of the frames that pass a filter, a line each.
fn tshark(pcap: &str, filter: &str, fields: &[&str]) -> Vec<String> {
    let output = Command::new("tshark")
        .args(["-X", &format!("lua_script:{DISSECTOR}"), "-r", pcap, "-Y", filter])
        .args(["-T", "fields"])
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .output()
        .expect("it was found before");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !errors.contains("Lua"), "{errors}");
    let text = String::from_utf8(output.stdout).expect("fields are text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn wireshark_finds_every_ride_and_counts_its_acks() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("SKIPPED: tshark is not installed");
        return;
    }
    for standard in [Standard::Dot11a, Standard::Dot11n] {
        let setup = Setup {
            standard,
            clients: vec![Some(Policy::Adaptive); 2],
            ports: vec![40_000, 40_001, 40_002],
            bytes: 300_000,
            ..Setup::download(Policy::Adaptive)
        };
        let mut bench = Bench::new(&setup);
        bench.finish();
        let name = format!("ackride-{standard:?}-{}.pcap", std::process::id());
        let pcap = std::env::temp_dir().join(name);
        std::fs::write(&pcap, bench.capture().to_pcap()).expect("it can be written");
        let path = pcap.to_str().expect("the path is text");

        let rides = tshark(path, "ackride", &["ackride.new_acks"]);
        assert_eq!(rides.len() as u64, (0..3).map(|node| bench.stats(node).rides).sum::<u64>());
        let acks = rides.iter().map(|acks| acks.parse::<u64>().expect("it is a number"));
        assert_eq!(acks.sum::<u64>(), bench.stats(AP).delivered);
        assert!(tshark(path, "ackride.gap || ackride.malformed", &["frame.number"]).is_empty());
        let flows = tshark(path, "ackride.flow.cid", &["ackride.flow.cid"]);
        assert!(flows.join(",").split(',').count() >= 6, "all flows are introduced: {flows:?}");
        std::fs::remove_file(&pcap).expect("it was written");
    }
}
