//! The frame check sequence: CRC-32 over the MPDU, its last four bytes (9.2.4.8).

/// Bytes of the FCS.
pub const LEN: usize = 4;

/// Whether the last four bytes are the FCS of the rest.
pub fn is_right(mpdu: &[u8]) -> bool {
    mpdu.split_last_chunk().is_some_and(|(body, fcs): (_, &[u8; LEN])| of(body) == *fcs)
}

/// The FCS of a frame without one.
pub fn of(body: &[u8]) -> [u8; LEN] {
    crc32fast::hash(body).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acks_fcs_is_right_until_a_bit_flips() {
        let mut ack = hex::decode("d4000000e4907e152a168cf611e3").unwrap();
        assert!(is_right(&ack));
        ack[5] ^= 1;
        assert!(!is_right(&ack));
        assert!(!is_right(&[1, 2, 3]));
    }
}
