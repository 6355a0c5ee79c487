//! IPv4 and IPv6 (RFC 6846 section 8.2, `ipv4` and `ipv6`). Lengths and checksums are inferred
//! (sections 6.4.1, 6.4.3, 6.4.4). Not carried: IPv4 options and fragments, jumbograms.

use super::{Irregular, Kind, room};
use crate::rohc_tcp::checksum::internet_checksum;
use crate::rohc_tcp::coder::Coder;
use crate::rohc_tcp::fields::{Fields, IpIdBehavior};
use crate::{Error, Native};

const LENGTH_V4: usize = 20;
const LENGTH_V6: usize = 40;
const DF: u8 = 0x40;

fn be16(octets: &[u8]) -> u16 {
    u16::from_be_bytes([octets[0], octets[1]])
}

pub(super) fn check_v4(octets: &[u8]) -> Result<usize, Native> {
    if octets.len() < LENGTH_V4 || octets[0] >> 4 != 4 {
        return Err(Native::Malformed);
    }
    if octets[0] != 0x45 {
        return Err(Native::Ipv4Options);
    }
    if octets[6] & !DF != 0 || octets[7] != 0 {
        return Err(Native::Fragment);
    }
    if usize::from(be16(&octets[2..4])) != octets.len() {
        return Err(Native::Length);
    }
    if internet_checksum(&octets[..LENGTH_V4]) != 0 || be16(&octets[10..12]) == 0xffff {
        return Err(Native::Checksum);
    }
    Ok(LENGTH_V4)
}

pub(super) fn check_v6(octets: &[u8]) -> Result<usize, Native> {
    if octets.len() < LENGTH_V6 || octets[0] >> 4 != 6 {
        return Err(Native::Malformed);
    }
    if usize::from(be16(&octets[4..6])) != octets.len() - LENGTH_V6 {
        return Err(Native::Length);
    }
    Ok(LENGTH_V6)
}

pub(super) fn same_static_v4(one: &[u8], other: &[u8]) -> bool {
    one[9] == other[9] && one[12..LENGTH_V4] == other[12..LENGTH_V4]
}

pub(super) fn same_static_v6(one: &[u8], other: &[u8]) -> bool {
    flow_label(one) == flow_label(other)
        && one[6] == other[6]
        && one[8..LENGTH_V6] == other[8..LENGTH_V6]
}

fn flow_label(header: &[u8]) -> u32 {
    u32::from_be_bytes([0, header[1] & 0x0f, header[2], header[3]])
}

fn set_flow_label(header: &mut [u8], label: u32) {
    let label = label.to_be_bytes();
    header[1] = header[1] & 0xf0 | label[1];
    header[2..4].copy_from_slice(&label[2..]);
}

/// Type of service or traffic class: DSCP and ECN.
pub(super) fn tos(kind: Kind, header: &[u8]) -> u8 {
    if kind == Kind::Ipv4 { header[1] } else { header[0] << 4 | header[1] >> 4 }
}

fn set_tos(kind: Kind, header: &mut [u8], tos: u8) {
    if kind == Kind::Ipv4 {
        header[1] = tos;
    } else {
        header[0] = 0x60 | tos >> 4;
        header[1] = header[1] & 0x0f | tos << 4;
    }
}

pub(super) fn ttl(kind: Kind, header: &[u8]) -> u8 {
    if kind == Kind::Ipv4 { header[8] } else { header[7] }
}

/// The IP-ID behavior to give to an outer header: it must not be sequential (section 6.1.2).
pub(super) fn outer_behavior(header: &[u8]) -> IpIdBehavior {
    if header[4..6] == [0, 0] { IpIdBehavior::Zero } else { IpIdBehavior::Random }
}

/// Takes the fields of a header.
pub(super) fn take(kind: Kind, header: &[u8], fields: &mut Fields) {
    let tos = tos(kind, header);
    fields.dscp = tos >> 2;
    fields.ip_ecn_flags = tos & 3;
    fields.ttl_hopl = ttl(kind, header);
    if kind == Kind::Ipv4 {
        fields.df = header[6] & DF != 0;
        fields.ip_id = be16(&header[4..6]);
    } else {
        fields.df = false;
        fields.ip_id = 0;
    }
}

/// Puts fields into a header.
pub(super) fn put(kind: Kind, header: &mut [u8], fields: &Fields) {
    set_tos(kind, header, fields.dscp << 2 | fields.ip_ecn_flags);
    if kind == Kind::Ipv4 {
        header[4..6].copy_from_slice(&fields.ip_id.to_be_bytes());
        header[6] = if fields.df { DF } else { 0 };
        header[8] = fields.ttl_hopl;
    } else {
        header[7] = fields.ttl_hopl;
    }
}

/// `inferred_ip_v4_length`, `inferred_ip_v4_header_checksum`.
pub(super) fn infer_v4(header: &mut [u8], total: usize) {
    header[2..4].copy_from_slice(&(total as u16).to_be_bytes());
    header[10..12].fill(0);
    let checksum = internet_checksum(header);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
}

/// `inferred_ip_v6_length`.
pub(super) fn infer_v6(header: &mut [u8], total: usize) {
    header[4..6].copy_from_slice(&((total - LENGTH_V6) as u16).to_be_bytes());
}

/// `ipv4_static`.
pub(super) fn static_v4<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    let header = room(header, LENGTH_V4)?;
    header[0] = 0x45;
    c.constant(1, 0)?;
    c.constant(7, 0)?;
    c.whole(&mut header[9])?;
    c.octets(&mut header[12..])?;
    Ok(LENGTH_V4)
}

/// `ipv6_static`.
pub(super) fn static_v6<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    let header = room(header, LENGTH_V6)?;
    header[0] |= 0x60;
    c.constant(1, 1)?;
    c.constant(2, 0)?;
    fl_enc(c, header)?;
    c.whole(&mut header[6])?;
    c.octets(&mut header[8..])?;
    Ok(LENGTH_V6)
}

/// `fl_enc`.
fn fl_enc<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    let mut label = flow_label(header);
    let mut non_zero = label != 0;
    c.bits(1, &mut non_zero)?;
    if non_zero {
        c.bits(20, &mut label)?;
    } else {
        c.constant(4, 0)?;
        label = 0;
    }
    set_flow_label(header, label);
    Ok(())
}

/// `ipv4_innermost_dynamic` and `ipv4_outer_dynamic`.
pub(super) fn dynamic_v4<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    behavior: &mut IpIdBehavior,
) -> Result<(), Error> {
    let mut df = header[6] & DF != 0;
    c.constant(5, 0)?;
    c.bits(1, &mut df)?;
    behavior_bits(c, behavior)?;
    header[6] = if df { DF } else { 0 };
    c.whole(&mut header[1])?;
    c.whole(&mut header[8])?;
    ip_id_enc_dyn(c, header, *behavior)
}

fn behavior_bits<C: Coder>(c: &mut C, behavior: &mut IpIdBehavior) -> Result<(), Error> {
    let mut bits = *behavior as u8;
    c.bits(2, &mut bits)?;
    *behavior = IpIdBehavior::from_bits(bits);
    Ok(())
}

/// `ip_id_enc_dyn`.
fn ip_id_enc_dyn<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    behavior: IpIdBehavior,
) -> Result<(), Error> {
    if behavior == IpIdBehavior::Zero {
        header[4..6].fill(0);
        return Ok(());
    }
    c.octets(&mut header[4..6])
}

/// `ipv6_dynamic`.
pub(super) fn dynamic_v6<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<(), Error> {
    tos_bits(c, Kind::Ipv6, header)?;
    c.whole(&mut header[7])
}

fn tos_bits<C: Coder>(c: &mut C, kind: Kind, header: &mut [u8]) -> Result<(), Error> {
    let mut octet = tos(kind, header);
    c.whole(&mut octet)?;
    set_tos(kind, header, octet);
    Ok(())
}

/// `ipv4_innermost_irregular`.
pub(super) fn innermost_irregular<C: Coder>(c: &mut C, fields: &mut Fields) -> Result<(), Error> {
    match fields.ip_id_behavior {
        IpIdBehavior::Random => c.whole(&mut fields.ip_id),
        IpIdBehavior::Zero => {
            fields.ip_id = 0;
            Ok(())
        }
        IpIdBehavior::Sequential | IpIdBehavior::SequentialSwapped => Ok(()),
    }
}

/// `ipv4_outer_without_ttl_irregular` and `ipv4_outer_with_ttl_irregular`.
pub(super) fn outer_irregular_v4<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    behavior: IpIdBehavior,
    irregular: Irregular,
) -> Result<(), Error> {
    if behavior == IpIdBehavior::Random {
        c.octets(&mut header[4..6])?;
    }
    c.optional(irregular.ecn_used, &mut header[1])?;
    c.optional(irregular.ttl_irregular_chain_flag, &mut header[8])
}

/// `ipv6_outer_without_ttl_irregular` and `ipv6_outer_with_ttl_irregular`.
pub(super) fn outer_irregular_v6<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    irregular: Irregular,
) -> Result<(), Error> {
    if irregular.ecn_used {
        tos_bits(c, Kind::Ipv6, header)?;
    }
    c.optional(irregular.ttl_irregular_chain_flag, &mut header[7])
}

/// `ipv4_innermost_replicate` and `ipv4_outer_replicate`.
pub(super) fn replicate_v4<C: Coder>(
    c: &mut C,
    header: &mut [u8],
    behavior: &mut IpIdBehavior,
) -> Result<usize, Error> {
    let header = room(header, LENGTH_V4)?;
    let mut df = header[6] & DF != 0;
    let mut ttl_flag = true;
    c.constant(4, 0)?;
    behavior_bits(c, behavior)?;
    c.bits(1, &mut ttl_flag)?;
    c.bits(1, &mut df)?;
    header[6] = if df { DF } else { 0 };
    c.whole(&mut header[1])?;
    ip_id_enc_dyn(c, header, *behavior)?;
    c.optional(ttl_flag, &mut header[8])?;
    Ok(LENGTH_V4)
}

/// `ipv6_replicate`.
pub(super) fn replicate_v6<C: Coder>(c: &mut C, header: &mut [u8]) -> Result<usize, Error> {
    let header = room(header, LENGTH_V6)?;
    tos_bits(c, Kind::Ipv6, header)?;
    c.constant(3, 0)?;
    fl_enc(c, header)?;
    Ok(LENGTH_V6)
}
