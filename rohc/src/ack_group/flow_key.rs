//! Which flow a packet belongs to, and the flow's CID. docs/ack-group.md section 8.

/// Protocol number of TCP.
pub const TCP: u8 = 6;

/// The addresses and ports of a TCP flow, in the direction of its ACKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlowKey {
    // First, since flows differ here: the comparison ends early.
    ports: u32,
    is_ipv6: bool,
    /// Source and destination, those of IPv4 in the low half.
    addresses: [[u64; 2]; 2],
}

impl FlowKey {
    /// The key of an IPv4 or IPv6 packet that is all TCP: no fragment, no extension header.
    #[inline(always)]
    pub fn of(packet: &[u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => {
                let header = packet.first_chunk::<20>()?;
                let is_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0;
                if header[9] != TCP || is_fragment {
                    return None;
                }
                let address = |at| u64::from(be32(header, at));
                let addresses = [[0, address(12)], [0, address(16)]];
                let ports = ports(packet, usize::from(header[0] & 0xf) * 4)?;
                Some(Self { ports, is_ipv6: false, addresses })
            }
            6 => {
                let header = packet.first_chunk::<40>()?;
                if header[6] != TCP {
                    return None;
                }
                let half = |at| u64::from(be32(header, at)) << 32 | u64::from(be32(header, at + 4));
                let addresses = [[half(8), half(16)], [half(24), half(32)]];
                Some(Self { ports: ports(packet, 40)?, is_ipv6: true, addresses })
            }
            _ => None,
        }
    }

    /// Equality, word by word. A key that was just put together from words is not yet where a
    /// comparison of whole structures, which is in larger pieces, could read it.
    #[inline(always)]
    pub(super) fn is(&self, other: &Self) -> bool {
        let [[a, b], [c, d]] = self.addresses;
        let [[e, f], [g, h]] = other.addresses;
        self.ports == other.ports
            && self.is_ipv6 == other.is_ipv6
            && (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h) == 0
    }

    /// A place in a table of this many places, which is a power of two. Ports tell a host's flows
    /// apart.
    #[inline]
    pub(super) fn place(&self, places: usize) -> usize {
        (self.ports >> 16 ^ self.ports ^ self.addresses[1][1] as u32) as usize & (places - 1)
    }

    /// Context identifier: the last byte of the MD5 over protocol, addresses and ports.
    pub fn cid(&self) -> u8 {
        let mut md5 = md5::Context::new();
        md5.consume([TCP]);
        for [high, low] in self.addresses {
            if self.is_ipv6 {
                md5.consume(high.to_be_bytes());
                md5.consume(low.to_be_bytes());
            } else {
                md5.consume((low as u32).to_be_bytes());
            }
        }
        md5.consume(self.ports.to_be_bytes());
        md5.finalize()[15]
    }
}

/// The ports, behind an IP header of this length.
#[inline(always)]
fn ports(packet: &[u8], ip_len: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*packet.get(ip_len..)?.first_chunk()?))
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn cid(source: &str, destination: &str, source_port: u16, destination_port: u16) -> u8 {
        let mut packet = vec![0; 60];
        let addresses: [IpAddr; 2] = [source.parse().unwrap(), destination.parse().unwrap()];
        let ports = match addresses {
            [IpAddr::V4(source), IpAddr::V4(destination)] => {
                packet[0] = 0x45;
                packet[9] = TCP;
                packet[12..16].copy_from_slice(&source.octets());
                packet[16..20].copy_from_slice(&destination.octets());
                20
            }
            [IpAddr::V6(source), IpAddr::V6(destination)] => {
                packet[0] = 0x60;
                packet[6] = TCP;
                packet[8..24].copy_from_slice(&source.octets());
                packet[24..40].copy_from_slice(&destination.octets());
                40
            }
            _ => unreachable!("one version"),
        };
        packet[ports..ports + 2].copy_from_slice(&source_port.to_be_bytes());
        packet[ports + 2..ports + 4].copy_from_slice(&destination_port.to_be_bytes());
        FlowKey::of(&packet).unwrap().cid()
    }

    #[test]
    fn the_cids_of_the_design() {
        assert_eq!(cid("10.9.0.2", "10.9.0.1", 40000, 5201), 219);
        assert_eq!(cid("192.168.1.23", "93.184.216.34", 51514, 443), 169);
        assert_eq!(cid("fd09::2", "fd09::1", 50412, 5201), 16);
    }

    #[test]
    fn what_is_not_whole_tcp_has_no_key() {
        let mut packet = [0; 40];
        packet[0] = 0x45;
        packet[9] = TCP;
        assert!(FlowKey::of(&packet).is_some());
        assert_eq!(FlowKey::of(&packet[..23]), None);
        packet[6] = 0x20;
        assert_eq!(FlowKey::of(&packet), None, "more fragments");
        packet[6] = 0;
        packet[9] = 17;
        assert_eq!(FlowKey::of(&packet), None, "UDP");
        assert_eq!(FlowKey::of(&[]), None);
    }
}
