//! The channel at subcarriers on which an interferer sits, from those beside it.

use num_complex::Complex32;

use super::rotate::phasor;
use crate::subcarriers::FFT_LEN;

/// Delays in samples of 50 ns within which the channel is taken to lie.
const FIRST_DELAY: f64 = 0.5;
const LAST_DELAY: f64 = 9.5;

/// Replaces estimates that are more interference than noise by the Wiener interpolation of all,
/// each weighted by its own `variance` (of which `noise` is everywhere).
pub(super) fn repair(raw: &mut [Complex32], occupied: &[i32], variance: &[f32], noise: f32) {
    let n = occupied.len();
    let clean = || (0..n).filter(|&i| variance[i] < 2.0 * noise);
    let count = clean().count().max(1) as f32;
    let power = f64::from(clean().map(|i| raw[i].norm_sqr()).sum::<f32>() / count).max(1e-30);

    let per_sample = std::f64::consts::TAU / FFT_LEN as f64;
    let middle = 0.5 * (FIRST_DELAY + LAST_DELAY);
    let half_width = 0.5 * (LAST_DELAY - FIRST_DELAY);
    let correlation = |a: usize, b: usize| {
        let x = per_sample * f64::from(occupied[a] - occupied[b]) * half_width;
        if x == 0.0 { 1.0 } else { x.sin() / x }
    };
    // With the profile centred at delay zero the correlation is real.
    let centre = |i: usize| phasor(per_sample * f64::from(occupied[i]) * middle);
    let mut system = System::new(n, |i| {
        let turned = raw[i] * centre(i);
        let row = (0..n).map(move |j| match i == j {
            true => 1.0 + f64::from(variance[i]) / power,
            false => correlation(i, j),
        });
        (row, [turned.re, turned.im].map(f64::from))
    });
    system.solve();
    for i in (0..n).filter(|&i| variance[i] >= 2.0 * noise) {
        let (mut re, mut im) = (0.0, 0.0);
        for j in 0..n {
            let [solved_re, solved_im] = system.solution(j);
            re += correlation(i, j) * solved_re;
            im += correlation(i, j) * solved_im;
        }
        raw[i] = Complex32::new(re as f32, im as f32) * centre(i).conj();
    }
}

/// A positive definite system of equations with two right-hand sides, as the last columns.
struct System {
    n: usize,
    rows: Vec<f64>,
}

impl System {
    fn new<R: Iterator<Item = f64>>(n: usize, row: impl Fn(usize) -> (R, [f64; 2])) -> Self {
        let mut rows = Vec::with_capacity(n * (n + 2));
        for i in 0..n {
            let (left, right) = row(i);
            rows.extend(left.chain(right));
        }
        Self { n, rows }
    }

    /// Gaussian elimination; no pivoting is needed. The right-hand sides become the solutions.
    fn solve(&mut self) {
        let (n, width) = (self.n, self.n + 2);
        for pivot in 0..n {
            let (above, below) = self.rows.split_at_mut((pivot + 1) * width);
            let pivot_row = &mut above[pivot * width..];
            let scale = 1.0 / pivot_row[pivot];
            pivot_row[pivot..].iter_mut().for_each(|x| *x *= scale);
            for row in below.chunks_exact_mut(width) {
                let factor = row[pivot];
                for column in pivot..width {
                    row[column] -= factor * pivot_row[column];
                }
            }
        }
        for pivot in (1..n).rev() {
            let (above, below) = self.rows.split_at_mut(pivot * width);
            for row in above.chunks_exact_mut(width) {
                let factor = row[pivot];
                row[n] -= factor * below[n];
                row[n + 1] -= factor * below[n + 1];
            }
        }
    }

    fn solution(&self, i: usize) -> [f64; 2] {
        let at = i * (self.n + 2) + self.n;
        [self.rows[at], self.rows[at + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subcarriers::{HT40, NON_HT};

    #[test]
    fn subcarriers_with_an_interferer_are_filled_in_from_the_others() {
        let path =
            |k: i32, delay: f64| phasor(-std::f64::consts::TAU / 64.0 * f64::from(k) * delay);
        for tones in [&NON_HT, &HT40] {
            let truth: Vec<Complex32> = tones
                .occupied
                .iter()
                .map(|&k| path(k, 3.0) + path(k, 5.3) * Complex32::new(0.0, 0.6))
                .collect();
            let mut raw = truth.clone();
            let mut variance = vec![1e-4; raw.len()];
            for i in [20, 21, 22] {
                raw[i] += Complex32::new(3.0, -1.0);
                variance[i] = 10.0;
            }
            repair(&mut raw, tones.occupied, &variance, 1e-4);
            for (repaired, truth) in raw.iter().zip(truth) {
                assert!((repaired - truth).norm() < 0.05, "{repaired} {truth}");
            }
        }
    }
}
