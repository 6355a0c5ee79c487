//! What the tests share.
#![allow(dead_code, reason = "each test file is a crate of its own")]

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pcap_file::pcap::PcapReader;

/// A packet and when it was captured.
pub type Timed = (Duration, Vec<u8>);

/// The folder of real ACK traces, if it is there.
pub fn traces() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/rohc/ack-traces");
    if folder.is_dir() {
        return Some(folder);
    }
    tell(&format!("skipped: no traces in {}", folder.display()));
    None
}

/// The packets of a trace.
pub fn read(folder: &Path, name: &str) -> Vec<Timed> {
    let path = folder.join(format!("{name}.acks.pcap"));
    let file = BufReader::new(File::open(&path).expect("a trace"));
    let mut reader = PcapReader::new(file).expect("a pcap");
    let mut packets = vec![];
    while let Some(packet) = reader.next_packet() {
        let packet = packet.expect("a packet");
        packets.push((packet.timestamp, packet.data.into_owned()));
    }
    packets
}

/// Tells something that a test that passes has to say. The test harness swallows what the print
/// macros print.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
