//! Reading frames to be sent from pcap and pcapng files.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};

use mac::radiotap::{Mcs, Radiotap};
use mac::{AmpduBuilder, Delimiter, fcs};

/// What was sent at once, and the rate at which it was received if the file tells.
pub struct PcapFrame {
    /// The MPDU, or those of the A-MPDU, each with its FCS.
    mpdus: Vec<Vec<u8>>,
    /// Rate in Mbit/s of a non-HT frame.
    pub rate_mbps: Option<f64>,
    /// How an HT frame was sent.
    pub mcs: Option<Mcs>,
    /// Number of the A-MPDU, if it is one.
    pub ampdu: Option<u32>,
}

impl PcapFrame {
    /// The MPDU, or the A-MPDU.
    pub fn psdu(&self) -> Vec<u8> {
        if self.ampdu.is_none() {
            return self.mpdus.concat();
        }
        let mut psdu = Vec::new();
        let mut builder = AmpduBuilder::new(&mut psdu, 0);
        self.mpdus.iter().for_each(|mpdu| builder.push(mpdu));
        psdu
    }
}

/// The frames of a file of link type 105 (802.11) or 127 (radiotap), in their order.
pub fn read(path: &Path) -> Result<Vec<PcapFrame>> {
    let open = || File::open(path).map(BufReader::new).with_context(|| path.display().to_string());
    let mut frames: Vec<PcapFrame> = Vec::new();
    let mut add = |number: usize, link: DataLink, packet: &[u8]| -> Result<()> {
        let frame =
            frame(link, packet).with_context(|| format!("{}: packet {number}", path.display()))?;
        match frames.last_mut() {
            Some(last) if frame.ampdu.is_some() && last.ampdu == frame.ampdu => {
                last.mpdus.extend(frame.mpdus);
            }
            _ => frames.push(frame),
        }
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
            Block::SimplePacket(_) | Block::Packet(_) => bail!(
                "{}: after packet {number} comes a block without timestamp or of the old kind; only \
                 enhanced packet blocks are read (editcap writes such)",
                path.display()
            ),
            _ => {}
        }
    }
    Ok(frames)
}

fn frame(link: DataLink, packet: &[u8]) -> Result<PcapFrame> {
    let (header, mpdu) = match link {
        // Nothing tells whether there is an FCS but the FCS itself.
        DataLink::IEEE802_11 => (None, packet),
        DataLink::IEEE802_11_RADIOTAP => {
            let (header, len) = Radiotap::parse(packet).context("its radiotap header")?;
            (Some(header), &packet[len..])
        }
        other => {
            bail!("link type {other:?}; only 105 (802.11) and 127 (radiotap) hold Wi-Fi frames")
        }
    };
    if mpdu.is_empty() {
        bail!("it holds no frame");
    }
    let has_fcs = match header {
        None => fcs::is_right(mpdu),
        Some(header) => header.flags.is_some_and(|flags| flags.fcs_at_end()),
    };
    let mut mpdu = mpdu.to_vec();
    if !has_fcs {
        fcs::append(&mut mpdu, 0);
    }
    let header = header.unwrap_or_default();
    let ampdu = header.ampdu.map(|status| status.reference);
    if ampdu.is_some() && mpdu.len() > Delimiter::MAX_MPDU {
        bail!("an MPDU of {} bytes does not fit an A-MPDU", mpdu.len());
    }
    Ok(PcapFrame {
        mpdus: vec![mpdu],
        rate_mbps: header.rate_half_mbps.map(|rate| f64::from(rate) / 2.0),
        mcs: header.mcs,
        ampdu,
    })
}
