//! A sample clock that is off: a burst stretched by some parts per million.
//!
//! [`crate::Resampler`] would do it with less ripple, but 1024 samples at a time, which is longer than
//! a burst may be under way.

use std::sync::OnceLock;

use num_complex::Complex32;

/// Samples that each output is made of.
const TAPS: usize = 24;
/// Positions between two samples for which there are taps: the error of the nearest is -52 dB at the
/// edge of what OFDM occupies.
const PHASES: usize = 512;
/// Samples of a window that come before the position.
const BEFORE: usize = TAPS / 2 - 1;
/// For sidelobes of -60 dB (Kaiser's formula).
const KAISER_BETA: f64 = 5.65;

/// Taps for each phase, each twice: for the real part and the imaginary.
type Taps = [[f32; 2 * TAPS]];

/// Reads a stream by another clock.
pub(super) struct Drift {
    taps: &'static Taps,
    /// Input samples from one output to the next.
    step: f64,
    /// Samples that outputs to come are made of.
    line: Vec<Complex32>,
    /// Position of the next output, in samples after the window's own delay.
    position: f64,
    /// Inputs less outputs.
    behind: i64,
}

impl Drift {
    /// Outputs fall behind inputs by up to this. A burst so long that its clock loses more (275 000
    /// samples at 40 ppm, 13 ms at 20 Msps) has a sample left out each time.
    pub(super) const DELAY: u64 = 24;

    /// Of a transmitter whose clock is fast by `ppm`.
    pub(super) fn new(ppm: f64) -> Self {
        static TABLE: OnceLock<Vec<[f32; 2 * TAPS]>> = OnceLock::new();
        let taps = TABLE.get_or_init(table);
        let mut drift =
            Self { taps, step: 1.0 + ppm * 1e-6, line: Vec::new(), position: 0.0, behind: 0 };
        drift.restart();
        drift
    }

    /// Begins a burst.
    pub(super) fn restart(&mut self) {
        self.line.clear();
        self.line.resize(BEFORE, Complex32::ZERO);
        self.position = 0.0;
        self.behind = 0;
    }

    /// Takes in samples and appends what can be made of them.
    pub(super) fn process(&mut self, samples: &[Complex32], output: &mut Vec<Complex32>) {
        self.line.extend_from_slice(samples);
        self.behind += samples.len() as i64;
        let first = output.len();
        loop {
            let at = self.position as usize;
            let Some(window) = self.line.get(at..at + TAPS) else { break };
            let phase = ((self.position - at as f64) * PHASES as f64) as usize;
            output.push(dot(&self.taps[phase], window));
            self.position += self.step;
        }
        self.behind -= (output.len() - first) as i64;
        if self.behind > Self::DELAY as i64 {
            self.position -= 1.0;
        }
        let used = (self.position as usize).min(self.line.len());
        self.line.drain(..used);
        self.position -= used as f64;
    }

    /// Ends the burst: appends what is left of it.
    pub(super) fn finish(&mut self, output: &mut Vec<Complex32>) {
        self.process(&[Complex32::ZERO; TAPS - BEFORE], output);
    }
}

fn dot(taps: &[f32; 2 * TAPS], window: &[Complex32]) -> Complex32 {
    let parts: &[f32] = bytemuck::cast_slice(window);
    let mut sums = [0.0f32; 8];
    for (taps, parts) in taps.chunks_exact(8).zip(parts.chunks_exact(8)) {
        for ((sum, tap), part) in sums.iter_mut().zip(taps).zip(parts) {
            *sum += tap * part;
        }
    }
    Complex32::new(sums[0] + sums[2] + sums[4] + sums[6], sums[1] + sums[3] + sums[5] + sums[7])
}

/// A sinc in a Kaiser window for each phase, of unit gain.
fn table() -> Vec<[f32; 2 * TAPS]> {
    let taps = |phase: usize| {
        // In the middle of the interval that has this phase.
        let middle = BEFORE as f64 + (phase as f64 + 0.5) / PHASES as f64;
        let tap = |n: usize| {
            let x = n as f64 - middle;
            let angle = std::f64::consts::PI * x;
            let sinc = if x == 0.0 { 1.0 } else { angle.sin() / angle };
            let edge = x / (TAPS as f64 / 2.0);
            sinc * bessel_i0(KAISER_BETA * (1.0 - edge * edge).max(0.0).sqrt())
        };
        let values: [f64; TAPS] = std::array::from_fn(tap);
        let sum: f64 = values.iter().sum();
        std::array::from_fn(|n| (values[n / 2] / sum) as f32)
    };
    (0..PHASES).map(taps).collect()
}

/// The modified Bessel function of the first kind, order nought, by its series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..30 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power of what differs from a tone that was read by the other clock, relative to it.
    fn error_db(ppm: f64, turns_per_sample: f64, chunk: usize) -> f64 {
        let tone = |position: f64| {
            let angle = std::f64::consts::TAU * turns_per_sample * position;
            Complex32::new(angle.cos() as f32, angle.sin() as f32)
        };
        let input: Vec<_> = (0..20_000).map(|n| tone(f64::from(n))).collect();
        let mut drift = Drift::new(ppm);
        let mut output = Vec::new();
        input.chunks(chunk).for_each(|chunk| drift.process(chunk, &mut output));
        drift.finish(&mut output);
        assert!((output.len() as f64 - 20_000.0 / (1.0 + ppm * 1e-6)).abs() < 2.0);
        let step = 1.0 + ppm * 1e-6;
        let errors = output[TAPS..19_900]
            .iter()
            .zip(TAPS..)
            .map(|(y, n)| f64::from((y - tone(n as f64 * step)).norm_sqr()));
        10.0 * (errors.sum::<f64>() / (19_900 - TAPS) as f64).log10()
    }

    #[test]
    fn tones_up_to_the_edge_of_ofdm_keep_their_shape() {
        for ppm in [-40.0, 40.0] {
            for turns in [0.01, 0.2, -0.35, 0.41] {
                let error = error_db(ppm, turns, 512);
                assert!(error < -48.0, "{turns} turns at {ppm} ppm: {error} dB");
            }
        }
    }

    #[test]
    fn chunks_do_not_matter() {
        let input: Vec<_> = (0..5000).map(|n| Complex32::cis(n as f32 * 0.7)).collect();
        let run = |chunk| {
            let mut drift = Drift::new(20.0);
            let mut output = Vec::new();
            input.chunks(chunk).for_each(|chunk| drift.process(chunk, &mut output));
            output
        };
        let (whole, parts) = (run(5000), run(17));
        assert_eq!(whole.len(), parts.len());
        assert!(whole.iter().zip(&parts).all(|(a, b)| (a - b).norm() < 1e-3));
    }
}
