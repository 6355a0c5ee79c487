//! How a PPDU ends, and what is told of it.

use super::{Ppdu, Progress, Stage};
use crate::rx::{ChannelEstimate, Data, Measured, RxConfig, RxFailure, RxFrame, SampleIndex};
use crate::timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES};

/// Power of a symbol over that of the preamble at which the carrier counts as lost, and the SNR
/// from which on that can be told from noise.
const LOST: f32 = 0.1;
const LOST_SNR: f32 = 20.0;
/// Samples by which an HT-mixed PPDU may end before its L-SIG says: L_LENGTH counts whole symbols
/// of 4 us, and some transmitters the signal extension of the 2.4 GHz band, 6 us without signal.
const HT_SLACK: u64 = 200;
/// Samples before the nominal end of a PPDU from which the next is searched: more than the
/// timing can be off, less than a short training symbol.
const OVERLAP: u64 = 8;

impl Ppdu {
    /// Power of the signal in a sample, and its ratio to that of the noise.
    pub(super) fn power_and_snr(&self) -> (f32, f32) {
        match &self.whole {
            Some(whole) => (whole.field.power, whole.field.snr()),
            None => (self.half.field.power, self.half.field.snr()),
        }
    }

    /// The start of the first of two symbols in a row that had no power.
    pub(super) fn lost_since(
        &mut self,
        start: u64,
        power: f32,
        expected: f32,
        snr: f32,
    ) -> Option<u64> {
        let silent = power < LOST * expected && snr > LOST_SNR;
        let before = self.silent_since.take();
        self.silent_since = silent.then_some(before.unwrap_or(start));
        before.filter(|_| silent)
    }

    /// What is told of a PPDU that ended too early: an HT PPDU that is skipped is told as such.
    fn cut(&self, failure: RxFailure) -> RxFailure {
        match self.stage {
            Stage::Skip { failure, .. } => failure,
            _ => failure,
        }
    }

    pub(super) fn carrier_lost(&mut self, at: u64, config: &RxConfig) -> Progress {
        let at = at.max(self.start);
        let symbol = self.symbol_at(at);
        let sample = SampleIndex(at * config.bandwidth.oversampling() as u64);
        let failure =
            self.cut(RxFailure::CarrierLost { at: sample, symbol, symbols: self.symbols() });
        Progress::Done { frame: self.frame(Err(failure), at, config), resume: at }
    }

    /// Ends because a stronger PPDU began at `at`.
    pub(in crate::rx) fn captured(&mut self, at: u64, config: &RxConfig) -> Box<RxFrame> {
        let symbol = self.symbol_at(at);
        let sample = SampleIndex(at * config.bandwidth.oversampling() as u64);
        let failure = self.cut(RxFailure::Captured { at: sample, symbol, symbols: self.symbols() });
        self.frame(Err(failure), at, config)
    }

    /// Ends because no more samples come.
    pub(in crate::rx) fn cut_off(&mut self, at: u64, config: &RxConfig) -> Box<RxFrame> {
        let symbol = match self.stage {
            Stage::Data { symbol } => symbol,
            _ => 0,
        };
        let failure = self.cut(RxFailure::OutOfSamples { symbol, symbols: self.symbols() });
        self.frame(Err(failure), at, config)
    }

    /// The symbol of the DATA field in which a sample lies.
    fn symbol_at(&self, at: u64) -> usize {
        let header = match self.rxvector {
            Some(rxvector) if rxvector.is_ht() => 5,
            _ => 1,
        };
        let first = self.start + (PREAMBLE_SAMPLES + header * SYMBOL_SAMPLES) as u64;
        at.saturating_sub(first) as usize / self.data_symbol_samples()
    }

    /// Symbols of the DATA field; 0 while they are unknown.
    fn symbols(&self) -> usize {
        let rxvector = self.rxvector.as_ref();
        let known = rxvector.and_then(|rxvector| rxvector.rate().zip(rxvector.psdu_len()));
        known.map_or(0, |(rate, length)| rate.n_sym(length))
    }

    pub(super) fn done(&mut self, outcome: Result<Data, RxFailure>, config: &RxConfig) -> Progress {
        let end = self.start + self.taken;
        let resume = match (self.rxvector, &self.stage) {
            // A SIGNAL that makes no sense may be chance: the next preamble is looked for where
            // this one was.
            (None, _) => self.start + PREAMBLE_SAMPLES as u64 / 2,
            (_, Stage::Skip { .. }) => end - HT_SLACK,
            _ => end - OVERLAP,
        };
        Progress::Done { frame: self.frame(outcome, end, config), resume }
    }

    fn frame(
        &mut self,
        outcome: Result<Data, RxFailure>,
        end: u64,
        config: &RxConfig,
    ) -> Box<RxFrame> {
        let oversampling = config.bandwidth.oversampling() as u64;
        let lane_rate_hz = config.bandwidth.sample_rate_hz() / oversampling as f64;
        let decibel = |ratio: f32| 10.0 * ratio.max(f32::MIN_POSITIVE).log10();
        let (mut power, mut snr) = self.power_and_snr();
        if let Some(twin) = &self.twin {
            let noise = power / snr + twin.field.power / twin.field.snr();
            power += twin.field.power;
            snr = power / noise.max(f32::MIN_POSITIVE);
        }
        let (evm_db, trend, omega) = match &self.whole {
            Some(whole) => {
                let equaliser = whole.equaliser();
                (equaliser.evm_db(), equaliser.trend(), whole.carrier_offset())
            }
            None => {
                let equaliser = self.half.equaliser();
                (equaliser.evm_db(), equaliser.trend(), self.half.carrier_offset())
            }
        };
        let measured = Measured {
            power_db: decibel(power),
            snr_db: decibel(snr),
            evm_db,
            cfo_hz: (omega / std::f64::consts::TAU * lane_rate_hz) as f32,
            clock_ppm: trend.clock_ppm(),
        };
        let mut detail = std::mem::take(&mut self.detail);
        if config.detail.subcarrier_evm {
            detail.subcarrier_evm_db = match &self.whole {
                Some(whole) => whole.equaliser().subcarrier_evm_db(),
                None => self.half.equaliser().subcarrier_evm_db(),
            };
        }
        let channel = match &self.whole {
            Some(whole) => whole.field.gains().collect(),
            None => self.half.field.gains().collect(),
        };
        Box::new(RxFrame {
            start: SampleIndex(self.start * oversampling),
            end: SampleIndex(end * oversampling),
            rxvector: self.rxvector,
            outcome,
            measured,
            channel: ChannelEstimate(channel),
            detail,
        })
    }
}
