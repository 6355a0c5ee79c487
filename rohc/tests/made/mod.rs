//! Parts of made-up packets, for tests and benches.

/// An IPv4 packet with a right checksum.
pub fn ipv4(payload: &[u8], protocol: u8, ip_id: u16, flow: u8) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend((20 + payload.len() as u16).to_be_bytes());
    header.extend(ip_id.to_be_bytes());
    header.extend([0x40, 0, 64, protocol, 0, 0, 10, 9, 0, flow, 10, 9, 0, 1]);
    let sum = checksum(&header, 10);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header.extend(payload);
    header
}

/// The Internet checksum of a header whose checksum field is at octet `field`.
pub fn checksum(header: &[u8], field: usize) -> u16 {
    let word = |at: usize| u32::from(u16::from_be_bytes([header[at], header[at + 1]]));
    let sum: u32 = (0..header.len()).step_by(2).filter(|at| *at != field).map(word).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

/// An IPv6 packet.
pub fn ipv6(payload: &[u8], next_header: u8, flow: u8) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, flow];
    header.extend((payload.len() as u16).to_be_bytes());
    header.extend([next_header, 64]);
    header.extend([[0xfd; 16], [0xfe; 16]].concat());
    header.extend(payload);
    header
}
