//! Captures of the shared folder, for the tests that use them.

use std::path::{Path, PathBuf};

const ETHERNET_HEADER: usize = 14;
/// LINKTYPE_ETHERNET.
const ETHERNET: u32 = 1;

/// The folder with vectors; `None`, and a line on standard error, if it is not there.
pub fn vectors(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/rohc");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {test}: {} is not there", folder.display());
    None
}

/// All packets of a capture without link header. Timestamps, of which some in the vectors are invalid, are
/// not looked at.
pub fn packets(capture: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(capture).unwrap_or_else(|e| panic!("{}: {e}", capture.display()));
    let big_endian = matches!(bytes[..2], [0xa1, 0xb2]);
    let number = |at: usize| {
        let octets = bytes[at..at + 4].try_into().expect("four octets");
        if big_endian { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) }
    };
    let link = if number(20) == ETHERNET { ETHERNET_HEADER } else { 0 };
    let mut packets = Vec::new();
    let mut at = 24;
    while at + 16 <= bytes.len() {
        let start = at + 16;
        at = (start + number(at + 8) as usize).min(bytes.len());
        packets.push(bytes[(start + link).min(at)..at].to_vec());
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
