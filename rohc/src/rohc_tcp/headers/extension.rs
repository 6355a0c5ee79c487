//! IPv6 hop-by-hop options, destination options and routing headers (RFC 6846 section 8.2, `ip_hop_opt`,
//! `ip_dest_opt`, `ip_rout_opt`).

use super::{REPLICATE_CHANGED, room};
use crate::rohc_tcp::coder::Coder;
use crate::{Error, Native};

fn length(header: &[u8]) -> usize {
    usize::from(header[1]) * 8 + 8
}

pub(super) fn check(octets: &[u8]) -> Result<usize, Native> {
    if octets.len() < 2 || octets.len() < length(octets) {
        return Err(Native::Malformed);
    }
    Ok(length(octets))
}

/// `hop_opt_static`, `dest_opt_static`: the options themselves are dynamic.
pub(super) fn options_static<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    c.octets(room(header, 2)?)?;
    Ok(room(header, length(header))?.len())
}

/// `rout_opt_static`.
pub(super) fn routing_static<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    let length = options_static(c, header)?;
    c.octets(&mut header[2..length])?;
    Ok(length)
}

/// `hop_opt_0_replicate` and its kin: unchanged, or length and value.
pub(super) fn replicate<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    old: usize,
) -> Result<usize, Error> {
    let mut discriminator = REPLICATE_CHANGED;
    c.whole(&mut discriminator)?;
    if discriminator != REPLICATE_CHANGED {
        return Ok(old);
    }
    c.whole(&mut header[1])?;
    let length = length(header);
    c.octets(&mut room(header, length)?[2..])?;
    Ok(length)
}
