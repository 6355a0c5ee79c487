//! The authentication header (RFC 4302; RFC 6846 section 8.2, `ah`).

use super::{REPLICATE_CHANGED, room};
use crate::rohc_tcp::coder::Coder;
use crate::rohc_tcp::numbered::{far, lsb_7_or_31};
use crate::{Error, Native};

/// Next header, length, reserved bits, SPI and sequence number.
const FIXED: usize = 12;

/// Length in octets of a header whose length field is not zero.
fn length(header: &[u8]) -> usize {
    usize::from(header[1]) * 4 + 8
}

pub(super) fn check(octets: &[u8]) -> Result<usize, Native> {
    if octets.len() < FIXED || octets.len() < length(octets) || octets[1] == 0 {
        return Err(Native::Malformed);
    }
    Ok(length(octets))
}

pub(super) fn same_static(one: &[u8], other: &[u8]) -> bool {
    one[..2] == other[..2] && one[4..8] == other[4..8]
}

/// Whether something changed that the irregular chain cannot tell.
pub(super) fn jumped(new: &[u8], old: &[u8]) -> bool {
    new[2..4] != old[2..4] || far(&new[8..], &old[8..])
}

/// `ah_static`.
pub(super) fn static_item<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    c.octets(room(header, 2)?)?;
    let length = length(header);
    c.octets(&mut room(header, length.max(FIXED))?[4..8])?;
    Ok(length.max(FIXED))
}

/// `ah_dynamic`.
pub(super) fn dynamic<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    c.octets(&mut header[2..4])?;
    c.octets(&mut header[8..])
}

/// `ah_irregular`.
pub(super) fn irregular<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    lsb_7_or_31(c, &mut header[8..FIXED])?;
    c.octets(&mut header[FIXED..])
}

/// `ah_0_replicate` and `ah_1_replicate`.
pub(super) fn replicate<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    old: usize,
) -> Result<usize, Error> {
    let mut discriminator = REPLICATE_CHANGED;
    c.whole(&mut discriminator)?;
    let length = if discriminator == REPLICATE_CHANGED {
        c.whole(&mut header[1])?;
        let length = length(header).max(FIXED);
        c.octets(&mut room(header, length)?[2..8])?;
        length
    } else {
        old
    };
    c.octets(&mut room(header, length)?[8..])?;
    Ok(length)
}
