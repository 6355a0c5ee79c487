//! Soft bits from equalised points: the inverse of 17.3.5.8 with reliabilities.
//!
//! Max-log likelihood ratios in their piecewise-linear form, positive for a one, in eight bits.

use num_complex::Complex32;

use crate::Modulation;
use crate::subcarriers::N_SD;

/// Soft bits of one symbol at most.
pub(super) const MAX_N_CBPS: usize = 6 * N_SD;

/// Levels between a point and the decision boundary next to it, on a subcarrier of mean
/// reliability. At the SNR that a rate needs, noise is some ten levels: rounding costs below
/// 0.01 dB and clipping at 127 nothing.
const LEVELS: f32 = 24.0;
/// Reliability above which a subcarrier's soft bits would only clip.
const MAX_RELIABILITY: f32 = 4.0;

/// Writes the soft bits of 48 points, in the order of the subcarriers.
///
/// `reliability` is each subcarrier's signal over noise relative to the mean.
pub(super) fn demap(
    modulation: Modulation,
    points: &[Complex32; N_SD],
    reliability: &[f32; N_SD],
    soft: &mut [i8; MAX_N_CBPS],
) {
    let n = modulation.n_bpsc();
    let per_axis = LEVELS / modulation.k_mod();
    let points = points.iter().zip(reliability).zip(soft.chunks_exact_mut(n));
    let points = points.map(|((point, &reliability), soft)| {
        let weight = reliability.min(MAX_RELIABILITY);
        // Distances in units of half the distance between points.
        let axes = point * (per_axis / LEVELS);
        (axes, weight * LEVELS, soft)
    });
    match modulation {
        Modulation::Bpsk => points.for_each(|(z, w, soft)| soft[0] = quantise(z.re * w)),
        Modulation::Qpsk => points.for_each(|(z, w, soft)| {
            soft[0] = quantise(z.re * w);
            soft[1] = quantise(z.im * w);
        }),
        Modulation::Qam16 => points.for_each(|(z, w, soft)| {
            for (axis, soft) in [z.re, z.im].into_iter().zip(soft.chunks_exact_mut(2)) {
                soft[0] = quantise(axis * w);
                soft[1] = quantise((2.0 - axis.abs()) * w);
            }
        }),
        Modulation::Qam64 => points.for_each(|(z, w, soft)| {
            for (axis, soft) in [z.re, z.im].into_iter().zip(soft.chunks_exact_mut(3)) {
                soft[0] = quantise(axis * w);
                soft[1] = quantise((4.0 - axis.abs()) * w);
                soft[2] = quantise((2.0 - (axis.abs() - 4.0).abs()) * w);
            }
        }),
    }
}

/// Rounds to an integer from -127 to 127; NaN becomes 0, no opinion.
#[inline]
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
                let mut soft = [0; MAX_N_CBPS];
                demap(modulation, &[modulation.map(&bits); N_SD], &[1.0; N_SD], &mut soft);
                for (soft, bit) in soft[..48 * n].iter().zip(bits.iter().cycle()) {
                    assert_eq!(*soft > 0, *bit == 1, "{modulation:?} {bits:?}");
                    assert!(soft.unsigned_abs() >= LEVELS as u8 - 1);
                }
            }
        }
    }
}
