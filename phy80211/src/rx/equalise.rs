//! Equalising one symbol after the other, and following what drifts meanwhile.
//!
//! The long training field gave the channel at one moment. Until the end of the PPDU the
//! carrier turns on by what its estimate was wrong, and symbols slide by the difference of the
//! sample clocks, which turns each subcarrier in proportion to its frequency. Both are followed
//! by a Kalman filter ([`Drift`]): first with the pilots, then with the data, decided to the
//! nearest point, which are twelve times as many. The decisions also tell how much each
//! subcarrier errs, so that one with an interferer on it loses its say.

use num_complex::Complex32;

use super::bins::{self, Across};
use super::channel::ChannelField;
use super::layout::Layout;
use super::rotate::phasor;
use super::spectrum::Spectrum;
use super::track::Drift;
use crate::Modulation;
use crate::subcarriers::FFT_LEN;

/// Radians by which 50 ns of delay, a sample of a 20 MHz channel, turn neighbouring subcarriers.
pub(super) const TURN_PER_SAMPLE: f32 = std::f32::consts::TAU / FFT_LEN as f32;

/// Phase noise of ordinary oscillators: variance of the carrier phase's own wandering in a
/// symbol, and of the carrier frequency's, in radians.
const PHASE_WANDER: [f32; 2] = [1e-4, 1e-9];
/// The sample clock wanders much less than it is off.
const CLOCK_WANDER: [f32; 2] = [1e-12, 1e-14];
/// Standard deviation of the clock offset: two clocks within 20 ppm each (17.3.9.6), in radians
/// a subcarrier and symbol of 80 samples.
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

/// Errors of a subcarrier that grow with its own power, such as the transmitter's and those of the
/// channel estimate: 25 dB below it. They bound how much a strong subcarrier counts, without which
/// the soft bits of a deeply faded one would round to nothing however little noise there is.
const SELF_NOISE: f32 = 3e-3;

/// What one symbol was like.
pub(super) struct Equalised<const N: usize> {
    /// The bins at unit mean power.
    pub(super) points: Spectrum<N>,
    /// Signal over noise of each data bin relative to their mean; 0 in other bins.
    pub(super) reliability: [f32; N],
}

/// When a symbol came, and its pilots.
pub(super) struct Expected {
    /// Time since the symbol before, or since the middle of the training symbols, in symbols of
    /// 80 samples.
    pub(super) elapsed: f32,
    /// Angle by which the estimated carrier offset has turned since the training symbols.
    pub(super) carrier: f64,
    /// Polarity of the pilots.
    pub(super) polarity: f32,
    /// Number of the symbol in its field, by which HT pilots rotate.
    pub(super) symbol: usize,
}

/// What drifts: carrier phase, in radians, and timing, in radians a subcarrier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trend {
    phase: Drift,
    clock: Drift,
}

/// The state of the channel as it drifts through a PPDU.
pub(super) struct Equaliser<const N: usize> {
    layout: &'static Layout<N>,
    /// conj(channel) / |channel|^2.
    inverse: Spectrum<N>,
    /// |channel|^2 over the noise relative to a quiet subcarrier's, and the same with zeros where
    /// there is no data.
    power: [f32; N],
    data_power: [f32; N],
    /// The latter over the noise by which subcarriers are weighed against each other.
    data_power_per_noise: [f32; N],
    /// What the soft bits of each bin count.
    data_weight: [f32; N],
    noise: f32,
    mean_power: f32,
    trend: Trend,
    /// By how much the pilots of the symbol at hand turn its points.
    turn: Complex32,
    errors: Errors<N>,
}

/// How far the points were from the nearest of the constellation.
struct Errors<const N: usize> {
    symbols: f32,
    /// Squared distances of each bin, at unit mean power.
    squared: [f32; N],
}

impl<const N: usize> Equaliser<N> {
    /// For the symbols after these training symbols. The trend is that of the equaliser before,
    /// if these are not the first of the PPDU.
    pub(super) fn new(field: &ChannelField<N>, trend: Option<Trend>) -> Self {
        let noise = field.noise.max(NOISE_FLOOR * field.power).max(f32::MIN_POSITIVE);
        let weighing_noise = noise.max(GOOD_ENOUGH * field.power);
        // Where an interferer sits, a subcarrier counts as much less as it is noisier.
        let quiet = field.interference.map(|power| weighing_noise / (weighing_noise + power));
        let mut inverse = Spectrum::ZERO;
        let mut power = [0.0; N];
        for bin in 0..N {
            let gain = field.channel.at(bin);
            power[bin] = gain.norm_sqr() * quiet[bin];
            inverse.set(bin, gain.conj() / gain.norm_sqr().max(f32::MIN_POSITIVE));
        }
        let mut data_power = power;
        data_power.iter_mut().zip(&field.layout.data).for_each(|(power, data)| *power *= data);
        let data_weight =
            data_power.map(|power| power / (1.0 + SELF_NOISE * power / weighing_noise));
        Self {
            layout: field.layout,
            data_weight,
            inverse,
            power,
            data_power,
            data_power_per_noise: data_power.map(|power| power / weighing_noise),
            noise,
            mean_power: field.power,
            trend: trend.map_or_else(|| Trend::unknown(field, noise), Trend::restarted),
            turn: Complex32::ONE,
            errors: Errors { symbols: 0.0, squared: [0.0; N] },
        }
    }

    /// The points of the next symbol, turned back by what was expected. What the pilots say besides
    /// is kept for [`Self::by_decisions`].
    pub(super) fn by_pilots(&mut self, bins: &[Complex32; N], expected: &Expected) -> Spectrum<N> {
        let Trend { phase, clock } = &mut self.trend;
        phase.advance(expected.elapsed);
        clock.advance(expected.elapsed);
        let centre = phasor(-expected.carrier - f64::from(phase.value));
        let step = Complex32::cis(-clock.value);
        let mut points = Spectrum::ZERO;
        bins::equalise(bins, &self.inverse, centre, step, &mut points);

        // The angle of the pilots' sum against what was sent.
        let (mut sum, mut power) = (Complex32::ZERO, f32::MIN_POSITIVE);
        for (pilot, bin) in self.layout.pilots().enumerate() {
            let value = self.layout.tones.pilot_value(pilot, expected.symbol) * expected.polarity;
            sum += points.at(bin) * (self.power[bin] * value);
            power += self.power[bin];
        }
        self.turn = Complex32::cis(-phase.correct(sum.arg(), self.noise / (2.0 * power)));
        points
    }

    /// By how much the pilots of the symbol at hand turn its points.
    pub(super) fn turn(&self) -> Complex32 {
        self.turn
    }

    /// The same points, turned by the pilots and once more by what they are then decided to be.
    pub(super) fn by_decisions(
        &mut self,
        mut points: Spectrum<N>,
        modulation: Modulation,
    ) -> Equalised<N> {
        let mut decided = Spectrum::ZERO;
        let Layout { subcarrier, .. } = self.layout;
        let across = bins::decide(
            &mut points,
            self.turn,
            modulation,
            &self.data_power,
            subcarrier,
            &mut decided,
        );
        let decidable = modulation.k_mod().powi(2) * self.mean_power > DECIDABLE * self.noise;
        let moved = if decidable { self.follow(across) } else { 0.0 };

        let reliability = self.reliability();
        self.errors.symbols += 1.0;
        bins::settle(&mut points, Complex32::cis(-moved), &decided, &mut self.errors.squared);
        Equalised { points, reliability }
    }

    /// The same points, turned by the pilots alone: where it is not known what is in them, they
    /// must not leave a trace.
    pub(super) fn undecided(&self, points: &Spectrum<N>) -> Equalised<N> {
        Equalised { points: points.turned(self.turn), reliability: self.reliability() }
    }

    /// Signal over noise of each data bin relative to their mean.
    fn reliability(&self) -> [f32; N] {
        bins::reliability(
            &self.data_weight,
            &self.data_power_per_noise,
            &self.errors.squared,
            [PRIOR_SYMBOLS, self.errors.symbols],
            self.layout.n_sd(),
        )
    }

    /// Corrects phase and clock by the decisions. Returns by how much the phase moved.
    ///
    /// Linear in the angle, weighted by signal power: what a least-squares fit of a straight line
    /// over the subcarriers comes to, the subcarriers lying symmetric about 0.
    fn follow(&mut self, across: Across) -> f32 {
        let phase_weight = across.phase_weight.max(f32::MIN_POSITIVE);
        let slope_weight = across.slope_weight.max(f32::MIN_POSITIVE);
        let variance = DECISION_VARIANCE * self.noise / 2.0;
        self.trend.clock.correct(across.slope / slope_weight, variance / slope_weight);
        self.trend.phase.correct(across.phase / phase_weight, variance / phase_weight)
    }

    /// Whole samples of a 20 MHz channel by which the FFT window should move, if it is more than
    /// one off. Keeps account of the move.
    pub(super) fn slide(&mut self) -> i64 {
        let clock = &mut self.trend.clock.value;
        let samples = -*clock / TURN_PER_SAMPLE;
        // Further than this no clock drifts in a symbol: the measurement was of something else.
        if !(1.2..4.0).contains(&samples.abs()) {
            return 0;
        }
        let whole = samples.round();
        *clock += whole * TURN_PER_SAMPLE;
        whole as i64
    }

    /// What drifts, as known by now.
    pub(super) fn trend(&self) -> Trend {
        self.trend
    }

    /// EVM in dB over all symbols; NaN without any.
    pub(super) fn evm_db(&self) -> f32 {
        let squared = self.layout.data_of(&self.errors.squared).sum::<f32>();
        evm_db(squared / self.layout.n_sd(), self.errors.symbols)
    }

    /// EVM in dB of each data subcarrier.
    pub(super) fn subcarrier_evm_db(&self) -> Vec<f32> {
        let squared = self.layout.data_of(&self.errors.squared);
        squared.map(|squared| evm_db(squared, self.errors.symbols)).collect()
    }

    /// Forgets the errors so far, so that EVM covers the DATA field alone.
    pub(super) fn restart_evm(&mut self) {
        self.errors = Errors { symbols: 0.0, squared: [0.0; N] };
    }
}

impl Trend {
    /// As the preamble alone leaves it.
    fn unknown<const N: usize>(field: &ChannelField<N>, noise: f32) -> Self {
        // The error of the carrier offset that 80 products 64 samples apart leave, and some of
        // what an interferer did to them.
        let signal = field.power.max(f32::MIN_POSITIVE);
        let occupied = field.layout.tones.occupied.len() as f32;
        let interference = field.interference.iter().sum::<f32>() / occupied;
        let turn = noise / signal / 80.0 + (UNKNOWN_INTERFERENCE * interference / signal).powi(2);
        Self {
            phase: Drift::new(turn * (80.0f32 / 64.0).powi(2), PHASE_WANDER),
            clock: Drift::new(CLOCK_RATE_DEVIATION.powi(2), CLOCK_WANDER),
        }
    }

    /// From new training symbols on: what has drifted until then is in their channel.
    fn restarted(self) -> Self {
        Self { phase: self.phase.restarted(), clock: self.clock.restarted() }
    }

    /// Carrier offset that the estimate missed, in radians a symbol of 80 samples.
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
}

fn evm_db(squared: f32, symbols: f32) -> f32 {
    if symbols == 0.0 { f32::NAN } else { 10.0 * (squared / symbols).max(1e-12).log10() }
}

#[cfg(test)]
mod tests {
    use super::super::layout::NON_HT_LAYOUT;
    use super::*;

    fn equaliser() -> Equaliser<64> {
        let mut channel = Spectrum::ZERO;
        channel.re = [1.0; 64];
        let field = ChannelField {
            layout: &NON_HT_LAYOUT,
            channel,
            noise: 0.01,
            interference: [0.0; 64],
            power: 1.0,
        };
        Equaliser::new(&field, None)
    }

    #[test]
    fn the_window_slides_with_the_clock_and_only_as_far_as_clocks_drift() {
        for (samples, slides) in [(0.0, 0), (-1.1, 0), (1.3, 1), (-2.4, -2)] {
            let mut equaliser = equaliser();
            equaliser.trend.clock.value = -samples * TURN_PER_SAMPLE;
            assert_eq!(equaliser.slide(), slides);
            let left = -equaliser.trend.clock.value / TURN_PER_SAMPLE;
            assert!((left - (samples - slides as f32)).abs() < 1e-4);
        }
        for wild in [1e30, f32::INFINITY, f32::NAN] {
            let mut equaliser = equaliser();
            equaliser.trend.clock.value = wild;
            assert_eq!(equaliser.slide(), 0);
        }
    }

    #[test]
    fn reliabilities_are_relative_to_their_mean() {
        let mut equaliser = equaliser();
        equaliser.errors.symbols = 50.0;
        equaliser.errors.squared = [50.0 * 0.01; 64];
        // One subcarrier errs a hundred times as much as the others.
        equaliser.errors.squared[10] *= 100.0;
        let points = Spectrum { re: [1.0; 64], im: [0.0; 64] };
        let Equalised { reliability, .. } = equaliser.by_decisions(points, Modulation::Bpsk);
        assert!((reliability.iter().sum::<f32>() - 48.0).abs() < 1e-3);
        assert!(reliability[10] < 0.05 && (reliability[11] - 1.0).abs() < 0.05);
        assert_eq!(reliability[7], 0.0, "a pilot");
    }
}
