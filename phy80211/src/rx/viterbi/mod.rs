//! Soft-decision Viterbi decoder for the code of 17.3.5.6 (K = 7, 133, 171).
//!
//! Soft bits are pushed as they arrive and go three ways: to the costs of the trellis's
//! [branches](branch), through the [steps of the trellis](kernel), which leave survivors, and back
//! along the survivors to the [bits](traceback). The first two have one scalar definition and
//! faster twins that must agree with it bit for bit.
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

use branch::Branch;
use kernel::{GROUP, Metrics};
use traceback::{Path, WORD, trace_back};

/// Bits of a window.
const WINDOW: usize = 512;
/// Windows that are traced back at the same time.
const WINDOWS: usize = 4;
/// Steps after which survivors have merged: two and a half times the code's memory over its
/// redundancy would do, 90 steps at R = 5/6.
const MERGED: usize = 192;
/// Steps by which the last bit of a window is older than the state that its path begins from. The
/// survivors of a step tell the bit of six steps before; a group is the next whole number.
const AHEAD: usize = MERGED + GROUP;
/// Bits in a state.
const MEMORY: usize = 6;
/// Survivors that are kept.
const KEPT: usize = WINDOWS * WINDOW + AHEAD;
/// Soft bits that are weighed at a time: a symbol's, so that branches stay in the cache.
const AT_A_TIME: usize = 2 * 540;

/// The decoder and its memory.
pub struct Viterbi {
    kernel: Kernel,
    metrics: Metrics,
    /// Branches that are not yet a whole group.
    branches: Vec<Branch>,
    /// Survivors of the steps from the first undecided bit on.
    survivors: Box<[u64; KEPT]>,
    /// How many these are.
    steps: usize,
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
            branches: Vec::new(),
            survivors: Box::new([0; KEPT]),
            steps: 0,
            best: Vec::with_capacity(WINDOWS),
            decoded: Vec::new(),
        }
    }

    /// Begins a code word from the all-zero state.
    pub fn begin(&mut self) {
        self.metrics = Metrics::start();
        self.branches.clear();
        self.steps = 0;
        self.best.clear();
        self.decoded.clear();
    }

    /// Takes the soft bits A1 B1 A2 B2 .., each from -127 to 127, positive for a one.
    pub fn push(&mut self, pairs: &[i8]) {
        for pairs in pairs.chunks(AT_A_TIME) {
            (self.kernel.weigh)(pairs, &mut self.branches);
            self.advance(self.branches.len() / GROUP * GROUP);
        }
    }

    /// Takes the steps of so many branches.
    fn advance(&mut self, steps: usize) {
        let mut from = 0;
        while from < steps {
            let milestone = (self.best.len() + 1) * WINDOW + AHEAD;
            let count = (steps - from).min(milestone - self.steps);
            let survivors = &mut self.survivors[self.steps..][..count];
            (self.kernel.advance)(&mut self.metrics, &self.branches[from..][..count], survivors);
            from += count;
            self.steps += count;
            if self.steps == milestone {
                self.best.push(self.metrics.best());
            }
            if self.best.len() == WINDOWS {
                self.decide();
                self.survivors.copy_within(WINDOWS * WINDOW.., 0);
                self.steps = AHEAD;
                self.best.clear();
            }
        }
        self.branches.drain(..steps);
    }

    /// Decides the windows that are complete, at least one.
    fn decide(&mut self) {
        let first = self.decoded.len();
        self.decoded.resize(first + self.best.len() * WINDOW / WORD, 0);
        let last = self.best.len() - 1;
        // Where there are too few, the last is traced more than once.
        let paths: [Path; WINDOWS] = std::array::from_fn(|i| {
            let i = i.min(last);
            let survivors = &self.survivors[i * WINDOW..][MEMORY..WINDOW + AHEAD];
            Path::new(self.best[i], survivors)
        });
        trace_back(paths, |word, bits| {
            if word < WINDOW / WORD {
                for (i, bits) in bits.into_iter().enumerate().take(last + 1) {
                    self.decoded[first + i * WINDOW / WORD + word] = bits.to_le();
                }
            }
        });
    }

    /// The bits that are decided, eight to a byte, the first bit lowest.
    pub(super) fn decided(&self) -> &[u8] {
        bytemuck::cast_slice(&self.decoded)
    }

    /// Decides the bits that are left, from the all-zero state after the last. Returns all bits,
    /// eight to a byte, the first bit lowest.
    pub fn finish(&mut self) -> &[u8] {
        self.advance(self.branches.len());
        let decided = self.best.len() * WINDOW;
        if decided > 0 {
            self.decide();
            self.best.clear();
        }
        let left = self.steps - decided;
        let first = self.decoded.len();
        self.decoded.resize(first + left.div_ceil(WORD), 0);
        let path = Path::new(0, &self.survivors[decided..][left.min(MEMORY)..left]);
        let words = left.saturating_sub(MEMORY) / WORD;
        if let Some(word) = self.decoded.get_mut(first + words) {
            *word = path.bits().to_le();
        }
        trace_back([path], |word, [bits]| self.decoded[first + word] = bits.to_le());
        self.steps = 0;
        let bytes: &[u8] = bytemuck::cast_slice(&self.decoded);
        &bytes[..first * WORD / 8 + left.div_ceil(8)]
    }
}

#[cfg(test)]
mod tests;
