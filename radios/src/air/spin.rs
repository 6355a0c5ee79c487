//! A carrier offset: samples turned by their time, fast.

use num_complex::{Complex32, Complex64};

use crate::radio::SampleTime;

/// Samples between two exact phases.
const RUN: usize = 64;

/// Turns samples by an angle that grows by so many turns a sample since sample nought.
pub(super) struct Spin {
    turns_per_sample: f64,
    /// The turn from the first sample of a run to each of them.
    within: [Complex32; RUN],
}

impl Spin {
    pub(super) fn new(turns_per_sample: f64) -> Self {
        let within = std::array::from_fn(|n| narrow(phasor(turns_per_sample * n as f64)));
        Self { turns_per_sample, within }
    }

    /// Appends `samples`, the first of which is at `at`, turned.
    pub(super) fn process(
        &self,
        at: SampleTime,
        samples: &[Complex32],
        output: &mut Vec<Complex32>,
    ) {
        let mut at = at.0;
        for run in samples.chunks(RUN) {
            let start = narrow(phasor((self.turns_per_sample * at as f64).fract()));
            output.extend(run.iter().zip(&self.within).map(|(x, turn)| x * (start * turn)));
            at += run.len() as u64;
        }
    }
}

fn phasor(turns: f64) -> Complex64 {
    Complex64::cis(std::f64::consts::TAU * turns)
}

fn narrow(value: Complex64) -> Complex32 {
    Complex32::new(value.re as f32, value.im as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_is_that_of_the_time_whatever_the_chunks() {
        let spin = Spin::new(0.01);
        let mut whole = Vec::new();
        spin.process(SampleTime(1000), &[Complex32::ONE; 300], &mut whole);
        let mut parts = Vec::new();
        spin.process(SampleTime(1000), &[Complex32::ONE; 77], &mut parts);
        spin.process(SampleTime(1077), &[Complex32::ONE; 223], &mut parts);
        for (n, (a, b)) in whole.iter().zip(&parts).enumerate() {
            let expected = narrow(phasor(0.01 * (1000 + n) as f64));
            assert!((a - expected).norm() < 1e-5 && (b - expected).norm() < 1e-5, "{n}");
        }
    }
}
