//! The ends of a simulated radio: noise, gain, full scale.
//!
//! The receiver is at the radio's side of the air, not in the mixer: each radio makes its own noise, in its own
//! thread or process, and silence costs the air nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use num_complex::Complex32;

use super::config::AirConfig;
use crate::impair::Awgn;
use crate::radio::{Decibel, SampleTime};

/// Samples of noise that are kept: 256 KB, which stays in the second-level cache.
const TABLE_LEN: usize = 1 << 15;
/// Samples for which noise is taken from the same places of the table.
const RUN: usize = 256;

/// Noise as a function of the time.
///
/// Gaussian numbers at 40 million samples a second would take most of a core. So each run of 256
/// samples is the sum of two runs of a table, from places that a hash of seed and time chooses: there
/// are 2^30 pairs of places. It is white and Gaussian; what it lacks is independence of runs that share
/// a place, one in 64 of them, with half of their power.
#[derive(Clone)]
pub(crate) struct Noise {
    table: Arc<[Complex32]>,
    seed: u64,
}

impl Noise {
    /// Noise whose samples have the mean squared magnitude `power`. Radios of different `seed` share
    /// nothing.
    pub(crate) fn new(power: f32, seed: u64) -> Self {
        let mut noise = Awgn::new(power / 2.0, seed);
        Self { table: (0..TABLE_LEN + RUN).map(|_| noise.next()).collect(), seed }
    }

    /// Adds noise to samples, the first of which is at `at`.
    fn add(&self, at: SampleTime, samples: &mut [Complex32], gain: f32) {
        let mut at = at.0;
        let mut left = samples;
        while !left.is_empty() {
            let within = at as usize % RUN;
            let (now, rest) = left.split_at_mut(left.len().min(RUN - within));
            let hash = mix(self.seed ^ (at / RUN as u64));
            let place = |bits: u64| &self.table[bits as usize % TABLE_LEN + within..][..now.len()];
            let (one, two) = (place(hash), place(hash >> 32));
            for ((sample, a), b) in now.iter_mut().zip(one).zip(two) {
                *sample += (a + b) * gain;
            }
            at += now.len() as u64;
            left = rest;
        }
    }
}

/// The finaliser of SplitMix64: each bit of the result depends on all of `value`.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// What happens to samples between the antenna and the program.
#[derive(Clone)]
pub(crate) struct FrontEnd {
    noise: Option<Noise>,
    /// An amplitude as bits, shared with the clones: it is set where the radio is and used where its
    /// stream is.
    gain: Arc<AtomicU32>,
}

impl FrontEnd {
    /// Of a radio with noise of this power, if any.
    pub(crate) fn new(noise: Option<Decibel>, seed: u64) -> Self {
        let noise = noise.map(|power| Noise::new(power.amplitude().powi(2), seed));
        Self { noise, gain: Arc::new(AtomicU32::new(1.0f32.to_bits())) }
    }

    /// Of a radio in an air, by its name.
    pub(crate) fn of(config: &AirConfig, name: &str) -> Self {
        Self::new(config.noise, config.pair_seed(name, ""))
    }

    pub(crate) fn set_gain(&self, gain: Decibel) {
        self.gain.store(gain.amplitude().to_bits(), Ordering::Relaxed);
    }

    /// Receives samples, the first of which is at `at`.
    pub(crate) fn process(&self, at: SampleTime, samples: &mut [Complex32]) {
        let gain = f32::from_bits(self.gain.load(Ordering::Relaxed));
        if gain != 1.0 {
            samples.iter_mut().for_each(|sample| *sample *= gain);
        }
        if let Some(noise) = &self.noise {
            noise.add(at, samples, gain);
        }
        for part in bytemuck::cast_slice_mut::<_, f32>(samples) {
            *part = part.clamp(-1.0, 1.0);
        }
    }
}

/// What a transmitter makes of samples beyond full scale, and of what are no numbers.
pub(super) fn saturate(samples: &mut [Complex32]) {
    for part in bytemuck::cast_slice_mut::<_, f32>(samples) {
        *part = if part.is_nan() { 0.0 } else { part.clamp(-1.0, 1.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64, at: u64, len: usize) -> Vec<Complex32> {
        let mut samples = vec![Complex32::ZERO; len];
        FrontEnd::new(Some(Decibel(-20.0)), seed).process(SampleTime(at), &mut samples);
        samples
    }

    #[test]
    fn noise_depends_on_the_time_and_not_on_the_chunks() {
        let whole = noise(1, 1000, 2000);
        assert_eq!(noise(1, 1000, 300), whole[..300]);
        assert_eq!(noise(1, 1300, 1700), whole[300..]);
        assert_ne!(noise(2, 1000, 2000), whole);
    }

    #[test]
    fn noise_is_white_gaussian_and_of_its_power() {
        let samples = noise(3, 0, 1 << 20);
        let mean = |f: &dyn Fn(usize) -> f32| {
            let len = samples.len() - 1;
            (0..len).map(|n| f64::from(f(n))).sum::<f64>() / len as f64
        };
        let power = mean(&|n| samples[n].norm_sqr());
        assert!((10.0 * power.log10() + 20.0).abs() < 0.05, "{power}");
        let neighbours = mean(&|n| (samples[n] * samples[n + 1].conj()).re);
        assert!(neighbours.abs() < 0.01 * power);
        // Of a complex Gaussian the fourth moment is twice the square of the second.
        let kurtosis = mean(&|n| samples[n].norm_sqr().powi(2)) / (power * power);
        assert!((kurtosis - 2.0).abs() < 0.05, "{kurtosis}");
    }

    #[test]
    fn full_scale_is_one() {
        let front_end = FrontEnd::new(None, 1);
        front_end.set_gain(Decibel(20.0));
        let mut samples = [Complex32::new(0.05, -0.2)];
        front_end.process(SampleTime(0), &mut samples);
        assert!((samples[0] - Complex32::new(0.5, -1.0)).norm() < 1e-6);
    }
}
