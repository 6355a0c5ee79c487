//! The packets of a capture, as IP, and which of them were one batch.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;

/// ACKs in a group where the capture does not tell: those of 42 segments, as an A-MPDU of 64 KB
/// has them.
const USUAL_GROUP: usize = 21;
/// Bytes of an Ethernet header.
const ETHERNET_LEN: usize = 14;

/// The packets of a capture.
pub struct Trace {
    /// Time and bytes of each, from the IP header on.
    packets: Vec<(Duration, Vec<u8>)>,
}

impl Trace {
    /// Reads a pcap file of link type raw IP, IPv4, IPv6 or Ethernet.
    pub fn read(path: &Path) -> Result<Self> {
        let name = || path.display().to_string();
        let file = BufReader::new(File::open(path).with_context(name)?);
        let mut reader = PcapReader::new(file).with_context(name)?;
        let skipped = match reader.header().datalink {
            DataLink::RAW | DataLink::IPV4 | DataLink::IPV6 => 0,
            DataLink::ETHERNET => ETHERNET_LEN,
            other => bail!("{}: link type {other:?}; raw IP or Ethernet can be read", name()),
        };
        let mut packets = vec![];
        while let Some(packet) = reader.next_packet() {
            let number = packets.len() + 1;
            let packet = packet.with_context(|| format!("{}: packet {number}", name()))?;
            if packet.data.len() < packet.orig_len as usize {
                bail!("{}: packet {number} was cut off when it was captured", name());
            }
            let ip = packet.data.get(skipped..).unwrap_or_default();
            packets.push((packet.timestamp, ip.to_vec()));
        }
        Ok(Self { packets })
    }

    /// Number of packets.
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// The packets in groups: this many each, or those of one time where most have company, or 21.
    pub fn groups(&self, size: Option<usize>) -> Vec<&[(Duration, Vec<u8>)]> {
        let same_time = |a: &(Duration, Vec<u8>), b: &(Duration, Vec<u8>)| a.0 == b.0;
        let alike = self.packets.windows(2).filter(|pair| same_time(&pair[0], &pair[1])).count();
        match size {
            None if 2 * alike > self.packets.len() => self.packets.chunk_by(same_time).collect(),
            _ => self.packets.chunks(size.unwrap_or(USUAL_GROUP)).collect(),
        }
    }
}
