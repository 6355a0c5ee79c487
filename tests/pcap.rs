//! Frames to pcap and back, and what Wireshark makes of them.

mod common;

use std::process::Command;

use common::{captures, frames, stdout, tell};

#[test]
fn frames_survive_the_way_through_a_pcap() {
    let folder = tempfile::tempdir().unwrap();
    let (pcap, again) = (folder.path().join("frames.pcapng"), folder.path().join("again"));
    let rates = captures().join("rates");
    stdout(["decode".as_ref(), rates.as_os_str(), "--pcap".as_ref(), pcap.as_os_str()]);
    stdout([
        "encode".as_ref(),
        "--pcap".as_ref(),
        pcap.as_os_str(),
        "-o".as_ref(),
        again.as_os_str(),
    ]);
    let sent = |frames: Vec<serde_json::Value>| -> Vec<_> {
        frames.iter().map(|frame| (frame["rate_mbps"].clone(), frame["psdu_hex"].clone())).collect()
    };
    assert_eq!(sent(frames([&again])), sent(frames([&rates])));
}

#[test]
fn wireshark_finds_no_malformed_frame() {
    if Command::new("tshark").arg("--version").output().is_err() {
        tell("SKIPPED: tshark is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pcap = folder.path().join("frames.pcapng");
    stdout(["decode".as_ref(), captures().as_os_str(), "--pcap".as_ref(), pcap.as_os_str()]);
    let decoded = frames([captures()]).iter().filter(|frame| !frame["psdu_hex"].is_null()).count();
    let tshark = |filter: &str| {
        let output = Command::new("tshark")
            .args([
                "-r",
                pcap.to_str().unwrap(),
                "-Y",
                filter,
                "-T",
                "fields",
                "-e",
                "frame.number",
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    assert_eq!(tshark("wlan"), decoded);
    assert_eq!(tshark("_ws.malformed"), 0);
    assert_eq!(tshark("radiotap.datarate == 54"), 2 + 10);
    assert_eq!(tshark("wlan.fcs.status == \"Good\" || radiotap.flags.badfcs == 0"), decoded);
}
