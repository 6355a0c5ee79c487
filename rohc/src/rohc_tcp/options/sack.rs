//! `tcp_opt_sack` (RFC 6846 section 8.2): each border of a block relative to the one before it, the first
//! to the acknowledgment number.

use super::{Item, kind};
use crate::Error;
use crate::rohc_tcp::coder::Coder;

/// Discriminators of `sack_pure_lsb`: `lsb_15`, `lsb_22`, `lsb_29`, `full_offset`.
const DISCRIMINATORS: [(u32, u32); 4] = [(0b0, 1), (0b10, 2), (0b110, 3), (0xff, 8)];
const WIDTHS: [u32; 4] = [15, 22, 29, 32];
const BLOCK: u8 = 8;

/// `sack_pure_lsb`.
fn sack_pure_lsb<C: Coder>(c: &mut C, border: &mut u32, base: u32) -> Result<(), Error> {
    let mut offset = border.wrapping_sub(base);
    let mut form = WIDTHS.iter().position(|width| offset <= u32::MAX >> (32 - width)).unwrap_or(3);
    c.prefix(&mut form, &DISCRIMINATORS)?;
    c.bits(WIDTHS[form], &mut offset)?;
    *border = base.wrapping_add(offset);
    Ok(())
}

/// Whether `option` is a selective acknowledgment with one to four blocks.
pub(super) fn is_sack(option: &[u8]) -> bool {
    matches!(option.len(), 10 | 18 | 26 | 34)
}

fn blocks<C: Coder>(c: &mut C, item: &mut Item, ack_number: u32) -> Result<(), Error> {
    let mut base = ack_number;
    for at in (2..item.length.into()).step_by(4) {
        let mut border = item.be32(at);
        sack_pure_lsb(c, &mut border, base)?;
        item.set_be32(at, border);
        base = border;
    }
    Ok(())
}

/// Discriminators of the items: how many blocks there are; 0, in the irregular chain, if they are as they
/// were.
const BLOCKS: [(u32, u32); 5] = [(0, 8), (1, 8), (2, 8), (3, 8), (4, 8)];

fn blocks_of(item: &Item) -> usize {
    usize::from(item.length.saturating_sub(2) / BLOCK)
}

/// `sack1_list_item` to `sack4_list_item`.
pub(super) fn list_item<C: Coder>(
    c: &mut C,
    item: &mut Item,
    ack_number: u32,
) -> Result<(), Error> {
    let mut count = blocks_of(item).saturating_sub(1);
    c.prefix(&mut count, &BLOCKS[1..])?;
    item.start(kind::SACK, 2 + BLOCK * (count as u8 + 1));
    blocks(c, item, ack_number)
}

/// `sack_unchanged_irregular` to `sack4_irregular`.
pub(super) fn irregular<C: Coder>(
    c: &mut C,
    item: &mut Item,
    unchanged: bool,
    ack_number: u32,
) -> Result<(), Error> {
    let mut count = if unchanged { 0 } else { blocks_of(item) };
    c.prefix(&mut count, &BLOCKS)?;
    if count == 0 {
        return Ok(());
    }
    item.start(kind::SACK, 2 + BLOCK * count as u8);
    blocks(c, item, ack_number)
}
