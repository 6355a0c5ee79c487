//! Minimal encapsulation within IP (RFC 2004; RFC 6846 section 8.2, `mine`). The checksum is inferred
//! (section 6.4.2).

use super::{REPLICATE_CHANGED, room};
use crate::rohc_tcp::checksum::internet_checksum;
use crate::rohc_tcp::coder::Coder;
use crate::{Error, Native};

/// Whether the original source address is there.
const S_BIT: u8 = 0x80;

fn length(header: &[u8]) -> usize {
    if header[1] & S_BIT == 0 { 8 } else { 12 }
}

pub(super) fn check(octets: &[u8]) -> Result<usize, Native> {
    if octets.len() < 2 || octets.len() < length(octets) {
        return Err(Native::Malformed);
    }
    let length = length(octets);
    if internet_checksum(&octets[..length]) != 0 || octets[2..4] == [0xff, 0xff] {
        return Err(Native::Checksum);
    }
    Ok(length)
}

pub(super) fn same_static(one: &[u8], other: &[u8]) -> bool {
    one[..2] == other[..2] && one[4..] == other[4..]
}

/// `inferred_mine_header_checksum`.
pub(super) fn infer(header: &mut [u8]) {
    header[2..4].fill(0);
    let checksum = internet_checksum(header);
    header[2..4].copy_from_slice(&checksum.to_be_bytes());
}

/// `mine_static`.
pub(super) fn static_item<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    c.whole(&mut room(header, 2)?[0])?;
    addresses(c, header)
}

/// `s_bit` to `orig_src`.
fn addresses<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    c.whole(&mut header[1])?;
    let length = length(header);
    c.octets(&mut room(header, length)?[4..])?;
    Ok(length)
}

/// `mine_0_replicate` and `mine_1_replicate`.
pub(super) fn replicate<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    old: usize,
) -> Result<usize, Error> {
    let mut discriminator = REPLICATE_CHANGED;
    c.whole(&mut discriminator)?;
    if discriminator == REPLICATE_CHANGED { addresses(c, header) } else { Ok(old) }
}
