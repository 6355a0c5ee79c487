//! The frame check sequence: CRC-32 over the MPDU, its last four bytes (9.2.4.8).

/// Bytes of the FCS.
pub const LEN: usize = 4;

/// The FCS of a frame without one.
pub fn of(body: &[u8]) -> [u8; LEN] {
    crc32fast::hash(body).to_le_bytes()
}

/// Whether the last four bytes are the FCS of the rest.
pub fn is_right(mpdu: &[u8]) -> bool {
    strip(mpdu).is_some()
}

/// The frame without its FCS, if that is right.
pub fn strip(mpdu: &[u8]) -> Option<&[u8]> {
    let (body, fcs) = mpdu.split_last_chunk()?;
    (of(body) == *fcs).then_some(body)
}

/// Appends the FCS of what `out` holds from `from` on.
pub fn append(out: &mut Vec<u8>, from: usize) {
    let fcs = of(&out[from..]);
    out.extend(fcs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strip_undoes_append(before: Vec<u8>, body: Vec<u8>, flip: prop::sample::Index) {
            let mut out = before.clone();
            out.extend(&body);
            append(&mut out, before.len());
            let mpdu = &mut out[before.len()..];
            prop_assert_eq!(strip(mpdu), Some(body.as_slice()));
            let bit = flip.index(mpdu.len() * 8);
            mpdu[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!is_right(mpdu));
        }
    }

    #[test]
    fn an_acks_fcs_is_right() {
        assert!(is_right(&hex("d4000000e4907e152a168cf611e3")));
        assert!(!is_right(&[1, 2, 3]));
    }
}
