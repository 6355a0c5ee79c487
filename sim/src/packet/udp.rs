//! A UDP datagram (RFC 768) in its IP packet.

use bytes::Bytes;
use etherparse::{IpEcn, UdpHeader, UdpSlice, ip_number};

use super::{
    Flow, PacketError, checksum,
    ip::{self, IpPacket},
};

/// Where the checksum is in a UDP header.
const CHECKSUM: std::ops::Range<usize> = 6..8;

/// A datagram's headers, without the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// From whom to whom.
    pub flow: Flow,
    /// IPv4's identification.
    pub identification: u16,
}

impl Datagram {
    /// The packet with `payload`.
    ///
    /// # Panics
    /// If that is more than an IP packet can carry.
    pub fn emit(&self, payload: &[u8]) -> Bytes {
        let ip_len = self.flow.ip_header_len();
        let length = UdpHeader::LEN + payload.len();
        let mut packet = Vec::with_capacity(ip_len + length);
        ip::emit_header(
            &mut packet,
            &self.flow,
            ip_number::UDP,
            IpEcn::NotEct,
            self.identification,
            length,
        );
        let header = UdpHeader {
            source_port: self.flow.source().port(),
            destination_port: self.flow.destination().port(),
            length: u16::try_from(length).expect("an IP packet has 64 KB at most"),
            checksum: 0,
        };
        packet.extend_from_slice(&header.to_bytes());
        packet.extend_from_slice(payload);
        let datagram = &mut packet[ip_len..];
        // A checksum of 0 would say that there is none (RFC 768); the sum is the same with 0xffff.
        let checksum = match checksum::transport(&self.flow, ip_number::UDP, datagram) {
            0 => 0xffff,
            checksum => checksum,
        };
        datagram[CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
        packet.into()
    }

    /// The datagram in `packet`, and its payload, which stays there.
    ///
    /// # Errors
    /// If the packet is something else or damaged.
    pub fn parse(packet: &[u8]) -> Result<(Datagram, &[u8]), PacketError> {
        let ip = IpPacket::parse(packet, ip_number::UDP)?;
        let udp = UdpSlice::from_slice(ip.payload()).map_err(|_| PacketError::Transport)?;
        let flow = ip.flow(udp.source_port(), udp.destination_port());
        if udp.checksum() != 0 && checksum::transport(&flow, ip_number::UDP, udp.slice()) != 0 {
            return Err(PacketError::Checksum);
        }
        Ok((Datagram { flow, identification: ip.identification() }, udp.payload()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_datagram_is_read_as_it_was_written(
            v6: bool,
            payload in proptest::collection::vec(any::<u8>(), 0..1473),
        ) {
            let (source, destination) =
                if v6 { ("[::1]:9", "[::2]:10") } else { ("10.0.0.1:9", "10.0.0.2:10") };
            let flow = Flow::new(source.parse().unwrap(), destination.parse().unwrap());
            let datagram = Datagram { flow, identification: if v6 { 0 } else { 77 } };
            let packet = datagram.emit(&payload);
            prop_assert_eq!(Datagram::parse(&packet), Ok((datagram, payload.as_slice())));
        }

        #[test]
        fn any_bytes_can_be_read(packet in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Datagram::parse(&packet);
        }
    }
}
