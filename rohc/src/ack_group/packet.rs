//! The bytes of a pure ACK: room for one, and how it is built from a template and its fields.
//! docs/ack-group.md section 1.

use super::fields::{Fields, TCP_LEN, TIMESTAMPS_HEAD, TIMESTAMPS_LEN, sack_head};
use super::flow_key::TCP;

/// An IPv6 header and the longest TCP header.
const MAX_LEN: usize = 40 + 60;

/// A packet in place.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    len: u8,
    bytes: [u8; MAX_LEN],
}

impl Packet {
    /// No packet.
    pub const EMPTY: Self = Self { len: 0, bytes: [0; MAX_LEN] };

    /// A copy of a pure ACK.
    #[inline]
    pub fn new(bytes: &[u8]) -> Self {
        let mut packet = Self::EMPTY;
        packet.bytes[..bytes.len()].copy_from_slice(bytes);
        packet.len = bytes.len() as u8;
        packet
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// What all ACKs of a flow have in common: an ACK of it, of which [`Fields`] are replaced.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    packet: Packet,
    ip_len: u8,
    /// IPv4 flags; there are no fragments.
    fragment_bits: u16,
}

impl Template {
    /// The template that a pure ACK makes; its fields must have been parsed from it.
    pub fn new(packet: Packet) -> Self {
        let ip_len = if packet.bytes[0] >> 4 == 4 { 20 } else { 40 };
        let fragment_bits = u16::from_be_bytes([packet.bytes[6], packet.bytes[7]]);
        Self { packet, ip_len, fragment_bits }
    }

    /// The ACK with these fields, its lengths and checksums right.
    #[inline]
    pub fn build(&self, fields: &Fields) -> Packet {
        let mut packet = self.packet;
        let ip_len = usize::from(self.ip_len);
        let tcp_len = fields.tcp_len();
        packet.len = (ip_len + tcp_len) as u8;
        let (ip, tcp) = packet.bytes.split_at_mut(ip_len);
        let tcp = &mut tcp[..tcp_len];
        write_tcp(tcp, fields);

        let addresses;
        if ip_len == 20 {
            // Whole words, since the sum reads whole words at once.
            put32(ip, 0, 0x4500_0000 | u32::from(fields.tos) << 16 | (20 + tcp_len) as u32);
            put32(ip, 4, u32::from(fields.ip_id) << 16 | u32::from(self.fragment_bits));
            put32(ip, 8, u32::from(fields.ttl) << 24 | u32::from(TCP) << 16);
            let checksum = !fold(sum(ip));
            put16(ip, 10, checksum);
            addresses = sum(&ip[12..20]);
        } else {
            ip[0] = 0x60 | fields.tos >> 4;
            ip[1] = fields.tos << 4 | ip[1] & 0x0f;
            put16(ip, 4, tcp_len as u16);
            ip[7] = fields.ttl;
            addresses = sum(&ip[8..40]);
        }
        let pseudo_header = addresses + u64::from(TCP) + tcp_len as u64;
        // Of the two zeros of ones' complement, the one that Linux sends.
        let checksum = match !fold(pseudo_header + sum(tcp)) {
            0 => 0xffff,
            checksum => checksum,
        };
        put16(tcp, 16, checksum);
        packet
    }
}

/// Writes all but the ports and the checksum, which becomes zero.
#[inline]
fn write_tcp(tcp: &mut [u8], fields: &Fields) {
    let offset = (tcp.len() / 4) as u16;
    put32(tcp, 4, fields.seq);
    put32(tcp, 8, fields.ack);
    put32(tcp, 12, u32::from(offset << 12 | fields.flags) << 16 | u32::from(fields.window));
    put32(tcp, 16, 0);
    let mut options = &mut tcp[TCP_LEN..];
    if fields.has_timestamps {
        options[..4].copy_from_slice(&TIMESTAMPS_HEAD);
        put32(options, 4, fields.tsval);
        put32(options, 8, fields.tsecr);
        options = &mut options[TIMESTAMPS_LEN..];
    }
    if !options.is_empty() {
        options[..4].copy_from_slice(&sack_head(&fields.sack));
        for (at, block) in (4..).step_by(8).zip(fields.sack.blocks()) {
            put32(options, at, block.0);
            put32(options, at + 4, block.1);
        }
    }
}

/// The sum of the 16-bit words, carries not yet folded (RFC 1071). The length is even.
#[inline]
fn sum(bytes: &[u8]) -> u64 {
    // Words of 32 bits: their carries fold as well.
    let (words, rest) = bytes.as_chunks::<4>();
    let half = rest.first_chunk().map_or(0, |half| u64::from(u16::from_be_bytes(*half)));
    words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum::<u64>() + half
}

/// Folds the carries of a sum of at most 2^16 words of 32 bits.
#[inline]
fn fold(sum: u64) -> u16 {
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    ((sum >> 16) + (sum & 0xffff)) as u16
}

#[inline]
fn put16(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

#[inline]
fn put32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
}
