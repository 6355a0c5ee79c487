//! What IR, IR-DYN and IR-CR begin with (RFC 6846 sections 7.1 and 7.2): type, CID, profile and CRC.

use super::PROFILE;
use super::coder::{Coder, Writer};
use super::format::Format;
use crate::Error;
use crate::crc::CRC8;

/// IR.
pub(crate) const IR: u8 = 0xfd;
/// IR-CR, and IR of the Uncompressed profile.
pub(crate) const IR_CR: u8 = 0xfc;
/// IR-DYN.
pub(crate) const IR_DYN: u8 = 0xf8;

/// Type, profile and an empty CRC.
pub(crate) fn write_start(w: &mut Writer<'_>, format: Format) -> Result<(), Error> {
    let packet_type = if format == Format::Ir { IR } else { IR_DYN };
    w.constant(8, packet_type.into())?;
    w.constant(8, PROFILE.into())?;
    w.constant(8, 0)
}

/// Fills in the CRC of a header with its CID in place.
pub(crate) fn seal(cid_length: usize, header: &mut [u8]) {
    header[crc_place(cid_length)] = CRC8.of(header);
}

/// The CRC over a header with a CRC in it, taken as zero.
pub(crate) fn header_crc(cid_length: usize, header: &[u8]) -> u8 {
    let at = crc_place(cid_length);
    let before = CRC8.more(CRC8.of(&header[..at]), &[0]);
    CRC8.more(before, &header[at + 1..])
}

/// The CRC is behind type, CID and profile.
fn crc_place(cid_length: usize) -> usize {
    cid_length + 2
}
