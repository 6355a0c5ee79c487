//! Captures of the shared folder, for the tests that use them.

use std::fs::File;
use std::path::{Path, PathBuf};

use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;

const ETHERNET_HEADER: usize = 14;

/// The folder with vectors; `None`, and a line on standard error, if it is not there.
pub fn vectors(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/rohc");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {test}: {} is not there", folder.display());
    None
}

/// All packets of a capture without link header.
pub fn packets(capture: &Path) -> Vec<Vec<u8>> {
    let file = File::open(capture).unwrap_or_else(|e| panic!("{}: {e}", capture.display()));
    let mut reader = PcapReader::new(file).expect("a pcap file");
    let link = match reader.header().datalink {
        DataLink::ETHERNET => ETHERNET_HEADER,
        _ => 0,
    };
    let mut packets = Vec::new();
    while let Some(packet) = reader.next_packet() {
        packets.push(packet.expect("a packet").data[link..].to_vec());
    }
    packets
}

/// IP packets of a capture, without what Ethernet padded them with.
pub fn ip_packets(capture: &Path) -> Vec<Vec<u8>> {
    let unpadded = |mut packet: Vec<u8>| {
        let length = match packet.first().map(|octet| octet >> 4) {
            Some(4) => usize::from(u16::from_be_bytes([packet[2], packet[3]])),
            Some(6) => 40 + usize::from(u16::from_be_bytes([packet[4], packet[5]])),
            _ => packet.len(),
        };
        // Ethernet pads to 60 octets.
        if packet.len() == 60 - ETHERNET_HEADER && length < packet.len() {
            packet.truncate(length);
        }
        packet
    };
    packets(capture).into_iter().map(unpadded).collect()
}

/// All files of this name in a folder and its folders, in the order of their paths.
pub fn files_named(folder: &Path, matches: impl Fn(&str) -> bool + Copy) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files_named(&entry, matches));
        } else if entry.file_name().and_then(|name| name.to_str()).is_some_and(matches) {
            found.push(entry);
        }
    }
    found.sort();
    found
}
