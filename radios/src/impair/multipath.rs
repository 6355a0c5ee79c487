//! Propagation over several paths.

use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Random paths with an exponential power delay profile: Rayleigh taps one sample apart, the
/// mean power of which falls by e each `rms_ns`, scaled to unit energy as drawn.
pub fn exponential_paths(rms_ns: f64, sample_rate_hz: f64, seed: u64) -> Vec<Complex32> {
    let sample_ns = 1e9 / sample_rate_hz;
    // Ten times the spread holds all but e^-10 of the energy.
    let count = ((10.0 * rms_ns / sample_ns).ceil() as usize).max(1);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut part = || -> f64 { StandardNormal.sample(&mut random) };
    let paths: Vec<(f64, f64)> = (0..count)
        .map(|n| {
            let amplitude =
                if n == 0 { 1.0 } else { (-(n as f64) * sample_ns / rms_ns / 2.0).exp() };
            (part() * amplitude, part() * amplitude)
        })
        .collect();
    let energy: f64 = paths.iter().map(|(re, im)| re * re + im * im).sum();
    let scale = 1.0 / energy.sqrt();
    paths.iter().map(|&(re, im)| Complex32::new((re * scale) as f32, (im * scale) as f32)).collect()
}

/// A tapped delay line.
pub(super) struct Multipath {
    /// Gains, the longest delay first.
    reversed: Vec<Complex32>,
    /// The samples that still echo, oldest first.
    line: Vec<Complex32>,
}

impl Multipath {
    pub(super) fn new(paths: &[Complex32]) -> Self {
        let reversed: Vec<_> = paths.iter().rev().copied().collect();
        let line = vec![Complex32::ZERO; reversed.len().saturating_sub(1)];
        Self { reversed, line }
    }

    pub(super) fn process(&mut self, input: &[Complex32], output: &mut Vec<Complex32>) {
        if self.reversed.is_empty() {
            output.extend_from_slice(input);
            return;
        }
        self.line.extend_from_slice(input);
        let echoes = self.line.windows(self.reversed.len());
        output
            .extend(echoes.map(|line| {
                line.iter().zip(&self.reversed).map(|(x, h)| x * h).sum::<Complex32>()
            }));
        self.line.drain(..input.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impulse_shows_the_paths_across_chunks() {
        let paths = [1.0, 0.5, 0.25].map(|gain| Complex32::new(gain, -gain));
        let mut multipath = Multipath::new(&paths);
        let mut output = Vec::new();
        for sample in [1.0, 0.0, 0.0, 0.0] {
            multipath.process(&[Complex32::new(sample, 0.0)], &mut output);
        }
        assert_eq!(output[..3], paths);
        assert_eq!(output[3], Complex32::ZERO);
    }

    #[test]
    fn random_paths_have_unit_energy_and_the_spread_asked_for() {
        let mut spread = 0.0;
        for seed in 0..300 {
            let paths = exponential_paths(100.0, 20e6, seed);
            let power: Vec<f32> = paths.iter().map(Complex32::norm_sqr).collect();
            assert!((power.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            let moment = |order: i32| -> f32 {
                power.iter().zip(0..).map(|(p, n)| p * (n as f32 * 50.0).powi(order)).sum()
            };
            spread += (moment(2) - moment(1).powi(2)).sqrt();
        }
        assert!((70.0..110.0).contains(&(spread / 300.0)), "{}", spread / 300.0);
    }
}
