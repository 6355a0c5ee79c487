//! Frames to pcap and back, and what Wireshark makes of them.

mod common;

use std::path::Path;
use std::process::Command;

use common::{captures, frames, stdout, tell};
use serde_json::Value;

#[test]
fn frames_survive_the_way_through_a_pcap() {
    let folder = tempfile::tempdir().unwrap();
    for (capture, bandwidth) in [("rates", "20"), ("ht20", "20"), ("ht40", "40"), ("forty", "40")] {
        let pcap = folder.path().join(format!("{capture}.pcapng"));
        let again = folder.path().join(capture);
        let original = captures().join(capture);
        stdout(["decode".as_ref(), original.as_os_str(), "--pcap".as_ref(), pcap.as_os_str()]);
        stdout([
            "encode".as_ref(),
            "--pcap".as_ref(),
            pcap.as_os_str(),
            "--bandwidth".as_ref(),
            bandwidth.as_ref(),
            "-o".as_ref(),
            again.as_os_str(),
        ]);
        let sent = |frames: Vec<Value>| -> Vec<_> {
            let keys = ["rate_mbps", "mcs", "short_gi", "aggregation", "psdu_hex"];
            frames.iter().map(|frame| keys.map(|key| frame[key].clone())).collect()
        };
        let (mut decoded, mut expected) = (sent(frames([&again])), sent(frames([&original])));
        // Frames that were on the air at once come one after the other.
        for frames in [&mut decoded, &mut expected] {
            frames.sort_by_key(|frame| frame[4].to_string());
        }
        assert_eq!(decoded, expected, "{capture}");
    }
}

/// How many packets of a file pass a filter.
fn tshark(pcap: &Path, filter: &str) -> usize {
    let output = Command::new("tshark")
        .args(["-r", pcap.to_str().unwrap(), "-Y", filter])
        .args(["-o", "wlan.check_checksum:TRUE", "-T", "fields", "-e", "frame.number"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[test]
fn wireshark_sees_every_mpdu_and_finds_none_malformed() {
    if Command::new("tshark").arg("--version").output().is_err() {
        tell("SKIPPED: tshark is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pcap = folder.path().join("frames.pcapng");
    stdout(["decode".as_ref(), captures().as_os_str(), "--pcap".as_ref(), pcap.as_os_str()]);
    let decoded = frames([captures()]);
    let mpdus = |frame: &Value| match frame["mpdus"].as_array() {
        Some(mpdus) => mpdus.iter().filter(|mpdu| mpdu["fcs_ok"] == true).count(),
        None => usize::from(frame["fcs_ok"] == true),
    };
    let good: usize = decoded.iter().map(mpdus).sum();
    let tshark = |filter: &str| tshark(&pcap, filter);
    assert_eq!(tshark("_ws.malformed && radiotap.flags.badfcs == 0"), 0);
    assert_eq!(tshark("wlan.fcs.status == \"Good\" && radiotap.flags.badfcs == 0"), good);
    // That of `ampdu`.
    assert_eq!(tshark("wlan.fcs.status == \"Bad\" && radiotap.flags.badfcs == 1"), 1);
    assert_eq!(tshark("radiotap.datarate == 54 && !radiotap.mcs.index"), 2 + 10);
    for mcs in 0..8 {
        let single = format!("radiotap.mcs.index == {mcs} && !radiotap.ampdu");
        // Both guard intervals at 20 and at 40 MHz, and in `forty` one each of MCS 1 and 3.
        assert_eq!(tshark(&single), 4 + usize::from(mcs == 1 || mcs == 3), "{single}");
    }
    assert_eq!(tshark("radiotap.mcs.bw == 1 && radiotap.mcs.gi == 1"), 8 + 4);
    assert_eq!(tshark("radiotap.mcs.bw == 3"), 2, "in the upper half of 40 MHz");
    assert_eq!(tshark("radiotap.ampdu"), 3 + 5 + 12 + 4);
    assert_eq!(tshark("radiotap.ampdu.flags.last == 1"), 4);
    let block_ack = "wlan.fc.type_subtype == 0x19";
    assert_eq!(tshark(block_ack), 2);
    assert_eq!(tshark(&format!("{block_ack} && wlan.fixed.ssc.sequence == 3")), 1);
}
