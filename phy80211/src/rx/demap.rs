//! Soft bits from equalised points: the inverse of 17.3.5.8 with reliabilities.
//!
//! Max-log likelihood ratios in their piecewise-linear form, positive for a one, in eight bits.

use multiversion::multiversion;

use super::spectrum::Spectrum;
use crate::Modulation;

/// Levels between a point and the decision boundary next to it, on a subcarrier of mean
/// reliability. At the SNR that a rate needs, noise is some ten levels: rounding costs below
/// 0.01 dB and clipping at 127 nothing.
const LEVELS: f32 = 24.0;
/// Reliability above which a subcarrier's soft bits would only clip.
const MAX_RELIABILITY: f32 = 4.0;
/// Bits that a subcarrier carries at most.
pub(super) const PLANES: usize = 6;

/// The soft bits of a symbol: for each bit of the constellation, those of all bins.
pub(super) type SoftBits<const N: usize> = [[i8; N]; PLANES];

/// Writes the soft bits of all bins.
pub(super) fn demap<const N: usize>(
    modulation: Modulation,
    points: &Spectrum<N>,
    reliability: &[f32; N],
    soft: &mut SoftBits<N>,
) {
    let n_bpsc = modulation.n_bpsc();
    let per_level = 1.0 / modulation.k_mod();
    let (real, imaginary) = soft[..n_bpsc].split_at_mut(n_bpsc.div_ceil(2));
    demap_axis(&points.re, per_level, reliability, real);
    demap_axis(&points.im, per_level, reliability, imaginary);
}

/// Writes the soft bits that one axis carries. `per_level` makes half the distance between points
/// the unit. [`plain_axis`] for several instruction sets.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn demap_axis<const N: usize>(
    parts: &[f32; N],
    per_level: f32,
    reliability: &[f32; N],
    planes: &mut [[i8; N]],
) {
    plain_axis(parts, per_level, reliability, planes);
}

/// The first bit tells the side of zero. Each further bit of the Gray code tells the inner from
/// the outer half of what is left: its distance from their boundary is the boundary less the
/// distance before.
#[inline(always)]
pub(super) fn plain_axis<const N: usize>(
    parts: &[f32; N],
    per_level: f32,
    reliability: &[f32; N],
    planes: &mut [[i8; N]],
) {
    let mut level = [0.0; N];
    let mut weight = [0.0; N];
    for i in 0..N {
        level[i] = parts[i] * per_level;
        weight[i] = reliability[i].min(MAX_RELIABILITY) * LEVELS;
    }
    let mut boundary = (1 << planes.len()) as f32;
    for plane in planes {
        boundary *= 0.5;
        for i in 0..N {
            plane[i] = quantise(level[i] * weight[i]);
            level[i] = boundary - level[i].abs();
        }
    }
}

/// Rounds to an integer from -127 to 127; NaN becomes 0, no opinion.
#[inline(always)]
fn quantise(x: f32) -> i8 {
    // 1.5 * 2^23: adding it leaves the rounded integer in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    let rounded = (x.clamp(-127.0, 127.0) + ROUND).to_bits() as i8;
    if x.is_nan() { 0 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantise_rounds_clips_and_ignores_nan() {
        let cases = [(0.4, 0), (0.6, 1), (-0.6, -1), (1e30, 127), (f32::NEG_INFINITY, -127)];
        for (x, level) in cases {
            assert_eq!(quantise(x), level);
        }
        assert_eq!(quantise(f32::NAN), 0);
    }

    #[test]
    fn the_sign_of_each_soft_bit_is_the_bit_that_was_mapped() {
        for modulation in [Modulation::Bpsk, Modulation::Qpsk, Modulation::Qam16, Modulation::Qam64]
        {
            let n = modulation.n_bpsc();
            for word in 0..1u8 << n {
                let bits: Vec<u8> = (0..n).map(|i| word >> i & 1).collect();
                let mut soft = [[0; 64]; PLANES];
                let point = modulation.map(&bits);
                let points = Spectrum { re: [point.re; 64], im: [point.im; 64] };
                demap(modulation, &points, &[1.0; 64], &mut soft);
                for (plane, bit) in soft.iter().zip(&bits) {
                    assert!(plane.iter().all(|&soft| (soft > 0) == (*bit == 1)), "{bits:?}");
                    assert!(plane.iter().all(|soft| soft.unsigned_abs() >= LEVELS as u8 - 1));
                }
            }
        }
    }
}
