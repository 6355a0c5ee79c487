//! Traceback: from the survivors to the bits.
//!
//! With a state's newest bit highest, a step back shifts the oldest bit in from below, and the
//! register that holds the state collects the path: after 64 steps it is the path's last 64 bits,
//! the first of them lowest, as bytes are sent.

/// Bits in a word of decided bits.
pub(super) const WORD: usize = 64;

/// One path, followed backwards.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    /// The bits that were passed, the newest highest, ending with the six of the state.
    bits: u64,
    /// The survivors that are still to follow.
    survivors: &'a [u64],
}

impl<'a> Path<'a> {
    /// The path from `state` after the last of the survivors, followed until whole words are left
    /// of them. Bits that have no survivors, as there are less than six steps, are in `state`.
    pub(super) fn new(state: u8, survivors: &'a [u64]) -> Self {
        let (survivors, end) = survivors.split_at(survivors.len() / WORD * WORD);
        let bits = end.iter().rev().fold(u64::from(state), back);
        Self { bits, survivors }
    }

    /// The bits that were passed last.
    pub(super) fn bits(&self) -> u64 {
        self.bits
    }
}

/// One step back.
#[inline(always)]
fn back(bits: u64, survivors: &u64) -> u64 {
    append(bits, survivors >> (bits % WORD as u64) & 1)
}

/// Shifts a bit in from below.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn append(bits: u64, bit: u64) -> u64 {
    bits << 1 | bit
}

/// Shifts a bit in from below. Said as an addition with carry, it becomes two instructions a step,
/// one that tests the survivors' bit and one that adds: a tenth of the whole decoder's time.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn append(bits: u64, bit: u64) -> u64 {
    let mut sum = 0;
    std::arch::x86_64::_addcarry_u64(bit as u8, bits, bits, &mut sum);
    sum
}

/// Follows paths to their beginnings, and hands for each of the same number of words of bits, the
/// last first, the paths' words to `take`. One path is bound by the latency of its steps; several
/// fill the time.
pub(super) fn trace_back<const N: usize>(
    mut paths: [Path; N],
    mut take: impl FnMut(usize, [u64; N]),
) {
    let words = paths[0].survivors.len() / WORD;
    for word in (0..words).rev() {
        let survivors: [&[u64; WORD]; N] = paths.map(|path| {
            let survivors = &path.survivors[word * WORD..][..WORD];
            survivors.try_into().expect("a word's survivors")
        });
        let mut bits = paths.map(|path| path.bits);
        for i in (0..WORD).rev() {
            for (bits, survivors) in bits.iter_mut().zip(survivors) {
                *bits = back(*bits, &survivors[i]);
            }
        }
        for (path, bits) in paths.iter_mut().zip(bits) {
            path.bits = bits;
        }
        take(word, bits);
    }
}
