//! A section's directory: which flows it has ACKs of, and how many. Plain bits, so that whoever
//! only wants to know what rides need not know the flows. docs/ack-group.md section 3.
//!
//! ```text
//! 0                                  one ACK of the flow at rank 0
//! 1 0 count-2:EG3                    several of it
//! 1 1 group { 1 group } 0            several flows, by rising rank, new ones last
//!
//! group  { 0 } 1     count-1:EG1     a 0 for each rank passed over since the group before
//!        { 0 } CID:8 reference:16 count-1:EG1     all ranks passed over: a new flow
//! ```
//! `EGk` is Exp-Golomb: as many 1 as there are bits beyond `k`, a 0, then those bits of
//! `value + 2^k` but its first one.

use super::range_coder::Coder;

/// Flows that a chain has at most.
pub const MAX_FLOWS: usize = 64;
/// ACKs that a section has at most, and all sections of a frame together.
pub const MAX_ACKS: usize = 128;

/// Where a group's flow comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The flow at this rank of the chain.
    Rank(usize),
    /// A flow that is new in the chain.
    New {
        /// Its context identifier.
        cid: u8,
        /// CRC-16 of the native ACK that is its reference.
        reference: u16,
    },
}

/// The ACKs of one flow in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The flow.
    pub source: Source,
    /// Number of ACKs, at least one.
    pub count: usize,
}

/// A directory that no compressor writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadDirectory;

/// Codes the groups of a section of a chain that has `flows` flows. A decoder's `groups` come in
/// empty.
pub fn code<C: Coder>(
    coder: &mut C,
    flows: usize,
    groups: &mut Vec<Group>,
) -> Result<(), BadDirectory> {
    let known = match groups[..] {
        [Group { source: Source::Rank(0), count }] => count,
        _ => 0,
    };
    if coder.plain(1, u32::from(known != 1)) == 0 {
        groups.clear();
        groups.push(Group { source: Source::Rank(0), count: 1 });
    } else if coder.plain(1, u32::from(known == 0)) == 0 {
        let count = 2 + exp_golomb(coder, 3, known.saturating_sub(2))?;
        groups.clear();
        groups.push(Group { source: Source::Rank(0), count });
    } else {
        code_groups(coder, flows, groups)?;
    }
    let total: usize = groups.iter().map(|group| group.count).sum();
    let has_no_flow = flows == 0 && groups[0].source == Source::Rank(0);
    if total > MAX_ACKS || has_no_flow { Err(BadDirectory) } else { Ok(()) }
}

fn code_groups<C: Coder>(
    coder: &mut C,
    flows: usize,
    groups: &mut Vec<Group>,
) -> Result<(), BadDirectory> {
    let known_len = groups.len();
    let mut rank = 0;
    for at in 0..MAX_FLOWS {
        let known = groups.get(at).copied().unwrap_or(Group { source: Source::Rank(0), count: 1 });
        let known_rank = match known.source {
            Source::Rank(rank) => rank,
            Source::New { .. } => flows,
        };
        // A known directory's ranks rise; a decoder's are of no account.
        let passed = known_rank.saturating_sub(rank).min(flows - rank) as u32;
        rank += coder.plain_run(false, (flows - rank) as u32, passed) as usize;
        let source = if rank < flows {
            rank += 1;
            Source::Rank(rank - 1)
        } else {
            let (cid, reference) = match known.source {
                Source::New { cid, reference } => (cid, reference),
                Source::Rank(_) => (0, 0),
            };
            let cid = coder.plain(8, u32::from(cid)) as u8;
            Source::New { cid, reference: coder.plain(16, u32::from(reference)) as u16 }
        };
        let group = Group { source, count: 1 + exp_golomb(coder, 1, known.count - 1)? };
        match groups.get_mut(at) {
            Some(place) => *place = group,
            None => groups.push(group),
        }
        if coder.plain(1, u32::from(at + 1 < known_len)) == 0 {
            return Ok(());
        }
    }
    Err(BadDirectory)
}

/// Codes a number below [`MAX_ACKS`] by an Exp-Golomb code.
fn exp_golomb<C: Coder>(coder: &mut C, order: u32, known: usize) -> Result<usize, BadDirectory> {
    let known = known as u32 + (1 << order);
    let longer = MAX_ACKS.ilog2() + 1 - order;
    let width = order + coder.plain_run(true, longer, known.ilog2() - order);
    if width == order + longer {
        return Err(BadDirectory);
    }
    let rest = coder.plain(width, known & ((1 << width) - 1));
    Ok(((1 << width) + rest - (1 << order)) as usize)
}

#[cfg(test)]
mod tests {
    use super::super::range_coder::{Decoder, Encoder};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn encode(flows: usize, groups: &mut Vec<Group>) -> Result<Vec<u8>, BadDirectory> {
        let mut bytes = vec![0; 1000];
        let mut encoder = Encoder::new(&mut bytes);
        code(&mut encoder, flows, groups)?;
        let len = encoder.finish();
        bytes.truncate(len);
        Ok(bytes)
    }

    fn decode(flows: usize, bytes: &[u8]) -> Result<Vec<Group>, BadDirectory> {
        let mut groups = vec![];
        code(&mut Decoder::new(bytes), flows, &mut groups)?;
        Ok(groups)
    }

    proptest! {
        #[test]
        fn a_directory_is_decoded_as_it_was_encoded(
            is_there in vec(any::<bool>(), 0..=40),
            new in vec((any::<u8>(), any::<u16>()), 0..6),
            counts in vec(1..=2usize, 46),
        ) {
            let flows = is_there.len();
            let ranks = (0..flows).filter(|&rank| is_there[rank]).map(Source::Rank);
            let new = new.iter().map(|&(cid, reference)| Source::New { cid, reference });
            let mut groups: Vec<_> = ranks
                .chain(new)
                .zip(counts)
                .map(|(source, count)| Group { source, count })
                .collect();
            prop_assume!(!groups.is_empty());
            let bytes = encode(flows, &mut groups).unwrap();
            prop_assert_eq!(decode(flows, &bytes), Ok(groups));
        }

        #[test]
        fn any_bytes_give_groups_within_bounds_or_none(
            flows in 0..=MAX_FLOWS,
            bytes in vec(any::<u8>(), 0..300),
        ) {
            if let Ok(groups) = decode(flows, &bytes) {
                let total: usize = groups.iter().map(|group| group.count).sum();
                prop_assert!(total <= MAX_ACKS && groups.len() <= MAX_FLOWS);
                let is_known = |group: &Group| !matches!(group.source, Source::Rank(r) if r >= flows);
                prop_assert!(groups.iter().all(is_known));
            }
        }
    }

    #[test]
    fn the_usual_directories_are_short() {
        let first = |count| vec![Group { source: Source::Rank(0), count }];
        assert_eq!(encode(1, &mut first(1)), Ok(vec![]));
        assert_eq!(encode(1, &mut first(21)), Ok(vec![0b1010_1011]));
        assert_eq!(decode(1, &[0b1010_1011]), Ok(first(21)));
        assert_eq!(decode(0, &[]), Err(BadDirectory), "there is no flow at rank 0");
    }
}
