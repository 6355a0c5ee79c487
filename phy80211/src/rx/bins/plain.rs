//! What the functions do, in plain Rust. Sums run in eight lanes whatever the width of the
//! registers, so that they come to the same numbers on all.

use num_complex::Complex32;

use super::Across;
use crate::Modulation;
use crate::constellation::{Axis, Slicer};
use crate::rx::spectrum::Spectrum;

/// Sums that run side by side.
const LANES: usize = 8;

#[inline(always)]
pub(in crate::rx) fn derotate(
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

#[inline(always)]
pub(in crate::rx) fn equalise<const N: usize>(
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

#[inline(always)]
pub(in crate::rx) fn decide<const N: usize>(
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

#[inline(always)]
pub(in crate::rx) fn settle<const N: usize>(
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

#[inline(always)]
pub(in crate::rx) fn reliability<const N: usize>(
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
