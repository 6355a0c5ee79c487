//! What every PPDU needs and none owns: FFTs, tables, the decoder and working memory.

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::bins::derotate;
use super::channel::ChannelEstimator;
use super::deinterleave::Deinterleaver;
use super::layout::{HT20_LAYOUT, HT40_LAYOUT, NON_HT_LAYOUT};
use super::viterbi::Viterbi;
use crate::subcarriers::{FFT_LEN, NON_HT, bin, pilot_polarity};
use crate::training::training_at;

/// Shared by all PPDUs of a receiver, one after the other.
pub(super) struct Workshop {
    pub(super) fft: SymbolFft<64>,
    pub(super) non_ht: ChannelEstimator<64>,
    pub(super) ht20: ChannelEstimator<64>,
    /// What 40 MHz needs besides.
    pub(super) wide: Option<WideWorkshop>,
    pub(super) deinterleaver: Deinterleaver,
    /// One for each lane: their PPDUs are decoded at the same time.
    pub(super) decoders: Vec<Viterbi>,
    pub(super) polarity: [f32; 127],
}

/// For symbols that are 40 MHz wide.
pub(super) struct WideWorkshop {
    pub(super) fft: SymbolFft<128>,
    pub(super) ht40: ChannelEstimator<128>,
}

impl Workshop {
    pub(super) fn new(wide: bool) -> Self {
        let lanes = if wide { 2 } else { 1 };
        let wide = wide.then(|| WideWorkshop {
            fft: SymbolFft::new(),
            ht40: ChannelEstimator::new(&HT40_LAYOUT),
        });
        Self {
            fft: SymbolFft::new(),
            non_ht: ChannelEstimator::new(&NON_HT_LAYOUT),
            ht20: ChannelEstimator::new(&HT20_LAYOUT),
            wide,
            deinterleaver: Deinterleaver::default(),
            decoders: (0..lanes).map(|_| Viterbi::new()).collect(),
            polarity: pilot_polarity(),
        }
    }
}

/// One long training symbol in time, at unit mean power.
pub(super) fn long_symbol() -> [Complex32; FFT_LEN] {
    let mut bins = [Complex32::ZERO; FFT_LEN];
    for &subcarrier in NON_HT.occupied {
        bins[bin(subcarrier, FFT_LEN)] = training_at(&NON_HT, subcarrier).into();
    }
    FftPlanner::new().plan_fft_inverse(FFT_LEN).process(&mut bins);
    let scale = 1.0 / (NON_HT.occupied.len() as f32).sqrt();
    bins.map(|sample| sample * scale)
}

/// The FFT of N samples and its scratch memory.
pub(super) struct SymbolFft<const N: usize> {
    fft: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
}

impl<const N: usize> SymbolFft<N> {
    pub(super) fn new() -> Self {
        let fft = FftPlanner::new().plan_fft_forward(N);
        Self { scratch: vec![Complex32::ZERO; fft.get_inplace_scratch_len()], fft }
    }

    /// The bins of N samples less `dc` times `derotation`, and the samples' mean power.
    pub(super) fn transform(
        &mut self,
        samples: &[Complex32],
        dc: Complex32,
        derotation: &[Complex32; N],
    ) -> ([Complex32; N], f32) {
        let mut bins = [Complex32::ZERO; N];
        let power = derotate(samples, dc, derotation, &mut bins);
        self.fft.process_with_scratch(&mut bins, &mut self.scratch);
        (bins, power)
    }
}
