//! The bytes of a pure ACK: room for one, and how it is built from a template and its fields.
//! docs/ack-group.md section 1.

use super::effect::{Constant, Effect};
use super::fields::{Fields, TCP_LEN, TIMESTAMPS_HEAD, TIMESTAMPS_LEN, sack_head};
use super::flow_key::TCP;

/// An IPv6 header and the longest TCP header.
pub const MAX_LEN: usize = 40 + 60;

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
    pub fn new(bytes: &[u8]) -> Self {
        let mut packet = Self::EMPTY;
        packet.set(bytes);
        packet
    }

    /// Becomes a copy of a pure ACK.
    #[inline]
    pub fn set(&mut self, bytes: &[u8]) {
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len() as u8;
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// What all ACKs of a flow have in common: an ACK of it, of which [`Fields`] are replaced.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    reference: Packet,
    ip_len: usize,
    /// IPv4 flags, there being no fragments, or IPv6 flow label.
    label: u32,
    ports: u32,
    /// Sum over the addresses.
    addresses: u64,
    /// What they and the like do to the CRC.
    constant: Constant,
}

impl Template {
    /// The template that a pure ACK makes.
    pub fn new(reference: Packet) -> Self {
        let bytes = &reference.bytes;
        let ip_len = ip_len(bytes);
        Self {
            reference,
            ip_len,
            label: label(bytes),
            ports: be32(bytes, ip_len),
            addresses: sum(addresses(bytes)),
            constant: Constant::of(bytes, ip_len),
        }
    }

    /// The ACK that made it.
    pub fn reference(&self) -> &[u8] {
        self.reference.bytes()
    }

    /// What an ACK that fits does to the CRC of a chain.
    #[inline(always)]
    pub fn effect(&self, packet: &[u8]) -> Effect {
        self.constant.effect(packet)
    }

    /// Bytes of headers without SACK blocks.
    pub fn headers_len(&self, has_timestamps: bool) -> usize {
        self.ip_len + TCP_LEN + if has_timestamps { TIMESTAMPS_LEN } else { 0 }
    }

    /// Whether a pure ACK of the same addresses and ports is what [`build`](Self::build) makes of
    /// its fields. What is no field must be alike, and the checksums must be right.
    #[inline(always)]
    pub fn fits(&self, packet: &[u8]) -> bool {
        // Ones' complement has two zeros, of which IPv4 takes 0 and TCP, as Linux does, 0xffff.
        let tcp = if self.ip_len == 20 {
            let Some((ip, tcp)) = packet.split_first_chunk::<20>() else { return false };
            if label(ip) != self.label || fold(sum(ip)) != 0xffff || ip[10..12] == [0xff; 2] {
                return false;
            }
            tcp
        } else {
            let Some((ip, tcp)) = packet.split_first_chunk::<40>() else { return false };
            if label(ip) != self.label {
                return false;
            }
            tcp
        };
        let Some((header, options)) = tcp.split_first_chunk::<TCP_LEN>() else { return false };
        let sum = self.pseudo_header(tcp.len()) + sum(header) + sum(options);
        fold(sum) == 0xffff && header[16..18] != [0; 2]
    }

    /// The sum over what the TCP checksum covers beyond the TCP header.
    #[inline(always)]
    fn pseudo_header(&self, tcp_len: usize) -> u64 {
        let words = [u16::from(TCP), tcp_len as u16];
        self.addresses + words.map(|word| u64::from(word.to_be())).into_iter().sum::<u64>()
    }

    /// Builds the ACK with these fields, its lengths and checksums right.
    #[inline(always)]
    pub fn build(&self, fields: &Fields, packet: &mut Packet) {
        let tcp_len = fields.tcp_len();
        let len = self.ip_len + tcp_len;
        packet.len = len as u8;
        let (tos, ttl) = (u32::from(fields.tos), u32::from(fields.ttl));
        let tcp = if self.ip_len == 20 {
            let (ip, tcp) = packet.bytes.split_first_chunk_mut::<20>().expect("room for 40");
            ip.copy_from_slice(&self.reference.bytes[..20]);
            put32(ip, 0, 0x4500_0000 | tos << 16 | len as u32);
            put32(ip, 4, u32::from(fields.ip_id) << 16 | self.label);
            put32(ip, 8, ttl << 24 | u32::from(TCP) << 16);
            let checksum = !fold(sum(ip));
            ip[10..12].copy_from_slice(&checksum.to_ne_bytes());
            tcp
        } else {
            let (ip, tcp) = packet.bytes.split_first_chunk_mut::<40>().expect("room for 40");
            ip.copy_from_slice(&self.reference.bytes[..40]);
            put32(ip, 0, 0x6000_0000 | tos << 20 | self.label);
            put32(ip, 4, (tcp_len as u32) << 16 | u32::from(TCP) << 8 | ttl);
            tcp
        };
        let sum = self.pseudo_header(tcp_len) + write_tcp(tcp, self.ports, tcp_len, fields);
        // Of the two zeros of ones' complement, the one that Linux sends.
        let checksum = match !fold(sum) {
            0 => 0xffff,
            checksum => checksum,
        };
        tcp[16..18].copy_from_slice(&checksum.to_ne_bytes());
    }
}

/// Writes all but the checksum, and returns the sum over it. To sum what is still at hand is faster
/// than to read it again.
#[inline(always)]
fn write_tcp(tcp: &mut [u8], ports: u32, len: usize, fields: &Fields) -> u64 {
    let mut sum = 0;
    let mut put = |place: &mut [u8], word: u32| {
        let word = word.to_be();
        place.copy_from_slice(&word.to_ne_bytes());
        sum += u64::from(word);
    };
    let (header, options) = tcp.split_at_mut(TCP_LEN);
    let offset_flags = ((len / 4) as u32) << 12 | u32::from(fields.flags);
    put(&mut header[..4], ports);
    put(&mut header[4..8], fields.seq);
    put(&mut header[8..12], fields.ack);
    put(&mut header[12..16], offset_flags << 16 | u32::from(fields.window));
    put(&mut header[16..20], 0);
    let mut options = options;
    if fields.has_timestamps {
        let timestamps;
        (timestamps, options) = options.split_at_mut(TIMESTAMPS_LEN);
        put(&mut timestamps[..4], u32::from_be_bytes(TIMESTAMPS_HEAD));
        put(&mut timestamps[4..8], fields.tsval);
        put(&mut timestamps[8..12], fields.tsecr);
    }
    if !fields.sack.blocks().is_empty() {
        let (head, blocks) = options.split_at_mut(4);
        put(head, u32::from_be_bytes(sack_head(&fields.sack)));
        for (place, block) in blocks.as_chunks_mut::<8>().0.iter_mut().zip(fields.sack.blocks()) {
            put(&mut place[..4], block.0);
            put(&mut place[4..], block.1);
        }
    }
    sum
}

/// Bytes of the IP header: 20 or 40.
#[inline]
fn ip_len(packet: &[u8]) -> usize {
    if packet[0] >> 4 == 4 { 20 } else { 40 }
}

/// IPv4 flags or IPv6 flow label.
#[inline]
fn label(packet: &[u8]) -> u32 {
    if packet[0] >> 4 == 4 { be32(packet, 4) & 0xffff } else { be32(packet, 0) & 0xf_ffff }
}

#[inline]
fn addresses(packet: &[u8]) -> &[u8] {
    if packet[0] >> 4 == 4 { &packet[12..20] } else { &packet[8..40] }
}

/// The sum of the 16-bit words, carries not yet folded, in the machine's order of bytes, which
/// ones' complement does not mind (RFC 1071). Headers are whole words of 32 bits.
#[inline(always)]
fn sum(bytes: &[u8]) -> u64 {
    // The carries between their halves fold as well.
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum()
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
fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline]
fn put32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::flow_key::FlowKey;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// A reference of either version, and fields.
    fn any_ack() -> impl Strategy<Value = (Packet, Fields)> {
        let numbers = any::<(u32, u32, u32, u32, u16, u16, u8, u8)>();
        let sack = vec(any::<(u32, u32)>(), 0..4);
        (any::<bool>(), vec(any::<u8>(), 60), numbers, any::<bool>(), sack).prop_map(
            |(is_ipv4, mut bytes, numbers, has_timestamps, sack)| {
                let (seq, ack, tsval, tsecr, window, ip_id, tos, ttl) = numbers;
                bytes[0] = bytes[0] & 0x0f | if is_ipv4 { 0x40 } else { 0x60 };
                let mut fields = Fields { tos, ttl, seq, ack, window, ..Fields::NOTHING };
                fields.flags = 0x010;
                if is_ipv4 {
                    fields.ip_id = ip_id;
                }
                if has_timestamps {
                    (fields.has_timestamps, fields.tsval, fields.tsecr) = (true, tsval, tsecr);
                }
                sack.into_iter().for_each(|block| fields.sack.push(block));
                (Packet::new(&bytes), fields)
            },
        )
    }

    proptest! {
        #[test]
        fn what_fits_is_what_would_be_built(
            (reference, fields) in any_ack(),
            at in any::<prop::sample::Index>(),
            flip in prop_oneof![Just(0u8), any::<u8>()],
        ) {
            let template = Template::new(reference);
            let mut built = Packet::EMPTY;
            template.build(&fields, &mut built);
            prop_assert_eq!(Fields::parse(built.bytes()), Some(fields));
            prop_assert!(template.fits(built.bytes()));

            let mut other = built.bytes().to_vec();
            *at.get_mut(&mut other) ^= flip;
            if let Some(fields) = Fields::parse(&other)
                && FlowKey::of(&other) == FlowKey::of(built.bytes())
            {
                template.build(&fields, &mut built);
                prop_assert_eq!(template.fits(&other), built.bytes() == other);
            }
        }
    }

    #[test]
    fn each_checksum_has_one_zero() {
        let mut reference = Packet::new(&[0; 40]);
        reference.bytes[0] = 0x45;
        let template = Template::new(reference);
        let fields = |ip_id, window| Fields { ip_id, window, flags: 0x010, ..Fields::NOTHING };
        let mut packet = Packet::EMPTY;
        // The sums are 0xffff: 0x4500 + 40 + 6 + 0xbad1, and 6 + 20 + 0x5010 + 0xafd5.
        template.build(&fields(0xbad1, 0xafd5), &mut packet);
        assert_eq!(packet.bytes[10..12], [0, 0]);
        assert_eq!(packet.bytes[36..38], [0xff, 0xff]);
        assert!(template.fits(packet.bytes()));
        let mut other = packet;
        other.bytes[10..12].fill(0xff);
        assert!(!template.fits(other.bytes()));
        let mut other = packet;
        other.bytes[36..38].fill(0);
        assert!(!template.fits(other.bytes()));
    }
}
