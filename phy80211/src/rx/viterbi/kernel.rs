//! The kernels and the choice among them.
//!
//! # Eight bits are enough
//!
//! A metric is what the best path to a state has cost. Take the best state and its path, and add
//! (modulo 2) a code word that leads from state 0 to the difference between any other state and
//! the best one: a path to the other state. It costs at most [`CLIP`](super::branch::CLIP) more
//! for each one in that code word's output, and for each difference there is one with at most 8
//! ones (a test searches them), so metrics lie within 8 * 31 = 248 of each other. A step raises
//! the least metric by 31 at most: of the two branches from the best state, which cost 62
//! together, one costs no more than half.
//!
//! The metric that was least at the start of a group is subtracted in the middle of the group, so
//! that its computation is not waited for. Until the next time the least metric could in theory
//! grow so much that the greatest exceeds 255. Sums saturate there: what is lost is the
//! difference between states that are more than 100 (eight points' distances) behind the best
//! even if 12 steps in a row contradict every path with full strength.

use super::branch::Branch;
use super::scalar;

/// States of the encoder: its last six bits, the newest highest.
pub(super) const STATES: usize = 64;
/// Steps from one normalisation to the next.
pub(super) const GROUP: usize = 8;
/// The step of a group after which it is normalised.
pub(super) const NORMALISE_AT: usize = 3;

/// What the best path to each state costs more than a common floor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(align(64))]
pub struct Metrics(pub(super) [u8; STATES]);

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

/// Two functions that are the decoder's inner loops.
#[derive(Clone, Copy)]
pub struct Kernel {
    /// What it is made of.
    pub name: &'static str,
    /// Appends the branches of the soft bits A1 B1 A2 B2 ...
    pub(super) weigh: fn(&[i8], &mut Vec<Branch>),
    /// Takes a step for each branch, and writes for each a word whose bit s tells which
    /// predecessor of state s survives: the low bit of its number. Branches come in whole groups
    /// except at the end of a code word.
    pub(super) advance: fn(&mut Metrics, &[Branch], &mut [u64]),
}

impl Kernel {
    /// Those that this machine can run, the fastest last.
    pub fn all() -> Vec<Self> {
        let scalar = Self { name: "scalar", weigh: scalar::weigh, advance: scalar::advance };
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
