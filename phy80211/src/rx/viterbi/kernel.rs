//! The kernels and the choice among them.
//!
//! # Eight bits are enough
//!
//! A metric is what the best path to a state has cost. Take the best state and its path, and add
//! (modulo 2) a code word that leads from state 0 to the difference between any other state and
//! the best one: a path to the other state. It costs at most [`CLIP`](super::branch::CLIP) more
//! for each one in that code word, and for each difference there is one with at most 8 ones: all
//! metrics lie within 8 * 63 = 504 of each other. In eight bits no more than 255 can be told
//! apart, so sums saturate there, never wrap. That loses nothing that matters: such a state is
//! more than ten points' distances behind, as many as the code corrects at all, and its path is
//! not the best one's any more. A test finds the same bits, right and wrong ones, as with exact
//! metrics.
//!
//! For that, the least metric has to stay near 0. The one that was least at the start of a group
//! is subtracted in the middle of the group, so that its computation is not waited for. Metrics
//! do not fall in between, so nothing gets negative; and they rise slowly: where the least rises
//! fast, path after path is contradicted, and there is nothing to tell apart.

use super::scalar;

/// States of the encoder: its last six bits, the newest highest.
pub(super) const STATES: usize = 64;
/// Steps that a kernel takes at a time.
pub(super) const BLOCK: usize = 16;
/// Steps from one normalisation to the next.
pub(super) const GROUP: usize = 8;
/// The step of a group after which it is normalised.
pub(super) const NORMALISE_AT: usize = 3;

/// Soft bits A1 B1 A2 B2 .. of a block.
pub(super) type Soft = [i8; 2 * BLOCK];
/// The survivors of a block: for each step a word whose bit s tells which predecessor of state s
/// survives, by the low bit of the predecessor's number.
pub(super) type Survivors = [u64; BLOCK];

/// What the best path to each state costs more than a common floor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Metrics(pub(super) [u8; STATES]);

impl Metrics {
    /// Of an encoder in state 0.
    pub(super) fn start() -> Self {
        let mut metrics = [u8::MAX; STATES];
        metrics[0] = 0;
        Self(metrics)
    }

    /// The state that the best path leads to.
    pub(super) fn best(&self) -> u8 {
        // Two passes, as the compiler makes vectors of the first.
        let least = self.0.iter().min();
        self.0.iter().position(|metric| Some(metric) == least).unwrap_or(0) as u8
    }
}

/// The decoder's inner loop.
#[derive(Clone, Copy)]
pub struct Kernel {
    /// What it is made of.
    pub name: &'static str,
    /// Takes the steps of some blocks.
    pub(super) advance: fn(&mut Metrics, &[Soft], &mut [Survivors]),
}

impl Kernel {
    /// Those that this machine can run, the fastest last.
    pub fn all() -> Vec<Self> {
        let scalar = Self { name: "scalar", advance: scalar::advance };
        #[allow(unused_mut)]
        let mut kernels = vec![scalar];
        #[cfg(target_arch = "x86_64")]
        {
            kernels.extend(super::avx2::kernel());
            kernels.extend(super::avx512::kernel());
        }
        kernels
    }

    /// The fastest that this machine can run.
    pub fn fastest() -> Self {
        *Self::all().last().expect("the scalar one runs anywhere")
    }
}
