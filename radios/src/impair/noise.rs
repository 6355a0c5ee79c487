//! White Gaussian noise.

use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Complex white Gaussian noise of a given power, the same for the same seed on any machine.
#[derive(Debug, Clone)]
pub struct Awgn {
    deviation: f32,
    random: ChaCha8Rng,
}

impl Awgn {
    /// Noise whose samples have the mean squared magnitude `power`.
    pub fn new(power: f32, seed: u64) -> Self {
        Self { deviation: (power / 2.0).sqrt(), random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The next sample.
    #[allow(clippy::should_implement_trait, reason = "noise never ends")]
    pub fn next(&mut self) -> Complex32 {
        let mut part = || -> f32 { StandardNormal.sample(&mut self.random) };
        Complex32::new(part(), part()) * self.deviation
    }
}
