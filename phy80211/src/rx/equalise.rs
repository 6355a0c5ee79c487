//! Equalising one symbol after the other, and following what drifts meanwhile.
//!
//! The long training field gave the channel at one moment. Until the end of the PPDU the
//! carrier turns on by what its estimate was wrong, and symbols slide by the difference of the
//! sample clocks, which turns each subcarrier in proportion to its frequency. Both are followed
//! by a Kalman filter ([`Drift`]): first with the pilots, then with the data, decided to the
//! nearest point, which are twelve times as many. The decisions also tell how much each
//! subcarrier errs, so that one with an interferer on it loses its say.

use num_complex::Complex32;

use super::channel::LongField;
use super::rotate::phasor;
use super::spectrum::{Spectrum, without_pilots};
use super::track::Drift;
use crate::Modulation;
use crate::constellation::Axis;
use crate::subcarriers::{FFT_LEN, N_SD, N_ST, OCCUPIED, PILOTS, occupied_index};

/// Radians by which one sample of delay turns neighbouring subcarriers.
pub(super) const TURN_PER_SAMPLE: f32 = std::f32::consts::TAU / FFT_LEN as f32;

/// Phase noise of ordinary oscillators: variance of the carrier phase's own wandering in a
/// symbol, and of the carrier frequency's, in radians.
const PHASE_WANDER: [f32; 2] = [1e-4, 1e-9];
/// The sample clock wanders much less than it is off.
const CLOCK_WANDER: [f32; 2] = [1e-12, 1e-14];
/// Standard deviation of the clock offset: two clocks within 20 ppm each (17.3.9.6), in radians
/// a subcarrier and symbol.
const CLOCK_RATE_DEVIATION: f32 = 20e-6 * 80.0 * TURN_PER_SAMPLE;
/// Decisions are taken for the truth where half the distance between points is at least this,
/// squared, over the noise; and their errors count double, for some are wrong.
const DECIDABLE: f32 = 0.7;
const DECISION_VARIANCE: f32 = 2.0;
/// Share of an interferer that taking it out of the carrier offset leaves.
const UNKNOWN_INTERFERENCE: f32 = 0.3;
/// Symbols for which a subcarrier's noise as the long training field had it counts.
const PRIOR_SYMBOLS: f32 = 8.0;
/// Noise below which phase and clock become no more certain: 60 dB under the signal.
const NOISE_FLOOR: f32 = 1e-6;
/// Noise below which one subcarrier is as good as another: 30 dB under the signal. Weighing
/// them by still less would leave the better ones alone to decide.
const GOOD_ENOUGH: f32 = 1e-3;

/// What one symbol was like.
pub(super) struct Equalised {
    /// The subcarriers at unit mean power.
    pub(super) points: Spectrum,
    /// Signal over noise of each, relative to the mean of the data subcarriers.
    pub(super) reliability: [f32; N_ST],
}

/// The state of the channel as it drifts through a PPDU.
pub(super) struct Equaliser {
    /// conj(channel) over the noise relative to a quiet subcarrier's, for the pilots.
    matched: Spectrum,
    /// conj(channel) / |channel|^2.
    inverse: Spectrum,
    /// |channel|^2 over that noise, and the same with zeros for the pilots.
    power: [f32; N_ST],
    data_power: [f32; N_ST],
    noise: f32,
    /// The noise by which subcarriers are weighed against each other.
    weighing_noise: f32,
    mean_power: f32,
    phase: Drift,
    clock: Drift,
    errors: Errors,
}

/// How far the points were from the nearest of the constellation.
struct Errors {
    symbols: f32,
    /// Squared distances of each subcarrier, at unit mean power.
    squared: [f32; N_ST],
}

impl Equaliser {
    pub(super) fn new(field: &LongField) -> Self {
        let channel = &field.channel;
        let noise = field.noise.max(NOISE_FLOOR * field.power).max(f32::MIN_POSITIVE);
        let weighing_noise = noise.max(GOOD_ENOUGH * field.power);
        // Where an interferer sits, a subcarrier counts as much less as it is noisier.
        let quiet = field.interference.map(|power| weighing_noise / (weighing_noise + power));
        let power = std::array::from_fn(|i| channel[i].norm_sqr() * quiet[i]);
        let mut data_power = power;
        for (subcarrier, _) in PILOTS {
            data_power[occupied_index(subcarrier)] = 0.0;
        }
        let matched = Spectrum::from_fn(|i| channel[i].conj() * quiet[i]);
        let inverse =
            Spectrum::from_fn(|i| channel[i].conj() / channel[i].norm_sqr().max(f32::MIN_POSITIVE));
        // The error of the carrier offset that 80 products 64 samples apart leave, and some of
        // what an interferer did to them.
        let signal = field.power.max(f32::MIN_POSITIVE);
        let interference = field.interference.iter().sum::<f32>() / N_ST as f32;
        let turn = noise / signal / 80.0 + (UNKNOWN_INTERFERENCE * interference / signal).powi(2);
        let rate_variance = turn * (80.0f32 / 64.0).powi(2);
        Self {
            matched,
            inverse,
            power,
            data_power,
            noise,
            weighing_noise,
            mean_power: field.power,
            phase: Drift::new(rate_variance, PHASE_WANDER),
            clock: Drift::new(CLOCK_RATE_DEVIATION.powi(2), CLOCK_WANDER),
            errors: Errors { symbols: 0.0, squared: [0.0; N_ST] },
        }
    }

    /// Equalises the symbol that comes `elapsed` symbols after the one before (or after the
    /// middle of the long training field). `carrier` is the angle by which the estimated
    /// carrier offset has turned since then.
    pub(super) fn equalise(
        &mut self,
        bins: &Spectrum,
        elapsed: f32,
        carrier: f64,
        polarity: f32,
        modulation: Modulation,
    ) -> Equalised {
        self.phase.advance(elapsed);
        self.clock.advance(elapsed);
        let turned = bins.times(&self.turn_back(carrier));

        // Pilots: the angle of their sum against what was sent.
        let (mut sum, mut power) = (Complex32::ZERO, f32::MIN_POSITIVE);
        for (subcarrier, value) in PILOTS {
            let i = occupied_index(subcarrier);
            sum += turned.at(i) * self.matched.at(i) * (value * polarity);
            power += self.power[i];
        }
        let moved = self.phase.correct(sum.arg(), self.noise / (2.0 * power));
        let mut points = turned.times(&self.inverse).turned(Complex32::cis(-moved));

        let decided = Spectrum {
            re: modulation.nearest_levels(&points.re, Axis::Real),
            im: modulation.nearest_levels(&points.im, Axis::Imaginary),
        };
        if modulation.k_mod().powi(2) * self.mean_power > DECIDABLE * self.noise {
            let moved = self.follow_decisions(&points, &decided);
            points = points.turned(Complex32::cis(-moved));
        }

        let reliability = self.reliability();
        self.errors.symbols += 1.0;
        for i in 0..N_ST {
            let (re, im) = (points.re[i] - decided.re[i], points.im[i] - decided.im[i]);
            self.errors.squared[i] += re * re + im * im;
        }
        Equalised { points, reliability }
    }

    /// Phasors that undo the turn of the carrier and of the sample clock.
    fn turn_back(&self, carrier: f64) -> Spectrum {
        let centre = phasor(-carrier - f64::from(self.phase.value));
        // Turns of subcarriers 1 to 26, doubling the list until it is full.
        let mut turns = [Complex32::ONE; 32];
        let mut step = Complex32::cis(-self.clock.value);
        turns[0] = step;
        for half in [1, 2, 4, 8, 16] {
            for i in 0..half {
                turns[half + i] = turns[i] * step;
            }
            step *= step;
        }
        const HALF: usize = N_ST / 2;
        Spectrum::from_fn(|i| {
            let turn = if i < HALF { turns[HALF - 1 - i].conj() } else { turns[i - HALF] };
            turn * centre
        })
    }

    /// Corrects phase and clock by the decisions. Returns by how much the phase moved.
    fn follow_decisions(&mut self, points: &Spectrum, decided: &Spectrum) -> f32 {
        // Linear in the angle, weighted by signal power: what a least-squares fit of a straight
        // line over the subcarriers comes to, the subcarriers lying symmetric about 0.
        let mut across = [0.0; N_ST];
        let mut weight = [0.0; N_ST];
        for i in 0..N_ST {
            let (x, y) = (points.re[i], points.im[i]);
            let (u, v) = (decided.re[i], decided.im[i]);
            across[i] = (y * u - x * v) * self.data_power[i];
            weight[i] = (u * u + v * v) * self.data_power[i];
        }
        let (mut phase, mut phase_weight) = (0.0, f32::MIN_POSITIVE);
        let (mut slope, mut slope_weight) = (0.0, f32::MIN_POSITIVE);
        for (i, (across, weight)) in across.iter().zip(weight).enumerate() {
            let k = OCCUPIED[i] as f32;
            phase += across;
            phase_weight += weight;
            slope += k * across;
            slope_weight += k * k * weight;
        }
        let variance = DECISION_VARIANCE * self.noise / 2.0;
        self.clock.correct(slope / slope_weight, variance / slope_weight);
        self.phase.correct(phase / phase_weight, variance / phase_weight)
    }

    /// Signal over noise of each subcarrier relative to the mean of the data subcarriers.
    fn reliability(&self) -> [f32; N_ST] {
        let expected = PRIOR_SYMBOLS + self.errors.symbols;
        let per_noise = 1.0 / self.weighing_noise;
        let reliability: [f32; N_ST] = std::array::from_fn(|i| {
            let power = self.data_power[i];
            let seen = PRIOR_SYMBOLS + self.errors.squared[i] * power * per_noise;
            // Decisions hide part of the error of a weak subcarrier, so less than expected
            // proves nothing; more does.
            (expected / seen).min(1.0) * power
        });
        // A distortion that hits all alike, as a transmitter's own, must not weaken all.
        let scale = N_SD as f32 / reliability.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        reliability.map(|reliability| reliability * scale)
    }

    /// Whole samples by which the FFT window should move, if it is more than one off. Keeps
    /// account of the move.
    pub(super) fn slide(&mut self) -> i64 {
        let samples = -self.clock.value / TURN_PER_SAMPLE;
        // Further than this no clock drifts in a symbol: the measurement was of something else.
        if !(1.2..4.0).contains(&samples.abs()) {
            return 0;
        }
        let whole = samples.round();
        self.clock.value += whole * TURN_PER_SAMPLE;
        whole as i64
    }

    /// Carrier offset that the estimate missed, in radians a symbol.
    pub(super) fn missed_offset(&self) -> f32 {
        self.phase.rate
    }

    /// The transmitter's clock minus the receiver's in ppm; NaN while less certain than 3 ppm.
    pub(super) fn clock_ppm(&self) -> f32 {
        let per_ppm = 1e-6 * 80.0 * TURN_PER_SAMPLE;
        if self.clock.rate_deviation() > 3.0 * per_ppm {
            f32::NAN
        } else {
            self.clock.rate / per_ppm
        }
    }

    /// EVM in dB over all symbols; NaN without any.
    pub(super) fn evm_db(&self) -> f32 {
        let squared = without_pilots(&self.errors.squared);
        evm_db(squared.iter().sum::<f32>() / N_SD as f32, self.errors.symbols)
    }

    /// EVM in dB of each data subcarrier.
    pub(super) fn subcarrier_evm_db(&self) -> Vec<f32> {
        let squared = without_pilots(&self.errors.squared);
        squared.iter().map(|&squared| evm_db(squared, self.errors.symbols)).collect()
    }

    /// Forgets the errors so far, so that EVM covers the DATA field alone.
    pub(super) fn restart_evm(&mut self) {
        self.errors = Errors { symbols: 0.0, squared: [0.0; N_ST] };
    }
}

fn evm_db(squared: f32, symbols: f32) -> f32 {
    if symbols == 0.0 { f32::NAN } else { 10.0 * (squared / symbols).max(1e-12).log10() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equaliser() -> Equaliser {
        let channel = [Complex32::ONE; N_ST];
        Equaliser::new(&LongField { channel, noise: 0.01, interference: [0.0; N_ST], power: 1.0 })
    }

    #[test]
    fn the_window_slides_with_the_clock_and_only_as_far_as_clocks_drift() {
        for (samples, slides) in [(0.0, 0), (-1.1, 0), (1.3, 1), (-2.4, -2)] {
            let mut equaliser = equaliser();
            equaliser.clock.value = -samples * TURN_PER_SAMPLE;
            assert_eq!(equaliser.slide(), slides);
            let left = -equaliser.clock.value / TURN_PER_SAMPLE;
            assert!((left - (samples - slides as f32)).abs() < 1e-4);
        }
        for wild in [1e30, f32::INFINITY, f32::NAN] {
            let mut equaliser = equaliser();
            equaliser.clock.value = wild;
            assert_eq!(equaliser.slide(), 0);
        }
    }

    #[test]
    fn reliabilities_are_relative_to_their_mean() {
        let mut equaliser = equaliser();
        equaliser.errors.symbols = 50.0;
        equaliser.errors.squared = [50.0 * 0.01; N_ST];
        // One subcarrier errs a hundred times as much as the others.
        equaliser.errors.squared[10] *= 100.0;
        let reliability = equaliser.reliability();
        assert!((reliability.iter().sum::<f32>() - N_SD as f32).abs() < 1e-3);
        assert!(reliability[10] < 0.05 && (reliability[11] - 1.0).abs() < 0.05);
    }
}
