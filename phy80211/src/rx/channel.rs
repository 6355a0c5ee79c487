//! Channel and noise from the two long training symbols.
//!
//! The mean of the two symbols is a least-squares estimate with half the noise of a data
//! symbol. Most of that noise goes away by smoothing over the subcarriers, as far as the
//! channel's delay spread allows; how far that is, each frame says itself: of several smoothers,
//! each the Wiener filter for a uniform power delay profile of some width, the one with the
//! least estimated error is taken. The error is Stein's unbiased estimate: what the smoother
//! changed, less the noise that it should have taken out.

use num_complex::Complex32;

use super::repair::repair;
use super::spectrum::Spectrum;
use crate::subcarriers::{FFT_LEN, N_ST, OCCUPIED};
use crate::training::long_at;

/// Power delay profiles that the smoothers expect: first and last delay in samples from the
/// start of the FFT window, and the noise they are made for, relative to the channel's power.
///
/// The first path lies 3 samples in. The narrow ones are for cables and open air, the widest
/// fills the guard interval.
const PROFILES: [(f64, f64, f64); 5] =
    [(2.6, 3.4, 0.1), (1.5, 4.5, 0.003), (1.0, 7.0, 0.003), (0.5, 11.0, 0.003), (0.0, 16.0, 0.003)];

/// What the long training field tells.
pub(super) struct LongField {
    /// Smoothed gain of each occupied subcarrier.
    pub(super) channel: [Complex32; N_ST],
    /// Noise power in one subcarrier of one symbol, on the scale of the gains.
    pub(super) noise: f32,
    /// An interferer's power in each subcarrier, on the same scale.
    pub(super) interference: [f32; N_ST],
    /// Power of the signal in a sample.
    pub(super) power: f32,
}

impl LongField {
    /// Signal power over noise power in the whole sample bandwidth.
    pub(super) fn snr(&self) -> f32 {
        let sample_noise = self.noise * FFT_LEN as f32 / N_ST as f32;
        // Rounding alone is some 100 dB down; more than that is no measurement.
        (self.power / sample_noise.max(f32::MIN_POSITIVE)).min(1e10)
    }
}

/// Estimates channels. Holds the smoothing matrices, which are the same for every frame.
pub(super) struct ChannelEstimator {
    smoothers: Vec<Smoother>,
}

impl ChannelEstimator {
    pub(super) fn new() -> Self {
        Self { smoothers: PROFILES.map(|(a, b, noise)| Smoother::new(a, b, noise)).into() }
    }

    /// From the occupied subcarriers of both symbols, carrier offset removed, and what an
    /// interferer has in them.
    pub(super) fn estimate(
        &self,
        first: &Spectrum,
        second: &Spectrum,
        interference: Option<&[f32; N_ST]>,
    ) -> LongField {
        let mut difference = [0.0; N_ST];
        let mut raw: [Complex32; N_ST] = std::array::from_fn(|i| {
            let (first, second) = (first.at(i), second.at(i));
            difference[i] = (first - second).norm_sqr();
            (first + second) * (0.5 * long_at(OCCUPIED[i]))
        });
        let noise = match interference {
            None => difference.iter().sum::<f32>() / (2 * N_ST) as f32,
            Some(interference) => quieter_half(&difference, interference) / 2.0,
        };
        if let Some(interference) = interference {
            // Interference 50 dB under the signal needs no repair, however little noise there is.
            let signal = raw.iter().map(Complex32::norm_sqr).sum::<f32>() / N_ST as f32;
            let floor = (noise / 2.0).max(1e-5 * signal);
            repair(&mut raw, &interference.map(|power| floor + power), floor);
        }

        // The mean of two symbols has half the noise.
        let raw_noise = noise / 2.0;
        let mut best = (raw_noise * N_ST as f32, raw);
        for smoother in &self.smoothers {
            let smooth = smoother.apply(&raw);
            let changed: f32 = raw.iter().zip(&smooth).map(|(a, b)| (a - b).norm_sqr()).sum();
            let risk = changed + raw_noise * (2.0 * smoother.trace - N_ST as f32);
            if risk < best.0 {
                best = (risk, smooth);
            }
        }
        let channel = best.1;
        let power = channel.iter().map(Complex32::norm_sqr).sum::<f32>() / N_ST as f32;
        let interference = interference.copied().unwrap_or([0.0; N_ST]);
        LongField { channel, noise, interference, power }
    }
}

/// Mean of `values` over the half of the subcarriers that have the least interference.
fn quieter_half(values: &[f32; N_ST], interference: &[f32; N_ST]) -> f32 {
    let mut order: [usize; N_ST] = std::array::from_fn(|i| i);
    order.sort_by(|&a, &b| interference[a].total_cmp(&interference[b]));
    let quieter = &order[..N_ST / 2];
    quieter.iter().map(|&i| values[i]).sum::<f32>() / quieter.len() as f32
}

/// The Wiener filter over the subcarriers for one power delay profile.
struct Smoother {
    /// Turns each subcarrier so that the profile is centred at delay zero, where the filter is
    /// real.
    centre: [Complex32; N_ST],
    /// Rows of the filter.
    rows: Box<[[f32; N_ST]; N_ST]>,
    /// Its trace: the share of the noise, in subcarriers, that it lets through.
    trace: f32,
}

impl Smoother {
    fn new(first_delay: f64, last_delay: f64, noise: f64) -> Self {
        let per_sample = std::f64::consts::TAU / FFT_LEN as f64;
        let middle = 0.5 * (first_delay + last_delay);
        let centre = OCCUPIED.map(|k| super::rotate::phasor(per_sample * f64::from(k) * middle));

        // Correlation of two subcarriers under a uniform profile is a sinc of their distance.
        let width = last_delay - first_delay;
        let correlation: Vec<Vec<f64>> = OCCUPIED
            .iter()
            .map(|&a| {
                let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
                OCCUPIED
                    .iter()
                    .map(|&b| sinc(per_sample * f64::from(a - b) * width / 2.0))
                    .collect()
            })
            .collect();
        let filter = wiener(&correlation, noise);
        let trace = (0..N_ST).map(|i| filter[i][i]).sum::<f64>() as f32;
        let rows = Box::new(std::array::from_fn(|i| std::array::from_fn(|j| filter[i][j] as f32)));
        Self { centre, rows, trace }
    }

    fn apply(&self, raw: &[Complex32; N_ST]) -> [Complex32; N_ST] {
        let (mut re, mut im) = ([0.0f32; N_ST], [0.0f32; N_ST]);
        for i in 0..N_ST {
            let turned = raw[i] * self.centre[i];
            (re[i], im[i]) = (turned.re, turned.im);
        }
        // The filter is symmetric, so its rows serve as columns, and the sums run side by side.
        let (mut sum_re, mut sum_im) = ([0.0f32; N_ST], [0.0f32; N_ST]);
        for (row, (re, im)) in self.rows.iter().zip(re.iter().zip(&im)) {
            for i in 0..N_ST {
                sum_re[i] += row[i] * re;
                sum_im[i] += row[i] * im;
            }
        }
        std::array::from_fn(|i| Complex32::new(sum_re[i], sum_im[i]) * self.centre[i].conj())
    }
}

/// R (R + noise I)^-1 for a symmetric R, by Gauss-Jordan elimination of (R + noise I | R): the
/// sum is positive definite, so no pivoting is needed.
fn wiener(r: &[Vec<f64>], noise: f64) -> Vec<Vec<f64>> {
    let n = r.len();
    let mut left: Vec<Vec<f64>> = r.to_vec();
    let mut right: Vec<Vec<f64>> = r.to_vec();
    for (i, row) in left.iter_mut().enumerate() {
        row[i] += noise;
    }
    for pivot in 0..n {
        let scale = 1.0 / left[pivot][pivot];
        left[pivot].iter_mut().chain(&mut right[pivot]).for_each(|x| *x *= scale);
        let (pivot_left, pivot_right) = (left[pivot].clone(), right[pivot].clone());
        for row in (0..n).filter(|&row| row != pivot) {
            let factor = left[row][pivot];
            for column in 0..n {
                left[row][column] -= factor * pivot_left[column];
                right[row][column] -= factor * pivot_right[column];
            }
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repeatable stand-in for noise: uncorrelated, unit power.
    fn noise(seed: u32) -> impl FnMut() -> Complex32 {
        let mut state = seed;
        move || {
            let mut uniform = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            };
            Complex32::new(uniform(), uniform()) * 6.0f32.sqrt()
        }
    }

    fn through(channel: impl Fn(i32) -> Complex32, sigma: f32, seed: u32) -> (f32, LongField) {
        let mut noise = noise(seed);
        let truth: [Complex32; N_ST] = OCCUPIED.map(channel);
        let mut symbol = || {
            let values: [Complex32; N_ST] =
                std::array::from_fn(|i| truth[i] * long_at(OCCUPIED[i]) + noise() * sigma);
            Spectrum::from_fn(|i| values[i])
        };
        let (first, second) = (symbol(), symbol());
        let field = ChannelEstimator::new().estimate(&first, &second, None);
        let error: f32 = field.channel.iter().zip(truth).map(|(a, b)| (a - b).norm_sqr()).sum();
        (error / N_ST as f32, field)
    }

    fn path(k: i32, delay: f64, gain: f32) -> Complex32 {
        super::super::rotate::phasor(-std::f64::consts::TAU / 64.0 * f64::from(k) * delay) * gain
    }

    #[test]
    fn a_single_path_is_smoothed_well_below_the_noise() {
        let sigma = 0.3f32;
        let mean =
            (0..50).map(|seed| through(|k| path(k, 3.0, 1.0), sigma, seed).0).sum::<f32>() / 50.0;
        // Unsmoothed: half the noise of a symbol. At least 7 dB better.
        assert!(mean < 0.1 * sigma * sigma, "{mean}");
    }

    #[test]
    fn a_long_channel_is_not_smoothed_away() {
        let channel = |k| path(k, 3.0, 0.7) + path(k, 14.5, 0.7);
        let (error, _) = through(channel, 0.003, 7);
        assert!(error < 1e-5, "{error}");
    }

    #[test]
    fn noise_and_snr_are_measured() {
        let mean =
            (0..50).map(|seed| through(|k| path(k, 3.0, 1.0), 0.1, seed).1.noise).sum::<f32>();
        assert!((mean / 50.0 / 0.01 - 1.0).abs() < 0.1);
        let (_, field) = through(|k| path(k, 3.0, 1.0), 0.1, 3);
        assert!((10.0 * field.snr().log10() - 19.1).abs() < 1.5);
    }
}
