//! Undoing a carrier offset sample by sample.

use num_complex::Complex32;

/// The sequence 1, e^jw, e^2jw, ..: a phasor that turns by a constant angle.
///
/// Each value comes from the one before; over the few hundred samples for which one is used,
/// rounding stays below -120 dB.
pub(super) struct Phasors {
    now: Complex32,
    step: Complex32,
}

impl Phasors {
    /// Turns by `omega` radians a sample.
    pub(super) fn new(omega: f64) -> Self {
        Self { now: Complex32::ONE, step: Complex32::new(omega.cos() as f32, omega.sin() as f32) }
    }

    pub(super) fn next(&mut self) -> Complex32 {
        let now = self.now;
        self.now *= self.step;
        now
    }
}

/// The phasor of an angle that may be many turns: reduced in double precision first.
pub(super) fn phasor(angle: f64) -> Complex32 {
    let angle = angle.rem_euclid(std::f64::consts::TAU) as f32;
    Complex32::cis(angle)
}
