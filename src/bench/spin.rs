//! Arithmetic that needs nothing but the core: how much longer it takes at times than usual is the
//! machine's doing, be it by timers, interrupts or a hypervisor.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Steps in a trial, some 0.1 ms.
const TRIAL: u64 = 100_000;

/// So many steps.
pub struct Spin {
    steps: u64,
}

impl Spin {
    /// As many steps as take this long when nothing comes between.
    pub fn lasting(duration: Duration) -> Self {
        let trials = (0..20).map(|_| Self { steps: TRIAL }.run());
        let undisturbed = trials.min().expect("there are trials").as_nanos().max(1);
        let steps = u128::from(TRIAL) * duration.as_nanos() / undisturbed;
        Self { steps: steps as u64 }
    }

    /// How long they take this time.
    pub fn run(&self) -> Duration {
        let began = Instant::now();
        // Each step waits for the one before.
        black_box((0..self.steps).fold(1u64, |x, step| black_box(x).wrapping_mul(3) ^ step));
        began.elapsed()
    }
}
