//! What every PPDU needs and none owns: the FFT, tables, the decoder and working memory.

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::channel::ChannelEstimator;
use super::deinterleave::Deinterleaver;
use super::demap::{MAX_N_CBPS, Points};
use super::spectrum::Spectrum;
use super::viterbi::Viterbi;
use crate::subcarriers::{FFT_LEN, N_SD, N_ST, OCCUPIED, bin, pilot_polarity};
use crate::training::long_bins;

/// Shared by all PPDUs of a receiver, one after the other.
pub(super) struct Workshop {
    fft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    /// One long training symbol in time, at unit mean power.
    pub(super) long_symbol: [Complex32; FFT_LEN],
    pub(super) estimator: ChannelEstimator,
    pub(super) deinterleaver: Deinterleaver,
    pub(super) viterbi: Viterbi,
    pub(super) polarity: [f32; 127],
    /// The last symbol's equalised points and soft bits.
    pub(super) points: Points,
    pub(super) soft: [i8; MAX_N_CBPS],
    /// The decoder's output.
    pub(super) decoded: Vec<u8>,
}

impl Workshop {
    pub(super) fn new() -> Self {
        let mut planner = FftPlanner::new();
        let fft = planner.plan_fft_forward(FFT_LEN);
        let mut long_symbol = long_bins();
        planner.plan_fft_inverse(FFT_LEN).process(&mut long_symbol);
        let scale = 1.0 / (N_ST as f32).sqrt();
        Self {
            scratch: vec![Complex32::ZERO; fft.get_inplace_scratch_len()],
            fft,
            long_symbol: long_symbol.map(|sample| sample * scale),
            estimator: ChannelEstimator::new(),
            deinterleaver: Deinterleaver::new(),
            viterbi: Viterbi::new(),
            polarity: pilot_polarity(),
            points: Points { re: [0.0; N_SD], im: [0.0; N_SD], reliability: [0.0; N_SD] },
            soft: [0; MAX_N_CBPS],
            decoded: Vec::new(),
        }
    }

    /// The occupied subcarriers of 64 samples less `dc` times `derotation`, and the samples'
    /// mean power.
    pub(super) fn transform(
        &mut self,
        samples: &[Complex32],
        dc: Complex32,
        derotation: &[Complex32; FFT_LEN],
    ) -> (Spectrum, f32) {
        let mut bins = [Complex32::ZERO; FFT_LEN];
        let mut power = 0.0;
        for ((bin, sample), turn) in bins.iter_mut().zip(samples).zip(derotation) {
            let sample = sample - dc;
            power += sample.norm_sqr();
            *bin = sample * turn;
        }
        self.fft.process_with_scratch(&mut bins, &mut self.scratch);
        let occupied = Spectrum::from_fn(|i| bins[bin(OCCUPIED[i])]);
        (occupied, power / FFT_LEN as f32)
    }
}
