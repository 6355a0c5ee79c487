//! Sums over blocks of samples, and over windows of blocks.
//!
//! The innermost loop of the search: on a quiet channel the receiver does little else.

#[cfg(target_arch = "x86_64")]
mod avx2;

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
        assert!(now.len() == before.len() && now.len().is_multiple_of(4));
        #[cfg(target_arch = "x86_64")]
        if let Some(parts) = avx2::parts(now, before, dc) {
            return parts.into();
        }
        parts(now, before, dc).into()
    }
}

/// Each sum as those over real and over imaginary parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// Of products of like parts, and of unlike ones.
    same: [f32; 2],
    cross: [f32; 2],
    energy: [f32; 2],
    total: [f32; 2],
}

impl From<Parts> for Sums {
    fn from(parts: Parts) -> Self {
        let Parts { same, cross, energy, total } = parts;
        Self {
            lagged: Complex32::new(same[0] + same[1], cross[1] - cross[0]),
            energy: energy[0] + energy[1],
            total: Complex32::new(total[0], total[1]),
        }
    }
}

/// In plain Rust, eight sums side by side: what faster twins are compared with.
pub(super) fn parts(now: &[Complex32], before: &[Complex32], dc: Complex32) -> Parts {
    let (now, before): (&[f32], &[f32]) = (bytemuck::cast_slice(now), bytemuck::cast_slice(before));
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
    let fold = |lanes: [f32; 8]| {
        let quads: [f32; 4] = std::array::from_fn(|i| lanes[i] + lanes[i + 4]);
        [quads[0] + quads[2], quads[1] + quads[3]]
    };
    Parts { same: fold(same), cross: fold(cross), energy: fold(energy), total: fold(total) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples() -> impl Strategy<Value = Vec<Complex32>> {
        proptest::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 0..40)
            .prop_map(|parts| parts.iter().map(|&(re, im)| Complex32::new(re, im)).collect())
    }

    #[cfg(target_arch = "x86_64")]
    proptest! {
        #[test]
        fn the_fast_twin_agrees_with_the_plain_one(now in samples(), re: f32, im: f32) {
            let now = &now[..now.len() / 4 * 4];
            let before: Vec<_> = now.iter().rev().map(|x| x * Complex32::I).collect();
            let dc = Complex32::new(re % 10.0, im % 10.0);
            if let Some(fast) = avx2::parts(now, &before, dc) {
                prop_assert_eq!(fast, parts(now, &before, dc));
            }
        }
    }

    #[test]
    fn sums_are_what_they_say() {
        let now = [1.0, 2.0, 3.0, 4.0].map(|x| Complex32::new(x, -x));
        let before = [Complex32::new(0.0, 1.0); 4];
        let Sums { lagged, energy, total } = Sums::of(&now, &before, Complex32::ZERO);
        // (x - jx) times -j is -x - jx.
        assert_eq!(lagged, Complex32::new(-10.0, -10.0));
        assert_eq!((energy, total), (60.0, Complex32::new(10.0, -10.0)));
    }
}
