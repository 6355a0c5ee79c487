//! Rayleigh fading: the sum of many equally strong waves from all sides (Clarke), by sinusoids as Jakes
//! has it, for each link on its own.

use std::f64::consts::TAU;
use std::time::Duration;

use mac::Instant;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Waves of a link.
const WAVES: usize = 16;
/// Coherence time times the largest Doppler shift.
const COHERENCE: f64 = 0.423;

/// The fading of one link.
#[derive(Debug, Clone)]
pub(crate) struct Fading {
    /// Angular frequencies and phases of the waves.
    waves: [(f64, f64); WAVES],
}

impl Fading {
    /// A link whose gain is another after this time.
    pub(crate) fn new(coherence: Duration, rng: &mut ChaCha8Rng) -> Self {
        let doppler = COHERENCE / coherence.as_secs_f64().max(1e-6);
        let mut wave = |index: usize| {
            // One from each part of the circle, so that the mean of any link is 1 before long.
            let angle = TAU * (index as f64 + rng.random::<f64>()) / WAVES as f64;
            (TAU * doppler * angle.cos(), TAU * rng.random::<f64>())
        };
        Self { waves: std::array::from_fn(&mut wave) }
    }

    /// Received power over its mean.
    pub(crate) fn gain(&self, now: Instant) -> f64 {
        let t = now.as_secs_f64();
        let sum = self.waves.iter().fold((0.0, 0.0), |(re, im), (omega, phase)| {
            let (sin, cos) = (omega * t + phase).sin_cos();
            (re + cos, im + sin)
        });
        (sum.0 * sum.0 + sum.1 * sum.1) / WAVES as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn power_is_distributed_as_rayleigh_has_it() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut gains = vec![];
        for _ in 0..200 {
            let fading = Fading::new(Duration::from_millis(20), &mut rng);
            let at = |step: u64| Instant::from_nanos(50_000_000 * step);
            gains.extend((0..100).map(|step| fading.gain(at(step))));
        }
        let share = |limit: f64| {
            gains.iter().filter(|gain| **gain < limit).count() as f64 / gains.len() as f64
        };
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        for limit in [0.1f64, 0.5, 1.0, 2.0] {
            let wanted = 1.0 - (-limit).exp();
            assert!((share(limit) - wanted).abs() < 0.03, "{limit}: {}", share(limit));
        }
    }

    #[test]
    fn it_changes_in_the_coherence_time_and_not_much_before() {
        let covariance = |after: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(2);
            let products = (0..4000).map(|_| {
                let fading = Fading::new(Duration::from_millis(20), &mut rng);
                let late = Instant::from_nanos(1_000_000 * after);
                (fading.gain(Instant::ZERO) - 1.0) * (fading.gain(late) - 1.0)
            });
            products.sum::<f64>() / 4000.0
        };
        let variance = covariance(0);
        assert!(covariance(1) > 0.95 * variance);
        assert!(covariance(40) < 0.4 * variance);
    }
}
