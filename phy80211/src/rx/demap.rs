//! Soft bits from equalised points: the inverse of 17.3.5.8 with reliabilities.
//!
//! Max-log likelihood ratios in their piecewise-linear form, positive for a one, in eight bits.

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

/// The data subcarriers of a symbol, equalised, real and imaginary parts apart.
pub(super) struct Points {
    pub(super) re: [f32; N_SD],
    pub(super) im: [f32; N_SD],
    /// Signal over noise of each subcarrier relative to the mean.
    pub(super) reliability: [f32; N_SD],
}

/// Writes the soft bits of 48 points, in the order of the subcarriers.
pub(super) fn demap(modulation: Modulation, points: &Points, soft: &mut [i8; MAX_N_CBPS]) {
    // Distances in units of half the distance between points.
    let per_level = 1.0 / modulation.k_mod();
    let weight = points.reliability.map(|reliability| reliability.min(MAX_RELIABILITY) * LEVELS);
    let axes = [points.re.map(|x| x * per_level), points.im.map(|x| x * per_level)];
    let n_bpsc = modulation.n_bpsc();
    let mut write = |bit: usize, levels: [f32; N_SD]| {
        let quantised: [i8; N_SD] = std::array::from_fn(|d| quantise(levels[d] * weight[d]));
        for (soft, quantised) in soft.chunks_exact_mut(n_bpsc).zip(quantised) {
            soft[bit] = quantised;
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
                let mut soft = [0; MAX_N_CBPS];
                let point = modulation.map(&bits);
                let points =
                    Points { re: [point.re; N_SD], im: [point.im; N_SD], reliability: [1.0; N_SD] };
                demap(modulation, &points, &mut soft);
                for (soft, bit) in soft[..48 * n].iter().zip(bits.iter().cycle()) {
                    assert_eq!(*soft > 0, *bit == 1, "{modulation:?} {bits:?}");
                    assert!(soft.unsigned_abs() >= LEVELS as u8 - 1);
                }
            }
        }
    }
}
