//! Soft bits from equalised points: the inverse of 17.3.5.8 with reliabilities.
//!
//! Max-log likelihood ratios in their piecewise-linear form, positive for a one, in eight bits.

use super::spectrum::Spectrum;
use crate::Modulation;

/// Levels between a point and the decision boundary next to it, on a subcarrier of mean
/// reliability. At the SNR that a rate needs, noise is some ten levels: rounding costs below
/// 0.01 dB and clipping at 127 nothing.
const LEVELS: f32 = 24.0;
/// Reliability above which a subcarrier's soft bits would only clip.
const MAX_RELIABILITY: f32 = 4.0;
/// Most bits that a subcarrier carries.
pub(super) const MAX_N_BPSC: usize = 6;

/// The soft bits of a symbol: for each bit of the constellation, those of all bins.
pub(super) type SoftBits<const N: usize> = [[i8; N]; MAX_N_BPSC];

/// Writes the soft bits of all bins.
pub(super) fn demap<const N: usize>(
    modulation: Modulation,
    points: &Spectrum<N>,
    reliability: &[f32; N],
    soft: &mut SoftBits<N>,
) {
    // Distances in units of half the distance between points.
    let per_level = 1.0 / modulation.k_mod();
    let weight = reliability.map(|reliability| reliability.min(MAX_RELIABILITY) * LEVELS);
    let axes = [points.re.map(|x| x * per_level), points.im.map(|x| x * per_level)];
    let n_bpsc = modulation.n_bpsc();
    let mut write = |bit: usize, levels: [f32; N]| {
        for ((soft, level), weight) in soft[bit].iter_mut().zip(levels).zip(weight) {
            *soft = quantise(level * weight);
        }
    };
    for (axis, levels) in axes.into_iter().enumerate() {
        let first = axis * n_bpsc / 2;
        match modulation {
            Modulation::Bpsk if axis == 1 => {}
            Modulation::Bpsk | Modulation::Qpsk => write(first, levels),
            Modulation::Qam16 => {
                write(first, levels);
                write(first + 1, levels.map(|x| 2.0 - x.abs()));
            }
            Modulation::Qam64 => {
                write(first, levels);
                write(first + 1, levels.map(|x| 4.0 - x.abs()));
                write(first + 2, levels.map(|x| 2.0 - (x.abs() - 4.0).abs()));
            }
        }
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
                let mut soft = [[0; 64]; MAX_N_BPSC];
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
