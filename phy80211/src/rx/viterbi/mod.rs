//! Soft-decision Viterbi decoder for the code of 17.3.5.6 (K = 7, 133, 171).
//!
//! Soft bits are pushed as they arrive. They give the costs of the trellis's [branches](branch);
//! the [steps](kernel) of the trellis leave survivors, and these are traced back to the
//! [bits](traceback). The steps have one scalar definition and faster twins that must agree with
//! it bit for bit.
//!
//! Bits are decided in windows, once the survivors after a window have merged, so that little is
//! left to do when the last symbol is there; the last window is traced back from the all-zero
//! state that the tail leads to. Windows lie where the count of bits says: what is decided does
//! not depend on how the soft bits were cut.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx2_branch;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod branch;
mod kernel;
mod scalar;
mod traceback;

pub use kernel::Kernel;

use kernel::{BLOCK, Metrics, Soft, Survivors};
use traceback::{Path, WORD, trace_back};

/// Bits of a window.
const WINDOW: usize = 512;
/// Windows that are traced back at the same time.
const WINDOWS: usize = 4;
/// Steps after which survivors have merged: two and a half times the code's memory over its
/// redundancy would do, 90 steps at R = 5/6.
const MERGED: usize = 192;
/// Steps by which the last bit of a window is older than the state that its path begins from. The
/// survivors of a step tell the bit of six steps before; a block is the next whole number.
const AHEAD: usize = MERGED + BLOCK;
/// Bits in a state.
const MEMORY: usize = 6;
/// Survivors that are kept.
const KEPT: usize = WINDOWS * WINDOW + AHEAD;

/// The decoder and its memory.
pub struct Viterbi {
    kernel: Kernel,
    metrics: Metrics,
    /// Soft bits that are not yet a whole block.
    rest: Soft,
    /// How many these are.
    resting: usize,
    /// Survivors of the steps from the first undecided bit on.
    survivors: Box<[Survivors; KEPT / BLOCK]>,
    /// How many of these blocks there are.
    blocks: usize,
    /// The best states after the windows that are complete but undecided.
    best: Vec<u8>,
    decoded: Vec<u64>,
}

impl Viterbi {
    /// The fastest decoder for this machine.
    pub(super) fn new() -> Self {
        Self::with(Kernel::fastest())
    }

    /// A decoder with this kernel.
    pub fn with(kernel: Kernel) -> Self {
        Self {
            kernel,
            metrics: Metrics::start(),
            rest: [0; 2 * BLOCK],
            resting: 0,
            survivors: Box::new([[0; BLOCK]; KEPT / BLOCK]),
            blocks: 0,
            best: Vec::with_capacity(WINDOWS),
            decoded: Vec::new(),
        }
    }

    /// Begins a code word from the all-zero state.
    pub fn begin(&mut self) {
        self.metrics = Metrics::start();
        self.resting = 0;
        self.blocks = 0;
        self.best.clear();
        self.decoded.clear();
    }

    /// Takes the soft bits A1 B1 A2 B2 .., positive for a one.
    pub fn push(&mut self, mut soft: &[i8]) {
        if self.resting > 0 {
            let missing = (self.rest.len() - self.resting).min(soft.len());
            let (first, others) = soft.split_at(missing);
            self.rest[self.resting..][..missing].copy_from_slice(first);
            self.resting += missing;
            if self.resting < self.rest.len() {
                return;
            }
            self.advance(&[self.rest]);
            soft = others;
        }
        let (blocks, rest) = soft.as_chunks();
        self.advance(blocks);
        self.rest[..rest.len()].copy_from_slice(rest);
        self.resting = rest.len();
    }

    /// Takes the steps of whole blocks.
    fn advance(&mut self, mut soft: &[Soft]) {
        while !soft.is_empty() {
            let milestone = ((self.best.len() + 1) * WINDOW + AHEAD) / BLOCK;
            let (now, later) = soft.split_at(soft.len().min(milestone - self.blocks));
            let survivors = &mut self.survivors[self.blocks..][..now.len()];
            (self.kernel.advance)(&mut self.metrics, now, survivors);
            self.blocks += now.len();
            soft = later;
            if self.blocks == milestone {
                self.best.push(self.metrics.best());
            }
            if self.best.len() == WINDOWS {
                self.decide();
            }
        }
    }

    /// Decides what can be decided now. That takes more time in all, but leaves less to do when the
    /// last soft bits have come.
    pub(super) fn settle(&mut self) {
        if !self.best.is_empty() {
            self.decide();
        }
    }

    /// Decides the windows that are complete, at least one, and forgets their survivors.
    fn decide(&mut self) {
        let first = self.decoded.len();
        self.decoded.resize(first + self.best.len() * WINDOW / WORD, 0);
        let last = self.best.len() - 1;
        let all = self.survivors.as_flattened();
        // Where there are too few, the last is traced more than once.
        let paths: [Path; WINDOWS] = std::array::from_fn(|i| {
            let i = i.min(last);
            let survivors = &all[i * WINDOW..][MEMORY..WINDOW + AHEAD];
            Path::new(self.best[i], survivors)
        });
        trace_back(paths, |word, bits| {
            if word < WINDOW / WORD {
                for (i, bits) in bits.into_iter().enumerate().take(last + 1) {
                    self.decoded[first + i * WINDOW / WORD + word] = bits.to_le();
                }
            }
        });
        let decided = self.best.len() * WINDOW / BLOCK;
        self.survivors.copy_within(decided..self.blocks, 0);
        self.blocks -= decided;
        self.best.clear();
    }

    /// The bits that are decided, eight to a byte, the first bit lowest.
    pub(super) fn decided(&self) -> &[u8] {
        bytemuck::cast_slice(&self.decoded)
    }

    /// Decides the bits that are left, from the all-zero state after the last. Returns all bits,
    /// eight to a byte, the first bit lowest.
    pub fn finish(&mut self) -> &[u8] {
        let mut padding = 0;
        if self.resting > 0 {
            padding = BLOCK - self.resting / 2;
            self.rest[self.resting..].fill(0);
            self.advance(&[self.rest]);
        }
        self.settle();
        let left = self.blocks * BLOCK - padding;
        let first = self.decoded.len();
        self.decoded.resize(first + left.div_ceil(WORD), 0);
        let survivors = &self.survivors.as_flattened()[..left];
        let path = Path::new(0, &survivors[left.min(MEMORY)..]);
        let words = left.saturating_sub(MEMORY) / WORD;
        if let Some(word) = self.decoded.get_mut(first + words) {
            *word = path.bits().to_le();
        }
        trace_back([path], |word, [bits]| self.decoded[first + word] = bits.to_le());
        let bytes: &[u8] = bytemuck::cast_slice(&self.decoded);
        &bytes[..first * WORD / 8 + left.div_ceil(8)]
    }
}

#[cfg(test)]
mod tests;
