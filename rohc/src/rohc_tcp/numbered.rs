//! `lsb_7_or_31` (RFC 6846 section 8.2): sequence numbers of AH and GRE in the irregular chain.

use super::coder::Coder;
use super::lsb::{Lsb, lsb};
use crate::Error;

const LSB_7: Lsb = lsb(7, 8);
const LSB_31: Lsb = lsb(31, 256);

/// How far a number may run ahead of the packet before: the packets that the decompressor may have
/// missed since its own reference ran ahead no further each.
const FAR: u32 = 1 << 24;

fn number(octets: &[u8]) -> u32 {
    u32::from_be_bytes([octets[0], octets[1], octets[2], octets[3]])
}

/// Whether the number at the start of `new` cannot be told relative to that of `old`, or of packets
/// before it.
pub(crate) fn far(new: &[u8], old: &[u8]) -> bool {
    number(new).wrapping_sub(number(old)) > FAR
}

/// A sequence number of four octets, which the decompressor finds as it was in the context. The
/// compressor sends the long form, which any of the decompressor's possible references suits.
pub(crate) fn lsb_7_or_31<C: Coder>(c: &mut C, octets: &mut [u8]) -> Result<(), Error> {
    let reference = number(octets);
    let mut value = reference;
    let mut long = true;
    c.bits(1, &mut long)?;
    c.lsb(if long { LSB_31 } else { LSB_7 }, &mut value, reference)?;
    octets.copy_from_slice(&value.to_be_bytes());
    Ok(())
}
