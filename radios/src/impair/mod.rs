//! What the air and a radio do to a signal, repeatably: everything random comes from a seed.
//!
//! The parts are applied in the order in which a signal meets them: the paths of the channel,
//! the difference of the sample clocks, the carrier offset, an interfering tone, noise, and
//! the receiver's own imbalance and DC offset. The result does not depend on how the stream is
//! cut into chunks.

mod multipath;
mod noise;
mod oscillator;

use num_complex::Complex32;

pub use multipath::exponential_paths;
pub use noise::Awgn;
pub use oscillator::Oscillator;

use crate::{Error, Resampler};
use multipath::Multipath;

/// Options of a channel and a radio. Powers are relative to a sample of magnitude 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Impairments {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// Gains of the paths, one a sample of delay; empty for a single clean path.
    pub paths: Vec<Complex32>,
    /// The transmitter's sample clock minus the receiver's, in parts per million.
    pub clock_ppm: f64,
    /// The transmitter's carrier minus the receiver's.
    pub carrier_hz: f64,
    /// Frequency and power of a continuous interferer.
    pub tone: Option<(f64, f64)>,
    /// Power of white noise in the whole sample bandwidth; `None` for no noise.
    pub noise_db: Option<f64>,
    /// Gain of the imaginary over the real part in the receiver.
    pub iq_gain_db: f64,
    /// By how much the receiver's two axes are off a right angle.
    pub iq_phase_deg: f64,
    /// Offset that the receiver adds to every sample.
    pub dc: Complex32,
}

impl Impairments {
    /// A perfect channel and radio.
    pub fn none(sample_rate_hz: f64) -> Self {
        Self {
            sample_rate_hz,
            paths: Vec::new(),
            clock_ppm: 0.0,
            carrier_hz: 0.0,
            tone: None,
            noise_db: None,
            iq_gain_db: 0.0,
            iq_phase_deg: 0.0,
            dc: Complex32::ZERO,
        }
    }

    /// Starts a stream through them. What is random comes from `seed`.
    ///
    /// # Panics
    /// If the clock offset is a million ppm or more; see [`Impairments::check`].
    pub fn start(&self, seed: u64) -> Impaired {
        let clock = Resampler::new(1.0 + self.clock_ppm * 1e-6, 1.0)
            .expect("the clock offset has been checked");
        let turn = |hz: f64| hz / self.sample_rate_hz;
        let noise = self.noise_db.map(|db| Awgn::new(10f64.powf(db / 10.0) as f32, seed));
        let tone =
            self.tone.map(|(hz, db)| (Oscillator::new(turn(hz)), 10f64.powf(db / 20.0) as f32));
        // Half the imbalance on each axis.
        let gain = 10f64.powf(self.iq_gain_db / 40.0) as f32;
        let (sin, cos) = (self.iq_phase_deg.to_radians() / 2.0).sin_cos();
        Impaired {
            paths: Multipath::new(&self.paths),
            clock,
            carrier: (self.carrier_hz != 0.0).then(|| Oscillator::new(turn(self.carrier_hz))),
            tone,
            noise,
            imbalance: [cos as f32 / gain, sin as f32 / gain, sin as f32 * gain, cos as f32 * gain],
            dc: self.dc,
            stage: [Vec::new(), Vec::new()],
        }
    }

    /// Checks that the numbers can be had.
    ///
    /// # Errors
    /// If the clock offset is beyond what can be resampled.
    pub fn check(&self) -> Result<(), Error> {
        Resampler::new(1.0 + self.clock_ppm * 1e-6, 1.0).map(drop)
    }
}

/// A stream on its way through [`Impairments`].
pub struct Impaired {
    paths: Multipath,
    clock: Resampler,
    carrier: Option<Oscillator>,
    tone: Option<(Oscillator, f32)>,
    noise: Option<Awgn>,
    /// Row by row, the matrix from clean to imbalanced (real, imaginary).
    imbalance: [f32; 4],
    dc: Complex32,
    stage: [Vec<Complex32>; 2],
}

impl Impaired {
    /// Takes in samples and appends those that are ready to `output`.
    pub fn process(&mut self, input: &[Complex32], output: &mut Vec<Complex32>) {
        let mut stage = std::mem::take(&mut self.stage);
        stage.iter_mut().for_each(Vec::clear);
        self.paths.process(input, &mut stage[0]);
        let (spread, timed) = stage.split_at_mut(1);
        self.clock.process(&spread[0], &mut timed[0]);
        self.receive(&stage[1], output);
        self.stage = stage;
    }

    /// Ends the stream: appends what was still on its way, so that as many samples have come
    /// out as went in (but for the clock offset).
    pub fn finish(&mut self, output: &mut Vec<Complex32>) {
        let mut rest = Vec::new();
        self.clock.finish(&mut rest);
        self.receive(&rest, output);
    }

    /// All that comes after the channel: each sample by itself.
    fn receive(&mut self, samples: &[Complex32], output: &mut Vec<Complex32>) {
        let start = output.len();
        output.extend_from_slice(samples);
        let output = &mut output[start..];
        if let Some(carrier) = &mut self.carrier {
            output.iter_mut().for_each(|sample| *sample *= carrier.next());
        }
        if let Some((tone, amplitude)) = &mut self.tone {
            output.iter_mut().for_each(|sample| *sample += tone.next() * *amplitude);
        }
        if let Some(noise) = &mut self.noise {
            output.iter_mut().for_each(|sample| *sample += noise.next());
        }
        let [rr, ri, ir, ii] = self.imbalance;
        for sample in output {
            let Complex32 { re, im } = *sample;
            *sample = Complex32::new(rr * re + ri * im, ir * re + ii * im) + self.dc;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Impairments {
        Impairments {
            paths: exponential_paths(50.0, 20e6, 1),
            clock_ppm: 20.0,
            carrier_hz: 54_321.0,
            tone: Some((1e6, -20.0)),
            noise_db: Some(-10.0),
            iq_gain_db: 1.0,
            iq_phase_deg: 3.0,
            dc: Complex32::new(0.1, -0.2),
            ..Impairments::none(20e6)
        }
    }

    fn run(options: &Impairments, input: &[Complex32], chunk: usize) -> Vec<Complex32> {
        let mut air = options.start(7);
        let mut output = Vec::new();
        input.chunks(chunk).for_each(|chunk| air.process(chunk, &mut output));
        air.finish(&mut output);
        output
    }

    #[test]
    fn chunks_do_not_matter_and_the_seed_repeats() {
        let input: Vec<_> = (0..5000).map(|n| Complex32::cis(n as f32 * 0.3)).collect();
        let whole = run(&everything(), &input, input.len());
        assert_eq!(run(&everything(), &input, 13), whole);
        assert_eq!(whole.len(), 5000);
    }

    #[test]
    fn nothing_changes_nothing() {
        let input: Vec<_> = (0..100).map(|n| Complex32::cis(n as f32 * 0.3)).collect();
        assert_eq!(run(&Impairments::none(20e6), &input, 10), input);
    }

    #[test]
    fn noise_has_the_power_that_was_asked_for() {
        let options = Impairments { noise_db: Some(-13.0), ..Impairments::none(20e6) };
        let output = run(&options, &vec![Complex32::ZERO; 100_000], 1000);
        let power = output.iter().map(Complex32::norm_sqr).sum::<f32>() / 1e5;
        assert!((10.0 * power.log10() + 13.0).abs() < 0.05);
    }

    #[test]
    fn a_fast_transmitter_has_its_say_in_less_time() {
        let options = Impairments { clock_ppm: 1000.0, ..Impairments::none(20e6) };
        let output = run(&options, &vec![Complex32::ONE; 100_000], 1000);
        assert_eq!(output.len(), (100_000.0f64 / 1.001).round() as usize);
    }

    #[test]
    fn the_image_of_an_imbalance_is_where_theory_has_it() {
        let options = Impairments { iq_gain_db: 1.0, ..Impairments::none(20e6) };
        let input: Vec<_> =
            (0..1000).map(|n| Complex32::cis(n as f32 * 0.25 * std::f32::consts::PI)).collect();
        let output = run(&options, &input, 100);
        let image: Complex32 =
            output.iter().zip(&input).map(|(y, x)| y * x).sum::<Complex32>() / 1000.0;
        // (g - 1) / (g + 1) for an amplitude ratio g of 1 dB.
        assert!((20.0 * image.norm().log10() + 24.8).abs() < 0.1, "{image}");
    }
}
