//! The arithmetic of a symbol, over all bins at once.
//!
//! Each function is compiled for several instruction sets, of which the best that the machine
//! has is called. The operations are the same in all, in the same order, so that they give the
//! same numbers.

pub(super) mod plain;

use multiversion::multiversion;
use num_complex::Complex32;

use super::spectrum::Spectrum;
use crate::Modulation;

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

/// Samples less `dc` times `turns`, both of the same length, into `bins`. Returns the mean power
/// of the samples.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn derotate(
    samples: &[Complex32],
    dc: Complex32,
    turns: &[Complex32],
    bins: &mut [Complex32],
) -> f32 {
    plain::derotate(samples, dc, turns, bins)
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
    plain::equalise(bins, inverse, centre, step, points)
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
    plain::decide(points, turn, modulation, data_power, subcarrier, decided)
}

/// Turns the points, and adds up the squared distances from what they were decided to be.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn settle<const N: usize>(
    points: &mut Spectrum<N>,
    turn: Complex32,
    decided: &Spectrum<N>,
    squared: &mut [f32; N],
) {
    plain::settle(points, turn, decided, squared)
}

/// Weight of each data bin relative to the mean over the `n_sd` of them: that in `data_weight`,
/// less where the squared errors seen over some symbols are more than expected. The prior is that
/// of so many symbols with the expected errors.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn reliability<const N: usize>(
    data_weight: &[f32; N],
    data_power_per_noise: &[f32; N],
    squared: &[f32; N],
    weights: [f32; 2],
    n_sd: f32,
) -> [f32; N] {
    plain::reliability(data_weight, data_power_per_noise, squared, weights, n_sd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rx::rotate::phasor;

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
