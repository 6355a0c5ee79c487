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
use super::track::Drift;
use crate::Modulation;
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
/// Symbols for which a subcarrier's noise as the long training field had it counts.
const PRIOR_SYMBOLS: f32 = 8.0;
/// Noise below which nothing becomes more certain: 60 dB under the signal.
const NOISE_FLOOR: f32 = 1e-6;

/// Index among the occupied subcarriers of each data subcarrier.
const DATA_INDEX: [usize; N_SD] = {
    let mut index = [0; N_SD];
    let mut i = 0;
    while i < N_SD {
        index[i] = occupied_index(crate::subcarriers::DATA[i]);
        i += 1;
    }
    index
};

/// What one symbol was like.
pub(super) struct Equalised {
    /// The data subcarriers at unit mean power.
    pub(super) points: [Complex32; N_SD],
    /// Signal over noise of each, relative to the mean of all.
    pub(super) reliability: [f32; N_SD],
}

/// The state of the channel as it drifts through a PPDU.
pub(super) struct Equaliser {
    channel: [Complex32; N_ST],
    /// conj(channel) / |channel|^2.
    inverse: [Complex32; N_ST],
    /// |channel|^2.
    power: [f32; N_ST],
    noise: f32,
    mean_power: f32,
    phase: Drift,
    clock: Drift,
    errors: Errors,
}

/// How far the points were from the nearest of the constellation.
struct Errors {
    symbols: f32,
    /// Squared distances of each data subcarrier, at unit mean power.
    squared: [f32; N_SD],
}

impl Equaliser {
    pub(super) fn new(field: &LongField) -> Self {
        let channel = field.channel;
        let power = channel.map(|h| h.norm_sqr());
        let inverse = std::array::from_fn(|i| channel[i].conj() / power[i].max(f32::MIN_POSITIVE));
        let noise = field.noise.max(NOISE_FLOOR * field.power);
        // The error of the carrier offset that 80 products 64 samples apart leave.
        let turn = noise / field.power.max(f32::MIN_POSITIVE) / 80.0;
        let rate_variance = turn * (80.0f32 / 64.0).powi(2);
        Self {
            channel,
            inverse,
            power,
            noise,
            mean_power: field.power,
            phase: Drift::new(rate_variance, PHASE_WANDER),
            clock: Drift::new(CLOCK_RATE_DEVIATION.powi(2), CLOCK_WANDER),
            errors: Errors { symbols: 0.0, squared: [0.0; N_SD] },
        }
    }

    /// Equalises the symbol that comes `elapsed` symbols after the one before (or after the
    /// middle of the long training field). `carrier` is the phasor by which the estimated
    /// carrier offset has turned since then.
    pub(super) fn equalise(
        &mut self,
        bins: &[Complex32; N_ST],
        elapsed: f32,
        carrier: Complex32,
        polarity: f32,
        modulation: Modulation,
    ) -> Equalised {
        self.phase.advance(elapsed);
        self.clock.advance(elapsed);
        let turned = self.turned_back(bins, carrier);

        // Pilots: the angle of their sum against what was sent.
        let (mut sum, mut power) = (Complex32::ZERO, 0.0);
        for (subcarrier, value) in PILOTS {
            let i = occupied_index(subcarrier);
            sum += turned[i] * self.channel[i].conj() * (value * polarity);
            power += self.power[i];
        }
        let variance = self.noise / (2.0 * power.max(f32::MIN_POSITIVE));
        let correction = Complex32::cis(-self.phase.correct(sum.arg(), variance));
        let mut points: [Complex32; N_SD] = std::array::from_fn(|d| {
            let i = DATA_INDEX[d];
            turned[i] * self.inverse[i] * correction
        });

        let decided = points.map(|z| modulation.nearest(z));
        if modulation.k_mod().powi(2) * self.mean_power > DECIDABLE * self.noise {
            let correction = self.follow_decisions(&points, &decided);
            points.iter_mut().for_each(|z| *z *= correction);
        }

        let reliability = self.reliability();
        self.errors.symbols += 1.0;
        for (squared, (z, nearest)) in
            self.errors.squared.iter_mut().zip(points.iter().zip(&decided))
        {
            *squared += (z - nearest).norm_sqr();
        }
        Equalised { points, reliability }
    }

    /// Undoes the turn of the carrier and of the sample clock.
    fn turned_back(&self, bins: &[Complex32; N_ST], carrier: Complex32) -> [Complex32; N_ST] {
        let centre = carrier.conj() * Complex32::cis(-self.phase.value);
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
        std::array::from_fn(|i| match OCCUPIED[i] {
            k if k > 0 => bins[i] * (turns[k as usize - 1] * centre),
            k => bins[i] * (turns[-k as usize - 1].conj() * centre),
        })
    }

    /// Corrects phase and clock by the decisions. Returns the phasor for the points.
    fn follow_decisions(
        &mut self,
        points: &[Complex32; N_SD],
        decided: &[Complex32; N_SD],
    ) -> Complex32 {
        // Linear in the angle, weighted by signal power: what a least-squares fit of a straight
        // line over the subcarriers comes to, the subcarriers lying symmetric about 0.
        let (mut phase, mut phase_weight) = (0.0, f32::MIN_POSITIVE);
        let (mut slope, mut slope_weight) = (0.0, f32::MIN_POSITIVE);
        for d in 0..N_SD {
            let i = DATA_INDEX[d];
            let k = OCCUPIED[i] as f32;
            let across = (points[d] * decided[d].conj()).im * self.power[i];
            let weight = decided[d].norm_sqr() * self.power[i];
            phase += across;
            phase_weight += weight;
            slope += k * across;
            slope_weight += k * k * weight;
        }
        let variance = DECISION_VARIANCE * self.noise / 2.0;
        let moved = self.phase.correct(phase / phase_weight, variance / phase_weight);
        self.clock.correct(slope / slope_weight, variance / slope_weight);
        Complex32::cis(-moved)
    }

    /// Signal over noise of each data subcarrier relative to the mean.
    fn reliability(&self) -> [f32; N_SD] {
        let prior = PRIOR_SYMBOLS;
        let mut reliability = [0.0; N_SD];
        let mut sum = f32::MIN_POSITIVE;
        for (d, reliability) in reliability.iter_mut().enumerate() {
            let power = self.power[DATA_INDEX[d]];
            let seen = self.errors.squared[d] * power / self.noise;
            // Decisions hide part of the error of a weak subcarrier, so less than expected
            // proves nothing; more does.
            let trust = ((prior + self.errors.symbols) / (prior + seen)).min(1.0);
            *reliability = trust * power;
            sum += *reliability;
        }
        // A distortion that hits all alike, as a transmitter's own, must not weaken all.
        let scale = N_SD as f32 / sum;
        reliability.map(|reliability| reliability * scale)
    }

    /// Whole samples by which the FFT window should move, if it is more than one off. Keeps
    /// account of the move.
    pub(super) fn slide(&mut self) -> i64 {
        let samples = -self.clock.value / TURN_PER_SAMPLE;
        if samples.abs() < 1.2 {
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
        evm_db(self.errors.squared.iter().sum::<f32>() / N_SD as f32, self.errors.symbols)
    }

    /// EVM in dB of each data subcarrier.
    pub(super) fn subcarrier_evm_db(&self) -> Vec<f32> {
        self.errors.squared.iter().map(|&squared| evm_db(squared, self.errors.symbols)).collect()
    }

    /// Forgets the errors so far, so that EVM covers the DATA field alone.
    pub(super) fn restart_evm(&mut self) {
        self.errors = Errors { symbols: 0.0, squared: [0.0; N_SD] };
    }
}

fn evm_db(squared: f32, symbols: f32) -> f32 {
    10.0 * (squared / symbols).max(1e-12).log10()
}
