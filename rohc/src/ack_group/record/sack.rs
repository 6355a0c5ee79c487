//! SACK blocks, each by the block of the flow's last ACK that it continues.

use super::super::fields::{Block, MAX_BLOCKS, Sack};
use super::super::model::{Backup, Bit, Signed};
use super::super::range_coder::Coder;
use super::ack_number::{Distance, Unit};

/// What all flows of a chain have learnt about SACK blocks.
#[derive(Debug, Clone)]
pub struct SackModels {
    blocks: BlockModels,
    growth: Distance,
    gap: Distance,
    len: Distance,
    left: Signed,
}

/// Which blocks there are, and how they came about.
#[derive(Debug, Clone, Copy)]
struct BlockModels {
    is_more_than_growth: [Bit; MAX_BLOCKS + 1],
    has_more: [[Bit; MAX_BLOCKS + 1]; MAX_BLOCKS + 1],
    is_not_next: [[Bit; 2]; MAX_BLOCKS],
    is_new: [Bit; MAX_BLOCKS],
    has_grown: [Bit; MAX_BLOCKS],
    has_other_left: Bit,
    is_below: Bit,
}

impl SackModels {
    /// Before anything is learnt.
    pub const NEW: Self = Self {
        blocks: BlockModels {
            is_more_than_growth: [Bit::EVEN; MAX_BLOCKS + 1],
            has_more: [[Bit::EVEN; MAX_BLOCKS + 1]; MAX_BLOCKS + 1],
            is_not_next: [[Bit::EVEN; 2]; MAX_BLOCKS],
            is_new: [Bit::EVEN; MAX_BLOCKS],
            has_grown: [Bit::EVEN; MAX_BLOCKS],
            has_other_left: Bit::RARE,
            is_below: Bit::RARE,
        },
        growth: Distance::NEW,
        gap: Distance::NEW,
        len: Distance::NEW,
        left: Signed::NEW,
    };
}

impl Backup for SackModels {
    fn copy_from(&mut self, other: &mut Self) {
        self.blocks = other.blocks;
        self.growth.copy_from(&mut other.growth);
        self.gap.copy_from(&mut other.gap);
        self.len.copy_from(&mut other.len);
        self.left.copy_from(&mut other.left);
    }
}

/// Drops the blocks that an acknowledgment number has passed. The rest is what is expected.
pub fn drop_below(sack: &mut Sack, ack: u32) {
    let is_above = |block: &&Block| (block.1.wrapping_sub(ack) as i32) > 0;
    if !sack.blocks().iter().all(|block| is_above(&block)) {
        let mut left = Sack::default();
        sack.blocks().iter().filter(is_above).for_each(|block| left.push(*block));
        *sack = left;
    }
}

/// Codes blocks that are not as expected. Usually one more segment has come behind a hole: the
/// first block has grown, and all others are as they were.
pub fn code<C: Coder>(
    coder: &mut C,
    models: &mut SackModels,
    unit: &mut Unit,
    expected: &Sack,
    ack: u32,
    known: &Sack,
) -> Sack {
    let count = expected.blocks().len();
    if count > 0 {
        let growth = known.growth_since(expected);
        if !coder.bit(&mut models.blocks.is_more_than_growth[count], growth.is_none()) {
            let growth = models.growth.code(coder, unit, growth.unwrap_or(0));
            return expected.grown(growth);
        }
    }
    code_blocks(coder, models, unit, expected, ack, known)
}

/// Codes block by block.
fn code_blocks<C: Coder>(
    coder: &mut C,
    models: &mut SackModels,
    unit: &mut Unit,
    expected: &Sack,
    ack: u32,
    known: &Sack,
) -> Sack {
    let mut sack = Sack::default();
    let mut is_free = [true; MAX_BLOCKS];
    let count = known.blocks().len();
    let old = expected.blocks();
    while sack.blocks().len() < MAX_BLOCKS {
        let at = sack.blocks().len();
        if !coder.bit(&mut models.blocks.has_more[old.len()][at], at < count) {
            break;
        }
        let known = known.blocks().get(at).copied().unwrap_or_default();
        let next = (0..old.len()).find(|&index| is_free[index]);
        let source = (0..old.len()).find(|&index| is_free[index] && continues(known, old[index]));
        let source = code_source(coder, models, at, next, source, old.len());
        let block = match source {
            Some(index) => {
                is_free[index] = false;
                code_continued(coder, models, unit, at, old[index], known)
            }
            None => code_new(coder, models, unit, expected, ack, known),
        };
        sack.push(block);
    }
    sack
}

/// Whether a block is a later state of another.
fn continues(block: Block, earlier: Block) -> bool {
    block.0 == earlier.0 || block.1 == earlier.1
}

/// Codes which of the expected blocks this one continues, if any. `next` is the likeliest.
fn code_source<C: Coder>(
    coder: &mut C,
    models: &mut SackModels,
    at: usize,
    next: Option<usize>,
    source: Option<usize>,
    count: usize,
) -> Option<usize> {
    let next = next?;
    let place = usize::from(next == at);
    if !coder.bit(&mut models.blocks.is_not_next[at][place], source != Some(next)) {
        return Some(next);
    }
    if coder.bit(&mut models.blocks.is_new[at], source.is_none()) {
        return None;
    }
    let index = coder.plain(2, source.unwrap_or(0) as u32) as usize;
    Some(index.min(count - 1))
}

fn code_continued<C: Coder>(
    coder: &mut C,
    models: &mut SackModels,
    unit: &mut Unit,
    at: usize,
    earlier: Block,
    known: Block,
) -> Block {
    let (mut left, mut right) = earlier;
    if coder.bit(&mut models.blocks.has_grown[at], known.1 != right) {
        right = right.wrapping_add(models.growth.code(coder, unit, known.1.wrapping_sub(right)));
    }
    if coder.bit(&mut models.blocks.has_other_left, known.0 != left) {
        let moved = models.left.code(coder, known.0.wrapping_sub(left) as i32);
        left = left.wrapping_add(moved as u32);
    }
    (left, right)
}

/// A new block usually lies above all others.
fn code_new<C: Coder>(
    coder: &mut C,
    models: &mut SackModels,
    unit: &mut Unit,
    expected: &Sack,
    ack: u32,
    known: Block,
) -> Block {
    let highest = expected.blocks().iter().map(|block| block.1.wrapping_sub(ack)).max();
    let top = ack.wrapping_add(highest.unwrap_or(0));
    let is_below = coder.bit(&mut models.blocks.is_below, (known.0.wrapping_sub(top) as i32) < 0);
    let base = if is_below { ack } else { top };
    let left = base.wrapping_add(models.gap.code(coder, unit, known.0.wrapping_sub(base)));
    let right = left.wrapping_add(models.len.code(coder, unit, known.1.wrapping_sub(known.0)));
    (left, right)
}
