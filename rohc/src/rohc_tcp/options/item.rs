//! Items of the table on the wire (RFC 6846 section 8.2, `tcp_opt_...`): whole in a list, or what
//! changed of them in the irregular chain.

use super::{Item, MAX_OPTIONS, index, kind, sack, timestamp};
use crate::Error;
use crate::rohc_tcp::coder::Coder;

/// Where the two values of a timestamp option are.
const TSVAL: usize = 2;
const TSECHO: usize = 6;
const TIMESTAMP_LENGTH: u8 = 10;

/// `generic_stable_irregular` and `generic_full_irregular`.
const GENERIC: [(u32, u32); 2] = [(0xff, 8), (0x00, 8)];

/// TSval and TSecr.
pub(super) type Timestamps = [u32; 2];

/// The values of a timestamp option.
pub(super) fn timestamps(item: &Item) -> Timestamps {
    [item.be32(TSVAL), item.be32(TSECHO)]
}

/// The index of a well-formed option that has one of its own; `None` for others.
pub(super) fn reserved_index(option: &[u8]) -> Option<u8> {
    match (option[0], option.len()) {
        (kind::NOP, 1) => Some(index::NOP),
        (kind::EOL, length) if length <= MAX_PADDING + 1 => Some(index::EOL),
        (kind::MSS, 4) => Some(index::MSS),
        (kind::WINDOW_SCALE, 3) => Some(index::WINDOW_SCALE),
        (kind::TIMESTAMP, 10) => Some(index::TIMESTAMP),
        (kind::SACK_PERMITTED, 2) => Some(index::SACK_PERMITTED),
        (kind::SACK, _) if sack::is_sack(option) => Some(index::SACK),
        _ => None,
    }
}

/// Whether options of this type have an index of their own.
pub(super) fn is_reserved(option_type: u8) -> bool {
    matches!(
        option_type,
        kind::NOP
            | kind::EOL
            | kind::MSS
            | kind::WINDOW_SCALE
            | kind::TIMESTAMP
            | kind::SACK_PERMITTED
            | kind::SACK
    )
}

/// `..._list_item`: the whole option.
pub(super) fn list_item<C: Coder>(
    c: &mut C,
    index: u8,
    item: &mut Item,
    option_static: &mut bool,
    ack_number: u32,
) -> Result<(), Error> {
    match index {
        index::NOP => {
            item.octets[0] = kind::NOP;
            item.length = 1;
            Ok(())
        }
        index::EOL => eol(c, item),
        index::MSS => fixed(c, item, kind::MSS, 4),
        index::WINDOW_SCALE => fixed(c, item, kind::WINDOW_SCALE, 3),
        index::TIMESTAMP => fixed(c, item, kind::TIMESTAMP, TIMESTAMP_LENGTH),
        index::SACK_PERMITTED => fixed(c, item, kind::SACK_PERMITTED, 2),
        index::SACK => sack::list_item(c, item, ack_number),
        _ => generic(c, item, option_static),
    }
}

/// An option of one length.
fn fixed<C: Coder>(c: &mut C, item: &mut Item, kind: u8, length: u8) -> Result<(), Error> {
    item.start(kind, length);
    c.octets(&mut item.as_mut_slice()[2..])
}

/// The longest padding behind EOL that `pad_len` can say: it counts bits, and has eight.
const MAX_PADDING: usize = 31;

/// `eol_list_item`: `pad_len`, a whole number of octets.
fn eol<C: Coder>(c: &mut C, item: &mut Item) -> Result<(), Error> {
    let mut padding = item.length.saturating_sub(1);
    c.bits(5, &mut padding)?;
    c.constant(3, 0)?;
    item.octets = [0; MAX_OPTIONS];
    item.length = padding + 1;
    Ok(())
}

/// `generic_list_item`.
fn generic<C: Coder>(c: &mut C, item: &mut Item, option_static: &mut bool) -> Result<(), Error> {
    c.whole(&mut item.octets[0])?;
    c.bits(1, option_static)?;
    c.bits(7, &mut item.octets[1])?;
    let length = usize::from(item.octets[1]);
    if !(2..=MAX_OPTIONS).contains(&length) {
        return Err(Error::Options { length });
    }
    item.length = item.octets[1];
    c.octets(&mut item.as_mut_slice()[2..])
}

/// What the irregular chain of an item depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub ack_number: u32,
    pub option_static: bool,
    /// For the compressor: the decompressor surely has the same content.
    pub unchanged: bool,
    /// Timestamps that the decompressor may have.
    pub timestamps: &'a [Timestamps],
}

/// `..._irregular`: of the decompressor, on the item of its table.
pub(super) fn irregular<C: Coder>(
    c: &mut C,
    index: u8,
    item: &mut Item,
    circumstances: Circumstances<'_>,
) -> Result<(), Error> {
    match index {
        index::TIMESTAMP => {
            for (nth, at) in [TSVAL, TSECHO].into_iter().enumerate() {
                let mut value = item.be32(at);
                let references = circumstances.timestamps.iter().map(|old| old[nth]);
                timestamp::ts_lsb(c, &mut value, references)?;
                item.set_be32(at, value);
            }
            Ok(())
        }
        index::SACK => sack::irregular(c, item, circumstances.unchanged, circumstances.ack_number),
        index::GENERIC.. if !circumstances.option_static => {
            let mut form = usize::from(!circumstances.unchanged);
            c.prefix(&mut form, &GENERIC)?;
            if form == 0 { Ok(()) } else { c.octets(&mut item.as_mut_slice()[2..]) }
        }
        _ => Ok(()),
    }
}

/// Whether the irregular chain can say these timestamps in all of the states `references`.
pub(super) fn timestamps_reach(item: &Item, references: &[Timestamps]) -> bool {
    let values = timestamps(item);
    (0..2).all(|nth| timestamp::reaches(values[nth], references.iter().map(|old| old[nth])))
}
