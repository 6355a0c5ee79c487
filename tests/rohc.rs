//! `ackride rohc`: traces in, sizes out.

mod common;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{ackride, stdout, tell};
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use serde_json::Value;

/// A file of these packets, all of one time.
fn pcap(folder: &Path, packets: &[Vec<u8>]) -> PathBuf {
    let path = folder.join("acks.pcap");
    let header = PcapHeader { datalink: DataLink::RAW, ..PcapHeader::default() };
    let mut writer = PcapWriter::with_header(File::create(&path).unwrap(), header).unwrap();
    for packet in packets {
        let packet = PcapPacket::new(Duration::from_secs(1), packet.len() as u32, packet);
        writer.write_packet(&packet).unwrap();
    }
    path
}

/// An ACK without timestamps.
fn ack(number: u16) -> Vec<u8> {
    let mut ack = vec![0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1];
    ack[4..6].copy_from_slice(&number.to_be_bytes());
    let checksum = checksum(&ack);
    ack[10..12].copy_from_slice(&checksum.to_be_bytes());
    ack.extend([0x9c, 0x40, 0x14, 0x51, 0, 0, 0, 1]);
    ack.extend((2920 * u32::from(number)).to_be_bytes());
    ack.extend([0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
    let covered = [&ack[12..], &[0, 6, 0, 20]].concat();
    let checksum = self::checksum(&covered);
    ack[36..38].copy_from_slice(&checksum.to_be_bytes());
    ack
}

fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks(2).map(|b| u32::from(b[0]) << 8 | u32::from(b[1])).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    !(((sum & 0xffff) + (sum >> 16)) as u16)
}

fn report(args: &[&str], path: &Path) -> Value {
    let args = ["rohc", "--json"].iter().chain(args).map(|arg| (*arg).into());
    let args: Vec<std::ffi::OsString> = args.chain([path.as_os_str().to_owned()]).collect();
    serde_json::from_str(&stdout(args)).expect("one object")
}

#[test]
fn a_regular_stream_costs_next_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = pcap(folder.path(), &(1..=2101).map(ack).collect::<Vec<_>>());
    let by_21 = report(&["--group", "21"], &path);
    assert_eq!((&by_21["acks"], &by_21["native"]), (&2101.into(), &1.into()), "{by_21}");
    assert_eq!(by_21["mismatches"], 0);
    assert!(by_21["group"].as_f64().unwrap() < 0.25, "{by_21}");
    assert!(by_21["single"].as_f64().unwrap() < 3.1, "{by_21}");
    // All of one time are one group, of as many frames as it takes.
    let by_time = report(&[], &path);
    assert!(by_time["group"].as_f64() < by_21["group"].as_f64(), "{by_time}");
}

#[test]
fn what_goes_natively_is_told_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = ack(3);
    wrong[37] ^= 1;
    let path = pcap(folder.path(), &[ack(1), ack(2), wrong, vec![0; 30]]);
    let args = ["rohc".as_ref(), "--group".as_ref(), "1".as_ref(), path.as_os_str()];
    let text = stdout(args);
    for told in ["NoReference", "Uncodable", "NotTcp"] {
        assert!(text.contains(&format!("1 native: {told}")), "{text}");
    }
}

#[test]
fn a_file_that_is_no_capture_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.pcap");
    std::fs::write(&path, "nothing").unwrap();
    let output = ackride(["rohc".as_ref(), path.as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("none.pcap"));
}

#[test]
fn real_traces_come_out_as_they_went_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/rohc/ack-traces");
    if !folder.is_dir() {
        tell(&format!("skipped: no traces in {}", folder.display()));
        return;
    }
    let report = report(&[], &folder.join("ampdu1_ts.acks.pcap"));
    assert_eq!(report["mismatches"], 0);
    assert!(report["group"].as_f64().unwrap() < 0.85, "{report}");
}
