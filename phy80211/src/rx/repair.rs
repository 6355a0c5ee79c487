//! The channel at subcarriers on which an interferer sits, from those beside it.

use num_complex::Complex32;

use super::rotate::phasor;
use crate::subcarriers::{FFT_LEN, N_ST, OCCUPIED};

/// Delays in samples within which the channel is taken to lie.
const FIRST_DELAY: f64 = 0.5;
const LAST_DELAY: f64 = 9.5;

/// Replaces estimates that are more interference than noise by the Wiener interpolation of all,
/// each weighted by its own `variance` (of which `noise` is everywhere).
pub(super) fn repair(raw: &mut [Complex32; N_ST], variance: &[f32; N_ST], noise: f32) {
    let clean = || (0..N_ST).filter(|&i| variance[i] < 2.0 * noise);
    let count = clean().count().max(1) as f32;
    let power = f64::from(clean().map(|i| raw[i].norm_sqr()).sum::<f32>() / count).max(1e-30);

    let per_sample = std::f64::consts::TAU / FFT_LEN as f64;
    let middle = 0.5 * (FIRST_DELAY + LAST_DELAY);
    let half_width = 0.5 * (LAST_DELAY - FIRST_DELAY);
    let correlation = |a: usize, b: usize| {
        let x = per_sample * f64::from(OCCUPIED[a] - OCCUPIED[b]) * half_width;
        if x == 0.0 { 1.0 } else { x.sin() / x }
    };
    // With the profile centred at delay zero the correlation is real.
    let centre = OCCUPIED.map(|k| phasor(per_sample * f64::from(k) * middle));
    let mut rows: Vec<[f64; N_ST + 2]> = (0..N_ST)
        .map(|i| {
            let turned = raw[i] * centre[i];
            std::array::from_fn(|j| match j {
                N_ST => f64::from(turned.re),
                _ if j == N_ST + 1 => f64::from(turned.im),
                _ if i == j => 1.0 + f64::from(variance[i]) / power,
                _ => correlation(i, j),
            })
        })
        .collect();
    solve(&mut rows);
    for i in (0..N_ST).filter(|&i| variance[i] >= 2.0 * noise) {
        let (mut re, mut im) = (0.0, 0.0);
        for (j, row) in rows.iter().enumerate() {
            re += correlation(i, j) * row[N_ST];
            im += correlation(i, j) * row[N_ST + 1];
        }
        raw[i] = Complex32::new(re as f32, im as f32) * centre[i].conj();
    }
}

/// Solves a positive definite system for the two right-hand sides in the last columns, which
/// become the solutions. Gaussian elimination; no pivoting is needed.
fn solve(rows: &mut [[f64; N_ST + 2]]) {
    for pivot in 0..N_ST {
        let (above, below) = rows.split_at_mut(pivot + 1);
        let pivot_row = &mut above[pivot];
        let scale = 1.0 / pivot_row[pivot];
        pivot_row[pivot..].iter_mut().for_each(|x| *x *= scale);
        for row in below {
            let factor = row[pivot];
            for column in pivot..N_ST + 2 {
                row[column] -= factor * pivot_row[column];
            }
        }
    }
    for pivot in (1..N_ST).rev() {
        let (above, below) = rows.split_at_mut(pivot);
        for row in above {
            let factor = row[pivot];
            row[N_ST] -= factor * below[0][N_ST];
            row[N_ST + 1] -= factor * below[0][N_ST + 1];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subcarriers_with_an_interferer_are_filled_in_from_the_others() {
        let path =
            |k: i32, delay: f64| phasor(-std::f64::consts::TAU / 64.0 * f64::from(k) * delay);
        let truth = OCCUPIED.map(|k| path(k, 3.0) + path(k, 5.3) * Complex32::new(0.0, 0.6));
        let mut raw = truth;
        let mut variance = [1e-4; N_ST];
        for i in [20, 21, 22] {
            raw[i] += Complex32::new(3.0, -1.0);
            variance[i] = 10.0;
        }
        repair(&mut raw, &variance, 1e-4);
        for (repaired, truth) in raw.iter().zip(truth) {
            assert!((repaired - truth).norm() < 0.05, "{repaired} {truth}");
        }
    }
}
