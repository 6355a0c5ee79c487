//! The IP header of a packet, as Linux sends it: IPv4 (RFC 791) or IPv6 (RFC 8200), no options, no
//! extension headers, never a fragment (RFC 6864: the packets are atomic).

use std::net::SocketAddr;

use etherparse::{
    IpEcn, IpFragOffset, IpNumber, IpSlice, Ipv4Header, Ipv4Options, Ipv6FlowLabel, Ipv6Header,
};
use thiserror::Error;

use super::checksum;

/// Linux's `net.ipv4.ip_default_ttl` and `net.ipv6.conf.all.hop_limit`.
const TTL: u8 = 64;

/// Why bytes are not a packet of the kind they were parsed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PacketError {
    /// The IP header, or a length in it, contradicts the bytes.
    #[error("no whole IP packet")]
    Ip,
    /// A fragment: nobody reassembles them here.
    #[error("a fragment of an IP packet")]
    Fragment,
    /// The packet carries something else.
    #[error("an IP packet with protocol {0}")]
    Protocol(u8),
    /// The TCP or UDP header, or a length in it, contradicts the bytes.
    #[error("no whole TCP or UDP header")]
    Transport,
    /// The bytes are not those that were sent.
    #[error("the checksum is wrong")]
    Checksum,
}

/// Where packets come from and go to: one direction of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    source: SocketAddr,
    destination: SocketAddr,
}

impl Flow {
    /// Packets from `source` to `destination`.
    ///
    /// # Panics
    /// If one is IPv4 and the other IPv6.
    pub fn new(source: SocketAddr, destination: SocketAddr) -> Flow {
        assert_eq!(source.is_ipv4(), destination.is_ipv4(), "{source} cannot reach {destination}");
        Flow { source, destination }
    }

    /// Who sends.
    pub fn source(&self) -> SocketAddr {
        self.source
    }

    /// Who receives.
    pub fn destination(&self) -> SocketAddr {
        self.destination
    }

    /// The other direction.
    pub fn reverse(&self) -> Flow {
        Flow { source: self.destination, destination: self.source }
    }

    /// Bytes of the IP header of its packets.
    pub const fn ip_header_len(&self) -> usize {
        match self.source {
            SocketAddr::V4(_) => Ipv4Header::MIN_LEN,
            SocketAddr::V6(_) => Ipv6Header::LEN,
        }
    }

    /// Twenty bits that are the same for all packets of the flow, as RFC 6437 wants them; the
    /// kernel's are a keyed hash, nobody may look for a meaning.
    fn label(&self) -> Ipv6FlowLabel {
        let ports = u32::from(self.source.port()) << 16 | u32::from(self.destination.port());
        let hash = ports.wrapping_mul(0x9e37_79b1) >> 12;
        Ipv6FlowLabel::try_new(hash).expect("20 bits")
    }
}

/// Appends the IP header for `payload_len` bytes of `protocol`.
pub(super) fn emit_header(
    packet: &mut Vec<u8>,
    flow: &Flow,
    protocol: IpNumber,
    ecn: IpEcn,
    identification: u16,
    payload_len: usize,
) {
    match (flow.source, flow.destination) {
        (SocketAddr::V4(source), SocketAddr::V4(destination)) => {
            let total_len = Ipv4Header::MIN_LEN + payload_len;
            let mut header = Ipv4Header {
                ecn,
                total_len: u16::try_from(total_len).expect("an IP packet has 64 KB at most"),
                identification,
                dont_fragment: true,
                more_fragments: false,
                fragment_offset: IpFragOffset::ZERO,
                time_to_live: TTL,
                protocol,
                source: source.ip().octets(),
                destination: destination.ip().octets(),
                options: Ipv4Options::new(),
                ..Ipv4Header::default()
            };
            header.header_checksum = header.calc_header_checksum();
            packet.extend_from_slice(&header.to_bytes());
        }
        (SocketAddr::V6(source), SocketAddr::V6(destination)) => {
            let mut header = Ipv6Header {
                flow_label: flow.label(),
                payload_length: u16::try_from(payload_len).expect("no jumbograms"),
                next_header: protocol,
                hop_limit: TTL,
                source: source.ip().octets(),
                destination: destination.ip().octets(),
                ..Ipv6Header::default()
            };
            header.set_ecn(ecn);
            packet.extend_from_slice(&header.to_bytes());
        }
        _ => unreachable!("Flow::new"),
    }
}

/// An IP packet that was received whole.
pub(super) struct IpPacket<'a> {
    slice: IpSlice<'a>,
}

impl<'a> IpPacket<'a> {
    /// Checks the header's own checksum as well.
    pub fn parse(packet: &'a [u8], protocol: IpNumber) -> Result<IpPacket<'a>, PacketError> {
        let slice = IpSlice::from_slice(packet).map_err(|_| PacketError::Ip)?;
        if slice.is_fragmenting_payload() {
            return Err(PacketError::Fragment);
        }
        if let Some(ipv4) = slice.ipv4() {
            let header = ipv4.header();
            if checksum::header(header.slice()) != 0 {
                return Err(PacketError::Checksum);
            }
        }
        match slice.payload_ip_number() {
            found if found == protocol => Ok(IpPacket { slice }),
            found => Err(PacketError::Protocol(found.0)),
        }
    }

    /// The TCP segment or UDP datagram.
    pub fn payload(&self) -> &'a [u8] {
        self.slice.payload().payload
    }

    pub fn flow(&self, source_port: u16, destination_port: u16) -> Flow {
        Flow {
            source: SocketAddr::new(self.slice.source_addr(), source_port),
            destination: SocketAddr::new(self.slice.destination_addr(), destination_port),
        }
    }

    pub fn ecn(&self) -> IpEcn {
        match &self.slice {
            IpSlice::Ipv4(ipv4) => ipv4.header().ecn(),
            IpSlice::Ipv6(ipv6) => ipv6.header().to_header().ecn(),
        }
    }

    /// Zero for IPv6, which has none outside of fragments.
    pub fn identification(&self) -> u16 {
        self.slice.ipv4().map_or(0, |ipv4| ipv4.header().identification())
    }
}
