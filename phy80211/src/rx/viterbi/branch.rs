//! Branch metrics: what each step of the trellis costs, given its pair of soft bits.
//!
//! A soft bit costs a path that contradicts it its strength and any other path nothing, so that
//! costs are small, not negative, and the best branch is free.

use crate::convolutional::outputs;

/// Greatest strength of a soft bit: two and a half times that of a point, so that a pair's fits in
/// seven bits. Half of it costs 0.3 dB at 16-QAM; coarser steps would cost 0.02 dB in noise and
/// more in a fading channel, where it is the weak subcarriers that decide.
pub(super) const CLIP: u8 = 63;

/// What the pairs cost in one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub(super) struct Branch {
    /// The costs of (0,0), (0,1), (1,0), (1,1).
    pub(super) costs: [u8; 4],
    /// The cost of a pair and of its complement together, which is the same for all, four times
    /// over so that a vector is filled with it by a load.
    pub(super) total: [u8; 4],
}

/// Index into [`Branch::costs`] of the branch from state 2 i by a zero; the index is of the
/// complement for 2 i + 1 and again for a one: both generators tap both ends of the register.
pub(super) const PAIR: [u8; 32] = {
    let mut pair = [0; 32];
    let mut i = 0;
    while i < 32 {
        let [a, b] = outputs(2 * i as u8);
        pair[i] = 2 * a + b;
        i += 1;
    }
    pair
};

impl Branch {
    /// Of two soft bits, positive for a one.
    pub(super) fn new(a: i8, b: i8) -> Self {
        let strength = |soft: i8| soft.max(0).unsigned_abs().min(CLIP);
        let (zero_a, zero_b) = (strength(a), strength(b));
        let (one_a, one_b) = (strength(a.saturating_neg()), strength(b.saturating_neg()));
        Self {
            costs: [zero_a + zero_b, zero_a + one_b, one_a + zero_b, one_a + one_b],
            total: [zero_a + zero_b + one_a + one_b; 4],
        }
    }
}
