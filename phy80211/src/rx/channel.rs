//! Channel and noise from the training symbols.
//!
//! The mean of the two long training symbols is a least-squares estimate with half the noise of
//! a data symbol; an HT-LTF comes but once. Most of the noise goes away by smoothing over the
//! subcarriers, as far as the channel's delay spread allows; how far that is, each frame says
//! itself: of several smoothers, each the Wiener filter for a uniform power delay profile of some
//! width, the one with the least estimated error is taken. The error is Stein's unbiased
//! estimate: what the smoother changed, less the noise that it should have taken out. It keeps
//! a channel that must not be smoothed (HT-SIG's smoothing bit) from being so.

use num_complex::Complex32;

use super::layout::Layout;
use super::repair::repair;
use super::smoother::{MAX_N_ST, Smoother};
use super::spectrum::Spectrum;
use crate::subcarriers::{Tones, bin};
use crate::training::{rotation, training_at};

/// What the training symbols tell of one kind of symbol.
pub(super) struct ChannelField<const N: usize> {
    pub(super) layout: &'static Layout<N>,
    /// Smoothed gain of each bin, with the rotation that the transmitter gives to half of a
    /// 40 MHz symbol.
    pub(super) channel: Spectrum<N>,
    /// Noise power in one subcarrier of one symbol, on the scale of the gains.
    pub(super) noise: f32,
    /// An interferer's power in each bin, on the same scale.
    pub(super) interference: [f32; N],
    /// Power of the signal in a sample.
    pub(super) power: f32,
}

impl<const N: usize> ChannelField<N> {
    /// Signal power over noise power in the whole sample bandwidth.
    pub(super) fn snr(&self) -> f32 {
        let sample_noise = self.noise * N as f32 / self.layout.tones.occupied.len() as f32;
        // Rounding alone is some 100 dB down; more than that is no measurement.
        (self.power / sample_noise.max(f32::MIN_POSITIVE)).min(1e10)
    }

    /// Subcarriers and their gains without the transmitter's rotation, lowest frequency first.
    pub(super) fn gains(&self) -> impl Iterator<Item = (i32, Complex32)> {
        let tones = self.layout.tones;
        tones.occupied.iter().map(|&subcarrier| {
            let gain = self.channel.at(bin(subcarrier, N));
            (subcarrier, gain * rotation(tones, subcarrier).conj())
        })
    }
}

/// Estimates channels. Holds the smoothing filters, which are the same for every frame.
pub(super) struct ChannelEstimator<const N: usize> {
    layout: &'static Layout<N>,
    smoothers: Vec<Smoother>,
}

impl<const N: usize> ChannelEstimator<N> {
    pub(super) fn new(layout: &'static Layout<N>) -> Self {
        Self { layout, smoothers: Smoother::all(layout.tones) }
    }

    /// The kind of symbol that it is for.
    pub(super) fn layout(&self) -> &'static Layout<N> {
        self.layout
    }

    /// From the two long training symbols, carrier offset removed, and what an interferer has in
    /// each bin.
    pub(super) fn of_pair(
        &self,
        first: &Spectrum<N>,
        second: &Spectrum<N>,
        interference: Option<&[f32; N]>,
    ) -> ChannelField<N> {
        let occupied = self.layout.tones.occupied;
        let n_st = occupied.len();
        let mut difference = [0.0; MAX_N_ST];
        let mut raw = [Complex32::ZERO; MAX_N_ST];
        for (i, &subcarrier) in occupied.iter().enumerate() {
            let bin = bin(subcarrier, N);
            let (first, second) = (first.at(bin), second.at(bin));
            difference[i] = (first - second).norm_sqr();
            raw[i] = (first + second) * (training(self.layout.tones, subcarrier) * 0.5);
        }
        let difference = &difference[..n_st];
        let noise = match interference {
            None => difference.iter().sum::<f32>() / (2 * n_st) as f32,
            Some(interference) => self.quieter_half(difference, interference) / 2.0,
        };
        // The mean of two symbols has half the noise.
        self.field(&mut raw[..n_st], noise / 2.0, noise, interference)
    }

    /// From a training symbol that comes once, with noise of known power.
    pub(super) fn of_one(
        &self,
        symbol: &Spectrum<N>,
        noise: f32,
        interference: Option<&[f32; N]>,
    ) -> ChannelField<N> {
        let tones = self.layout.tones;
        let mut raw = [Complex32::ZERO; MAX_N_ST];
        for (raw, &subcarrier) in raw.iter_mut().zip(tones.occupied) {
            *raw = symbol.at(bin(subcarrier, N)) * training(tones, subcarrier);
        }
        self.field(&mut raw[..tones.occupied.len()], noise, noise, interference)
    }

    /// From the least-squares estimate `raw`, in which there is `raw_noise`.
    fn field(
        &self,
        raw: &mut [Complex32],
        raw_noise: f32,
        noise: f32,
        interference: Option<&[f32; N]>,
    ) -> ChannelField<N> {
        let tones = self.layout.tones;
        let n_st = raw.len();
        if let Some(interference) = interference {
            // Interference 50 dB under the signal needs no repair, however little noise there is.
            let signal = raw.iter().map(Complex32::norm_sqr).sum::<f32>() / n_st as f32;
            let floor = raw_noise.max(1e-5 * signal);
            let mut variance = [floor; MAX_N_ST];
            for (variance, &subcarrier) in variance.iter_mut().zip(tones.occupied) {
                *variance += interference[bin(subcarrier, N)];
            }
            repair(raw, tones.occupied, &variance[..n_st], floor);
        }

        let mut best = (raw_noise * n_st as f32, [Complex32::ZERO; MAX_N_ST]);
        best.1[..n_st].copy_from_slice(raw);
        let mut smooth = [Complex32::ZERO; MAX_N_ST];
        for smoother in &self.smoothers {
            smoother.apply(raw, &mut smooth[..n_st]);
            let changed: f32 = raw.iter().zip(&smooth).map(|(a, b)| (a - b).norm_sqr()).sum();
            let risk = changed + raw_noise * (2.0 * smoother.trace - n_st as f32);
            if risk < best.0 {
                best = (risk, smooth);
            }
        }
        let gains = &best.1[..n_st];
        let power = gains.iter().map(Complex32::norm_sqr).sum::<f32>() / n_st as f32;
        let mut channel = Spectrum::ZERO;
        for (&gain, &subcarrier) in gains.iter().zip(tones.occupied) {
            channel.set(bin(subcarrier, N), gain * rotation(tones, subcarrier));
        }
        let interference = interference.copied().unwrap_or([0.0; N]);
        ChannelField { layout: self.layout, channel, noise, interference, power }
    }

    /// Mean of the occupied subcarriers' `values` over that half of them which has the least
    /// interference.
    fn quieter_half(&self, values: &[f32], interference: &[f32; N]) -> f32 {
        let occupied = self.layout.tones.occupied;
        let mut order: [usize; MAX_N_ST] = std::array::from_fn(|i| i);
        let order = &mut order[..occupied.len()];
        let there = |i: usize| interference[bin(occupied[i], N)];
        order.sort_by(|&a, &b| there(a).total_cmp(&there(b)));
        let quieter = &order[..order.len() / 2];
        quieter.iter().map(|&i| values[i]).sum::<f32>() / quieter.len() as f32
    }
}

/// What undoes the training sequence, and the transmitter's rotation, at a subcarrier.
fn training(tones: &Tones, subcarrier: i32) -> Complex32 {
    rotation(tones, subcarrier).conj() * training_at(tones, subcarrier)
}

#[cfg(test)]
mod tests {
    use super::super::layout::{HT40_LAYOUT, NON_HT_LAYOUT};
    use super::super::rotate::phasor;
    use super::*;

    /// A repeatable stand-in for noise: uncorrelated, unit power.
    fn noise(seed: u32) -> impl FnMut() -> Complex32 {
        let mut state = seed;
        move || {
            let mut uniform = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            };
            Complex32::new(uniform(), uniform()) * 6.0f32.sqrt()
        }
    }

    /// A training symbol that came through `channel`.
    fn symbol<const N: usize>(
        layout: &Layout<N>,
        channel: impl Fn(i32) -> Complex32,
        mut noise: impl FnMut() -> Complex32,
    ) -> Spectrum<N> {
        let mut symbol = Spectrum::ZERO;
        for &k in layout.tones.occupied {
            let sent = training(layout.tones, k).conj();
            symbol.set(bin(k, N), channel(k) * sent + noise());
        }
        symbol
    }

    /// Mean square error of an estimate.
    fn error<const N: usize>(field: &ChannelField<N>, channel: impl Fn(i32) -> Complex32) -> f32 {
        let errors = field.gains().map(|(k, gain)| (gain - channel(k)).norm_sqr());
        errors.sum::<f32>() / field.layout.tones.occupied.len() as f32
    }

    fn through(
        channel: impl Fn(i32) -> Complex32,
        sigma: f32,
        seed: u32,
    ) -> (f32, ChannelField<64>) {
        let mut noise = noise(seed);
        let mut symbol = || symbol(&NON_HT_LAYOUT, &channel, || noise() * sigma);
        let (first, second) = (symbol(), symbol());
        let field = ChannelEstimator::new(&NON_HT_LAYOUT).of_pair(&first, &second, None);
        (error(&field, channel), field)
    }

    fn path(k: i32, delay: f64, gain: f32) -> Complex32 {
        phasor(-std::f64::consts::TAU / 64.0 * f64::from(k) * delay) * gain
    }

    #[test]
    fn a_single_path_is_smoothed_well_below_the_noise() {
        let sigma = 0.3f32;
        let mean =
            (0..50).map(|seed| through(|k| path(k, 3.0, 1.0), sigma, seed).0).sum::<f32>() / 50.0;
        // Unsmoothed: half the noise of a symbol. At least 7 dB better.
        assert!(mean < 0.1 * sigma * sigma, "{mean}");
    }

    #[test]
    fn one_symbol_40_mhz_wide_is_smoothed_across_its_rotated_halves() {
        let (sigma, channel) = (0.3f32, |k| path(k, 3.0, 1.0));
        let mut noise = noise(5);
        let symbol = symbol(&HT40_LAYOUT, channel, || noise() * sigma);
        let field = ChannelEstimator::new(&HT40_LAYOUT).of_one(&symbol, sigma * sigma, None);
        let mean = error(&field, channel);
        assert!(mean < 0.1 * sigma * sigma, "{mean}");
    }

    #[test]
    fn a_long_channel_is_not_smoothed_away() {
        let channel = |k| path(k, 3.0, 0.7) + path(k, 14.5, 0.7);
        let (error, _) = through(channel, 0.003, 7);
        assert!(error < 1e-5, "{error}");
    }

    #[test]
    fn noise_and_snr_are_measured() {
        let mean =
            (0..50).map(|seed| through(|k| path(k, 3.0, 1.0), 0.1, seed).1.noise).sum::<f32>();
        assert!((mean / 50.0 / 0.01 - 1.0).abs() < 0.1);
        let (_, field) = through(|k| path(k, 3.0, 1.0), 0.1, 3);
        assert!((10.0 * field.snr().log10() - 19.1).abs() < 1.5);
    }
}
