//! What a host or a router looks at in a packet before anybody takes it apart.

use std::net::{IpAddr, SocketAddr};

use etherparse::IpSlice;

/// EtherTypes of IPv4 and IPv6.
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// The EtherType of an IP packet, by its version; none of anything else.
pub fn ethertype(packet: &[u8]) -> Option<u16> {
    match packet.first()? >> 4 {
        4 => Some(IPV4),
        6 => Some(IPV6),
        _ => None,
    }
}

/// Where an IP packet goes.
pub fn destination_address(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => Some(IpAddr::from(*packet.get(16..20)?.first_chunk::<4>()?)),
        6 => Some(IpAddr::from(*packet.get(24..40)?.first_chunk::<16>()?)),
        _ => None,
    }
}

/// Where an IP packet comes from.
pub fn source_address(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => Some(IpAddr::from(*packet.get(12..16)?.first_chunk::<4>()?)),
        6 => Some(IpAddr::from(*packet.get(8..24)?.first_chunk::<16>()?)),
        _ => None,
    }
}

/// Where a TCP segment or UDP datagram goes; checksums are not looked at.
pub fn destination(packet: &[u8]) -> Option<SocketAddr> {
    let slice = IpSlice::from_slice(packet).ok()?;
    let payload = slice.payload().payload;
    let port = u16::from_be_bytes(*payload.get(2..4)?.first_chunk()?);
    Some(SocketAddr::new(slice.destination_addr(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Datagram, Flow};

    #[test]
    fn a_packet_goes_where_its_flow_goes() {
        for (source, to) in [("10.0.0.1:9", "10.0.0.2:5001"), ("[fd00::1]:9", "[fd00::2]:5001")] {
            let to: SocketAddr = to.parse().unwrap();
            let flow = Flow::new(source.parse().unwrap(), to);
            let packet = Datagram { flow, identification: 1 }.emit(&[0; 8]);
            assert_eq!(destination(&packet), Some(to));
            assert_eq!(destination_address(&packet), Some(to.ip()));
            assert_eq!(source_address(&packet), Some(flow.source().ip()));
            assert_eq!(ethertype(&packet), Some(if to.is_ipv4() { 0x0800 } else { 0x86dd }));
            for cut in 0..packet.len() {
                assert_eq!(destination(&packet[..cut]), None);
            }
        }
        assert_eq!(ethertype(&[]), None);
        assert_eq!(destination_address(&[0; 40]), None);
    }
}
