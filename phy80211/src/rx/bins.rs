//! The arithmetic of a symbol, over all bins at once.
//!
//! Each function is compiled for several instruction sets, of which the best that the machine
//! has is called. The operations are the same in all, in the same order, so that they give the
//! same numbers: sums run in eight lanes whatever the width of the registers.

use multiversion::multiversion;
use num_complex::Complex32;

use super::spectrum::Spectrum;
use crate::Modulation;
use crate::constellation::{Axis, Slicer};

/// Sums that run side by side.
const LANES: usize = 8;

/// Samples less `dc` times `turns`, both of the same length, into `bins`. Returns the mean power
/// of the samples.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn derotate(
    samples: &[Complex32],
    dc: Complex32,
    turns: &[Complex32],
    bins: &mut [Complex32],
) -> f32 {
    let mut power = [0.0f32; LANES];
    let samples = samples.chunks_exact(LANES).zip(turns.chunks_exact(LANES));
    for ((samples, turns), bins) in samples.zip(bins.chunks_exact_mut(LANES)) {
        for i in 0..LANES {
            let (re, im) = (samples[i].re - dc.re, samples[i].im - dc.im);
            power[i] += re * re + im * im;
            bins[i].re = re * turns[i].re - im * turns[i].im;
            bins[i].im = re * turns[i].im + im * turns[i].re;
        }
    }
    fold(power) / turns.len() as f32
}

/// Each bin times `inverse`, turned by `centre`, and by `step` for each subcarrier from the
/// middle.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn equalise<const N: usize>(
    bins: &[Complex32; N],
    inverse: &Spectrum<N>,
    centre: Complex32,
    step: Complex32,
    points: &mut Spectrum<N>,
) {
    // Eight powers of the step, and then eight at a time.
    let (mut re, mut im) = ([1.0f32; LANES], [0.0f32; LANES]);
    let mut power = step;
    for known in [1, 2, 4] {
        for i in 0..known {
            let next = Complex32::new(re[i], im[i]) * power;
            (re[known + i], im[known + i]) = (next.re, next.im);
        }
        power *= power;
    }
    // `power` is now the eighth, and the subcarriers of the upper half are negative: they begin
    // at -N/2.
    let mut across = power;
    for _ in 0..(N / 2 / LANES).ilog2() {
        across *= across;
    }
    let bases = [centre, centre * across.conj()];
    for block in 0..N / 2 / LANES {
        for (half, base) in bases.into_iter().enumerate() {
            let first = half * N / 2 + block * LANES;
            let bins = &bins[first..first + LANES];
            let (inverse_re, inverse_im) =
                (&inverse.re[first..first + LANES], &inverse.im[first..first + LANES]);
            let (points_re, points_im) =
                (&mut points.re[first..first + LANES], &mut points.im[first..first + LANES]);
            for i in 0..LANES {
                let turn_re = re[i] * base.re - im[i] * base.im;
                let turn_im = re[i] * base.im + im[i] * base.re;
                let x = bins[i].re * turn_re - bins[i].im * turn_im;
                let y = bins[i].re * turn_im + bins[i].im * turn_re;
                points_re[i] = x * inverse_re[i] - y * inverse_im[i];
                points_im[i] = x * inverse_im[i] + y * inverse_re[i];
            }
        }
        for i in 0..LANES {
            (re[i], im[i]) =
                (re[i] * power.re - im[i] * power.im, re[i] * power.im + im[i] * power.re);
        }
    }
}

/// What decisions say of a symbol's phase: weighted sums over the data bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Across {
    /// Of the error across the decided point, which is the angle for small ones.
    pub(super) phase: f32,
    pub(super) phase_weight: f32,
    /// The same times the subcarrier's number.
    pub(super) slope: f32,
    pub(super) slope_weight: f32,
}

/// Turns the points, decides them, and sums up how far each lies across its decision.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn decide<const N: usize>(
    points: &mut Spectrum<N>,
    turn: Complex32,
    modulation: Modulation,
    data_power: &[f32; N],
    subcarrier: &[f32; N],
    decided: &mut Spectrum<N>,
) -> Across {
    let real = Slicer::new(modulation, Axis::Real);
    let imaginary = Slicer::new(modulation, Axis::Imaginary);
    let (mut phase, mut phase_weight) = ([0.0; LANES], [0.0; LANES]);
    let (mut slope, mut slope_weight) = ([0.0; LANES], [0.0; LANES]);
    for first in (0..N).step_by(LANES) {
        for lane in 0..LANES {
            let i = first + lane;
            let x = points.re[i] * turn.re - points.im[i] * turn.im;
            let y = points.re[i] * turn.im + points.im[i] * turn.re;
            let (u, v) = (real.nearest(x), imaginary.nearest(y));
            (points.re[i], points.im[i]) = (x, y);
            (decided.re[i], decided.im[i]) = (u, v);
            let across = (y * u - x * v) * data_power[i];
            let weight = (u * u + v * v) * data_power[i];
            let k = subcarrier[i];
            phase[lane] += across;
            phase_weight[lane] += weight;
            slope[lane] += k * across;
            slope_weight[lane] += k * k * weight;
        }
    }
    Across {
        phase: fold(phase),
        phase_weight: fold(phase_weight),
        slope: fold(slope),
        slope_weight: fold(slope_weight),
    }
}

/// Turns the points, and adds up the squared distances from what they were decided to be.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn settle<const N: usize>(
    points: &mut Spectrum<N>,
    turn: Complex32,
    decided: &Spectrum<N>,
    squared: &mut [f32; N],
) {
    for (i, squared) in squared.iter_mut().enumerate() {
        let x = points.re[i] * turn.re - points.im[i] * turn.im;
        let y = points.re[i] * turn.im + points.im[i] * turn.re;
        (points.re[i], points.im[i]) = (x, y);
        let (re, im) = (x - decided.re[i], y - decided.im[i]);
        *squared += re * re + im * im;
    }
}

/// Weight of each data bin relative to the mean over the `n_sd` of them: that in `data_weight`,
/// less where the squared errors seen over some symbols are more than expected. The prior is that
/// of so many symbols with the expected errors.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn reliability<const N: usize>(
    data_weight: &[f32; N],
    data_power_per_noise: &[f32; N],
    squared: &[f32; N],
    [prior, symbols]: [f32; 2],
    n_sd: f32,
) -> [f32; N] {
    let expected = prior + symbols;
    let mut reliability = [0.0; N];
    let mut sum = [0.0; LANES];
    for first in (0..N).step_by(LANES) {
        for (lane, sum) in sum.iter_mut().enumerate() {
            let i = first + lane;
            let seen = prior + squared[i] * data_power_per_noise[i];
            // Decisions hide part of the error of a weak subcarrier, so less than expected
            // proves nothing; more does.
            reliability[i] = (expected / seen).min(1.0) * data_weight[i];
            *sum += reliability[i];
        }
    }
    // A distortion that hits all alike, as a transmitter's own, must not weaken all.
    let scale = n_sd / fold(sum).max(f32::MIN_POSITIVE);
    reliability.iter_mut().for_each(|reliability| *reliability *= scale);
    reliability
}

#[inline(always)]
fn fold(lanes: [f32; LANES]) -> f32 {
    let mut quads = [0.0; 4];
    for i in 0..4 {
        quads[i] = lanes[i] + lanes[i + 4];
    }
    (quads[0] + quads[2]) + (quads[1] + quads[3])
}

#[cfg(test)]
mod tests {
    use super::super::rotate::phasor;
    use super::*;

    #[test]
    fn every_subcarrier_is_turned_by_its_number() {
        let bins: [Complex32; 128] = std::array::from_fn(|i| phasor(i as f64 * 0.37) * 0.8);
        let mut inverse = Spectrum::ZERO;
        (0..128).for_each(|i| inverse.set(i, phasor(i as f64 * 1.1) * 1.5));
        let (centre, angle) = (phasor(0.9), 0.0123);
        let mut points = Spectrum::ZERO;
        equalise(&bins, &inverse, centre, phasor(-angle), &mut points);
        for (bin, k) in [(0, 0), (1, 1), (58, 58), (127, -1), (70, -58)] {
            let turned = bins[bin] * centre * phasor(-angle * f64::from(k));
            assert!((points.at(bin) - turned * inverse.at(bin)).norm() < 3e-5, "{k}");
        }
    }

    #[test]
    fn the_mean_power_is_that_of_the_samples_without_offset() {
        let dc = Complex32::new(0.3, -0.2);
        let samples = [phasor(0.4) + dc; 64];
        let turns = [phasor(-0.4) * 2.0; 64];
        let mut bins = [Complex32::ZERO; 64];
        assert!((derotate(&samples, dc, &turns, &mut bins) - 1.0).abs() < 1e-6);
        assert!(bins.iter().all(|bin| (bin - Complex32::new(2.0, 0.0)).norm() < 1e-6));
    }
}
