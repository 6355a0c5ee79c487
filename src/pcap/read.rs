//! Reading frames to be sent from pcap and pcapng files.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};

use super::radiotap;
use crate::fcs;

/// A frame with its FCS, and the rate at which it was received if the file tells.
pub struct PcapFrame {
    /// The MPDU, FCS included.
    pub mpdu: Vec<u8>,
    /// Rate in Mbit/s.
    pub rate_mbps: Option<f64>,
}

/// The frames of a file of link type 105 (802.11) or 127 (radiotap), in their order.
pub fn read(path: &Path) -> Result<Vec<PcapFrame>> {
    let open = || File::open(path).map(BufReader::new).with_context(|| path.display().to_string());
    let mut frames = Vec::new();
    let mut add = |number: usize, link: DataLink, packet: &[u8]| -> Result<()> {
        let frame =
            frame(link, packet).with_context(|| format!("{}: packet {number}", path.display()))?;
        frames.push(frame);
        Ok(())
    };
    if let Ok(mut reader) = PcapReader::new(open()?) {
        let link = reader.header().datalink;
        let mut number = 0;
        while let Some(packet) = reader.next_packet() {
            number += 1;
            let packet = packet.with_context(|| format!("{}: packet {number}", path.display()))?;
            add(number, link, &packet.data)?;
        }
        return Ok(frames);
    }
    let mut reader = PcapNgReader::new(open()?)
        .with_context(|| format!("{}: neither pcap nor pcapng", path.display()))?;
    let mut links: Vec<DataLink> = Vec::new();
    let mut number = 0;
    while let Some(block) = reader.next_block() {
        match block.with_context(|| format!("{}: after packet {number}", path.display()))? {
            Block::SectionHeader(_) => links.clear(),
            Block::InterfaceDescription(interface) => links.push(interface.linktype),
            Block::EnhancedPacket(packet) => {
                number += 1;
                let link = links.get(packet.interface_id as usize).with_context(|| {
                    format!(
                        "{}: packet {number} is of an interface that is not there",
                        path.display()
                    )
                })?;
                add(number, *link, &packet.data)?;
            }
            _ => {}
        }
    }
    Ok(frames)
}

fn frame(link: DataLink, packet: &[u8]) -> Result<PcapFrame> {
    let (mpdu, rate_mbps, has_fcs) = match link {
        // Nothing tells whether there is an FCS but the FCS itself.
        DataLink::IEEE802_11 => (packet, None, fcs::is_right(packet)),
        DataLink::IEEE802_11_RADIOTAP => {
            let header = radiotap::parse(packet).context("its radiotap header is damaged")?;
            (&packet[header.len..], header.rate_mbps, header.fcs_at_end)
        }
        other => {
            bail!("link type {other:?}; only 105 (802.11) and 127 (radiotap) hold Wi-Fi frames")
        }
    };
    if mpdu.is_empty() {
        bail!("it holds no frame");
    }
    let mut mpdu = mpdu.to_vec();
    if !has_fcs {
        mpdu.extend(fcs::of(&mpdu));
    }
    Ok(PcapFrame { mpdu, rate_mbps })
}
