//! Smoothing a channel estimate over the subcarriers.

use num_complex::Complex32;

use super::rotate::phasor;
use crate::subcarriers::{FFT_LEN, Tones};

/// Most subcarriers that a symbol has.
pub(super) const MAX_N_ST: usize = 114;

/// Power delay profiles that the smoothers expect: first and last delay in samples of 50 ns from
/// the start of the FFT window, and the noise they are made for, relative to the channel's power.
///
/// The first path lies 3 samples in. The narrow ones are for cables and open air, the widest
/// fills the guard interval.
const PROFILES: [(f64, f64, f64); 5] =
    [(2.6, 3.4, 0.1), (1.5, 4.5, 0.003), (1.0, 7.0, 0.003), (0.5, 11.0, 0.003), (0.0, 16.0, 0.003)];

/// The Wiener filter over the subcarriers for one power delay profile.
pub(super) struct Smoother {
    /// Turns each subcarrier so that the profile is centred at delay zero, where the filter is
    /// real.
    centre: Vec<Complex32>,
    /// Rows of the filter, one after the other.
    rows: Vec<f32>,
    /// Its trace: the share of the noise, in subcarriers, that it lets through.
    pub(super) trace: f32,
}

impl Smoother {
    /// The smoothers for a symbol's subcarriers.
    pub(super) fn all(tones: &Tones) -> Vec<Self> {
        PROFILES.map(|(first, last, noise)| Self::new(tones, first, last, noise)).into()
    }

    fn new(tones: &Tones, first_delay: f64, last_delay: f64, noise: f64) -> Self {
        let occupied = tones.occupied;
        let per_sample = std::f64::consts::TAU / FFT_LEN as f64;
        let middle = 0.5 * (first_delay + last_delay);
        let centre = occupied.iter().map(|&k| phasor(per_sample * f64::from(k) * middle));

        // Correlation of two subcarriers under a uniform profile is a sinc of their distance.
        let width = last_delay - first_delay;
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        let correlation: Vec<Vec<f64>> = occupied
            .iter()
            .map(|&a| {
                let others = occupied.iter();
                others.map(|&b| sinc(per_sample * f64::from(a - b) * width / 2.0)).collect()
            })
            .collect();
        let filter = wiener(&correlation, noise);
        let trace = filter.iter().enumerate().map(|(i, row)| row[i]).sum::<f64>() as f32;
        let rows = filter.iter().flatten().map(|&x| x as f32).collect();
        Self { centre: centre.collect(), rows, trace }
    }

    /// The smoothed gains of as many subcarriers as the smoother was made for.
    pub(super) fn apply(&self, raw: &[Complex32], smooth: &mut [Complex32]) {
        let n = self.centre.len();
        let (mut sum_re, mut sum_im) = ([0.0f32; MAX_N_ST], [0.0f32; MAX_N_ST]);
        let (sum_re, sum_im) = (&mut sum_re[..n], &mut sum_im[..n]);
        // The filter is symmetric, so its rows serve as columns, and the sums run side by side.
        for (row, (raw, centre)) in self.rows.chunks_exact(n).zip(raw.iter().zip(&self.centre)) {
            let turned = raw * centre;
            for ((weight, re), im) in row.iter().zip(&mut *sum_re).zip(&mut *sum_im) {
                *re += weight * turned.re;
                *im += weight * turned.im;
            }
        }
        for (i, smooth) in smooth.iter_mut().enumerate() {
            *smooth = Complex32::new(sum_re[i], sum_im[i]) * self.centre[i].conj();
        }
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
