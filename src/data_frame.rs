//! Data frames with random payload, from an AP to its station.

use mac::{Data, DataHeader, MacAddr, SequenceControl, SequenceNumber, Snap};
use rand::Rng;

/// Addresses of the station and of the AP, locally administered.
pub const STATION: MacAddr = MacAddr([0x02, 0, 0, 0, 0, 1]);
pub const AP: MacAddr = MacAddr([0x02, 0, 0, 0, 0, 2]);
/// Bytes of the header.
pub const HEADER_LEN: usize = 24;
/// Local experimental EtherType 1 (IEEE 802, clause 9.2.4).
const ETHERTYPE_EXPERIMENTAL: u16 = 0x88b5;

/// A frame of `len` bytes without its FCS.
///
/// The payload is of an EtherType that is free for experiments, so that nobody takes it for
/// something.
pub fn data_frame(number: usize, len: usize, random: &mut impl Rng) -> Vec<u8> {
    let mut header = DataHeader::from_ap(STATION, AP, AP);
    let sequence = SequenceNumber::new((number % usize::from(SequenceNumber::COUNT)) as u16);
    header.sequence_control = SequenceControl::unfragmented(sequence);
    let mut body = vec![0; len - HEADER_LEN];
    random.fill_bytes(&mut body);
    let mut msdu = Vec::new();
    Snap::new(ETHERTYPE_EXPERIMENTAL, &[]).emit(&mut msdu);
    let common = msdu.len().min(body.len());
    body[..common].copy_from_slice(&msdu[..common]);
    let mut mpdu = Vec::new();
    Data { header, body: &body }.emit(&mut mpdu);
    mpdu
}
