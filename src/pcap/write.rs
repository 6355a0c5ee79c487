//! Writing frames: under a temporary name until the file is whole.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use mac::radiotap::Radiotap;
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use tempfile::NamedTempFile;

use super::radiotap::{self, InAmpdu};
use crate::decode::Link;
use crate::report::FrameRecord;

/// A pcapng file of link type 127, nanosecond timestamps.
pub struct PcapWriter {
    path: PathBuf,
    writer: PcapNgWriter<BufWriter<NamedTempFile>>,
    packet: Vec<u8>,
    /// A-MPDUs so far.
    ampdus: u32,
}

impl PcapWriter {
    /// Begins a file that will be at `path`.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .with_context(|| format!("{}: cannot be written", path.display()))?;
        let mut writer = PcapNgWriter::new(BufWriter::new(file))?;
        writer.write_pcapng_block(InterfaceDescriptionBlock {
            linktype: DataLink::IEEE802_11_RADIOTAP,
            snaplen: 0,
            options: vec![InterfaceDescriptionOption::IfTsResol(9)],
        })?;
        Ok(Self { path: path.to_owned(), writer, packet: Vec::new(), ampdus: 0 })
    }

    /// Writes the MPDUs of a frame that has a PSDU; others have nothing that a pcap could hold.
    pub fn frame(&mut self, record: &FrameRecord, link: Link) -> Result<()> {
        let Some(psdu) = &record.psdu else { return Ok(()) };
        let Some(aggregate) = &record.aggregate else {
            return self.mpdu(record, psdu, record.fcs_ok, None, link);
        };
        let reference = self.begin_ampdu();
        for (n, mpdu) in aggregate.mpdus.iter().enumerate() {
            let ampdu = InAmpdu { reference, is_last: n + 1 == aggregate.mpdus.len() };
            self.mpdu(record, &psdu[mpdu.range()], mpdu.fcs_ok, Some(ampdu), link)?;
        }
        Ok(())
    }

    fn mpdu(
        &mut self,
        record: &FrameRecord,
        mpdu: &[u8],
        fcs_ok: bool,
        ampdu: Option<InAmpdu>,
        link: Link,
    ) -> Result<()> {
        let began = link.began.unwrap_or_default();
        let at = began + Duration::from_secs_f64(record.time_s);
        self.packet(at, &radiotap::header(record, fcs_ok, ampdu, link), mpdu)
    }

    /// The number of another A-MPDU.
    pub fn begin_ampdu(&mut self) -> u32 {
        let reference = self.ampdus;
        self.ampdus = self.ampdus.wrapping_add(1);
        reference
    }

    /// Writes an MPDU with its header and the time since 1970.
    pub fn packet(&mut self, at: Duration, header: &Radiotap, mpdu: &[u8]) -> Result<()> {
        self.packet.clear();
        header.emit(&mut self.packet);
        self.packet.extend_from_slice(mpdu);
        self.writer.write_pcapng_block(EnhancedPacketBlock {
            interface_id: 0,
            timestamp: at,
            original_len: self.packet.len() as u32,
            data: self.packet.as_slice().into(),
            options: Vec::new(),
        })?;
        Ok(())
    }

    /// Completes the file and puts it in its place.
    pub fn finish(self) -> Result<()> {
        let mut buffer = self.writer.into_inner();
        buffer.flush()?;
        let file = buffer.into_inner().map_err(|error| error.into_error())?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(&self.path).with_context(|| self.path.display().to_string())?;
        Ok(())
    }
}
