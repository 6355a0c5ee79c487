//! A complex oscillator that stays in phase however long it runs.

use num_complex::{Complex32, Complex64};

/// Samples after which the phase is computed anew, before rounding adds up.
const REFRESH: u64 = 1024;

/// Unit phasors that turn by a constant angle from sample to sample.
#[derive(Debug, Clone)]
pub struct Oscillator {
    turns_per_sample: f64,
    count: u64,
    now: Complex64,
    step: Complex64,
}

impl Oscillator {
    /// Turns by `turns_per_sample` whole turns a sample, from phase zero.
    pub fn new(turns_per_sample: f64) -> Self {
        let step = Complex64::cis(std::f64::consts::TAU * turns_per_sample);
        Self { turns_per_sample, count: 0, now: Complex64::ONE, step }
    }

    /// The next phasor.
    #[allow(clippy::should_implement_trait, reason = "an oscillator never ends")]
    pub fn next(&mut self) -> Complex32 {
        if self.count.is_multiple_of(REFRESH) {
            let turns = (self.turns_per_sample * self.count as f64).fract();
            self.now = Complex64::cis(std::f64::consts::TAU * turns);
        }
        let now = self.now;
        self.now *= self.step;
        self.count += 1;
        Complex32::new(now.re as f32, now.im as f32)
    }
}
