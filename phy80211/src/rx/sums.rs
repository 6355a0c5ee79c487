//! Sums over blocks of samples, and over windows of blocks.
//!
//! The innermost loop of the search: on a quiet channel the receiver does little else.

use multiversion::multiversion;
use num_complex::Complex32;

use super::detect::WINDOW_BLOCKS;

/// Sums over some samples x[n] and those that lie some lag before them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Of x[n] conj(x[n - lag]).
    pub(super) lagged: Complex32,
    /// Of |x[n]|^2.
    pub(super) energy: f32,
    /// Of x[n], before the DC offset was taken away.
    pub(super) total: Complex32,
}

impl Sums {
    /// Sums over `now` and the samples `before` them, as many and a multiple of four.
    pub(super) fn of(now: &[Complex32], before: &[Complex32], dc: Complex32) -> Self {
        sums(bytemuck::cast_slice(now), bytemuck::cast_slice(before), dc)
    }
}

/// Eight lanes of alternating real and imaginary parts, each array in vector registers.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
fn sums(now: &[f32], before: &[f32], dc: Complex32) -> Sums {
    let dc = [dc.re, dc.im];
    let (mut same, mut cross) = ([0.0f32; 8], [0.0f32; 8]);
    let (mut energy, mut total) = ([0.0f32; 8], [0.0f32; 8]);
    for (now, before) in now.chunks_exact(8).zip(before.chunks_exact(8)) {
        for i in 0..8 {
            let x = now[i] - dc[i & 1];
            same[i] += x * (before[i] - dc[i & 1]);
            cross[i] += x * (before[i ^ 1] - dc[i & 1 ^ 1]);
            energy[i] += x * x;
            total[i] += now[i];
        }
    }
    let ([same_re, same_im], [cross_re, cross_im]) = (fold(same), fold(cross));
    let ([energy_re, energy_im], [total_re, total_im]) = (fold(energy), fold(total));
    Sums {
        lagged: Complex32::new(same_re + same_im, cross_im - cross_re),
        energy: energy_re + energy_im,
        total: Complex32::new(total_re, total_im),
    }
}

/// Sums of the even and of the odd lanes.
#[inline(always)]
fn fold(lanes: [f32; 8]) -> [f32; 2] {
    let quads = [0, 1, 2, 3].map(|i| lanes[i] + lanes[i + 4]);
    [quads[0] + quads[2], quads[1] + quads[3]]
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            lagged: self.lagged + other.lagged,
            energy: self.energy + other.energy,
            total: self.total + other.total,
        }
    }
}

/// Sums over the last eight blocks as a binary tree: three additions a block, none of which
/// outlives the window.
#[derive(Default)]
pub(super) struct BlockWindow {
    last: Sums,
    pairs: [Sums; 2],
    fours: [Sums; 4],
    blocks: u64,
}

impl BlockWindow {
    pub(super) fn push(&mut self, block: Sums) -> Sums {
        let at = self.blocks as usize;
        self.blocks += 1;
        let pair = block + std::mem::replace(&mut self.last, block);
        let four = pair + std::mem::replace(&mut self.pairs[at % 2], pair);
        four + std::mem::replace(&mut self.fours[at % 4], four)
    }

    /// Whether there were eight blocks.
    pub(super) fn is_full(&self) -> bool {
        self.blocks >= WINDOW_BLOCKS
    }
}
