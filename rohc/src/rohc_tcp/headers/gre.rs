//! Generic routing encapsulation of IPv4 or IPv6 (RFC 2784, RFC 2890; RFC 6846 section 8.2, `gre`).

use super::{REPLICATE_CHANGED, room};
use crate::rohc_tcp::coder::Coder;
use crate::rohc_tcp::numbered::{far, lsb_7_or_31};
use crate::{Error, Native};

const C_FLAG: u8 = 0x80;
const K_FLAG: u8 = 0x20;
const S_FLAG: u8 = 0x10;
const ETHER_V4: [u8; 2] = [0x08, 0x00];
const ETHER_V6: [u8; 2] = [0x86, 0xdd];

/// Where the optional fields are.
#[derive(Debug, Clone, Copy)]
struct Places {
    checksum: Option<usize>,
    key: Option<usize>,
    sequence_number: Option<usize>,
    length: usize,
}

impl Places {
    fn of(flags: u8) -> Self {
        let mut length = 4;
        let mut place = |flag| {
            (flags & flag != 0).then(|| {
                length += 4;
                length - 4
            })
        };
        let (checksum, key) = (place(C_FLAG), place(K_FLAG));
        let sequence_number = place(S_FLAG);
        Self { checksum, key, sequence_number, length }
    }
}

pub(super) fn next(header: &[u8]) -> u8 {
    if header[2..4] == ETHER_V4 { 4 } else { 41 }
}

pub(super) fn check(octets: &[u8]) -> Result<usize, Native> {
    let flags = *octets.first().ok_or(Native::Malformed)?;
    let places = Places::of(flags);
    if octets.len() < places.length {
        return Err(Native::Malformed);
    }
    let reserved = flags & !(C_FLAG | K_FLAG | S_FLAG) != 0 || octets[1] != 0;
    let protocol = octets[2..4] != ETHER_V4 && octets[2..4] != ETHER_V6;
    let reserved1 = places.checksum.is_some_and(|at| octets[at + 2..at + 4] != [0, 0]);
    if reserved || protocol || reserved1 {
        return Err(Native::TunnelHeader);
    }
    Ok(places.length)
}

pub(super) fn same_static(one: &[u8], other: &[u8]) -> bool {
    let key = Places::of(one[0]).key.is_none_or(|at| one[at..at + 4] == other[at..at + 4]);
    one[..4] == other[..4] && key
}

/// Whether the sequence number went where the irregular chain cannot follow.
pub(super) fn jumped(new: &[u8], old: &[u8]) -> bool {
    Places::of(new[0]).sequence_number.is_some_and(|at| far(&new[at..], &old[at..]))
}

/// `gre_static`.
pub(super) fn static_item<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    let base = room(header, 4)?;
    let mut v6 = base[2..4] == ETHER_V6;
    c.bits(1, &mut v6)?;
    flags(c, &mut base[0])?;
    c.constant(4, 0)?;
    base[2..4].copy_from_slice(if v6 { &ETHER_V6 } else { &ETHER_V4 });
    let places = Places::of(base[0]);
    let header = room(header, places.length)?;
    if let Some(at) = places.key {
        c.octets(&mut header[at..at + 4])?;
    }
    Ok(places.length)
}

fn flags<C: Coder>(c: &mut C, octet: &mut u8) -> Result<(), Error> {
    for flag in [C_FLAG, K_FLAG, S_FLAG] {
        let mut set = *octet & flag != 0;
        c.bits(1, &mut set)?;
        *octet = *octet & !flag | if set { flag } else { 0 };
    }
    Ok(())
}

/// `gre_dynamic`.
pub(super) fn dynamic<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    let places = Places::of(header[0]);
    if let Some(at) = places.checksum {
        c.octets(&mut header[at..at + 2])?;
    }
    if let Some(at) = places.sequence_number {
        c.octets(&mut header[at..at + 4])?;
    }
    Ok(())
}

/// `gre_irregular`.
pub(super) fn irregular<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    let places = Places::of(header[0]);
    if let Some(at) = places.checksum {
        c.octets(&mut header[at..at + 2])?;
    }
    match places.sequence_number {
        Some(at) => lsb_7_or_31(c, &mut header[at..at + 4]),
        None => Ok(()),
    }
}

/// `gre_0_replicate` and `gre_1_replicate`.
pub(super) fn replicate<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    old: usize,
) -> Result<usize, Error> {
    let mut first = REPLICATE_CHANGED >> 3;
    c.bits(5, &mut first)?;
    if first != REPLICATE_CHANGED >> 3 {
        c.constant(3, 0)?;
        dynamic(c, room(header, old)?)?;
        return Ok(old);
    }
    flags(c, &mut header[0])?;
    let places = Places::of(header[0]);
    let header = room(header, places.length)?;
    header[4..].fill(0);
    if let Some(at) = places.checksum {
        c.octets(&mut header[at..at + 2])?;
    }
    for at in [places.key, places.sequence_number].into_iter().flatten() {
        c.octets(&mut header[at..at + 4])?;
    }
    Ok(places.length)
}
