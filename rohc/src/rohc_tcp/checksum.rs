//! The checksum of IPv4 and minimal encapsulation headers (RFC 791).

/// Ones' complement of the ones' complement sum of 16-bit words. Zero over a header with a right
/// checksum in it.
pub(crate) fn internet_checksum(header: &[u8]) -> u16 {
    let (words, _) = header.as_chunks::<4>();
    let sum: u64 = words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum();
    let folded = (sum & 0xffff_ffff) + (sum >> 32);
    let folded = (folded & 0xffff) + (folded >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !(folded as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_its_checksum_gives_zero() {
        let header = [
            0x45, 0x00, 0x00, 0x34, 0xef, 0x6b, 0x40, 0x00, 0x40, 0x06, 0x37, 0x44, 0x0a, 0x09,
            0x00, 0x02, 0x0a, 0x09, 0x00, 0x01,
        ];
        assert_eq!(internet_checksum(&header), 0);
    }
}
