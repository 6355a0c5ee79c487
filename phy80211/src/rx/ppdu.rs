//! Reception of one PPDU, symbol by symbol: SIGNAL, then the DATA field.

use num_complex::Complex32;

use super::cfo::fine_offset;
use super::channel::LongField;
use super::deinterleave::MAX_PAIRS;
use super::demap::{Points, demap};
use super::descramble::{SERVICE_BYTES, descramble};
use super::detect::Detection;
use super::equalise::Equaliser;
use super::frame::{
    ChannelEstimate, Data, Format, FrameDetail, Measured, RxFailure, RxFrame, RxVector, SampleIndex,
};
use super::history::History;
use super::rotate::{Phasors, phasor};
use super::spectrum::{Spectrum, without_pilots};
use super::timing::Timing;
use super::{RxConfig, Workshop};
use crate::signal::{SIGNAL_BITS, Signal};
use crate::subcarriers::{FFT_LEN, N_ST};
use crate::timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES};
use crate::{CodeRate, Modulation, OfdmRate, convolutional, interleaver};

/// Hard decisions in SIGNAL that may differ from its code word. At 0 dB it is three of the 48;
/// noise is seldom this near to one of the 2^18 words.
const SIGNAL_WRONG_BITS: u32 = 7;
/// Power of a symbol over that of the preamble at which the carrier counts as lost, and the SNR
/// from which on that can be told from noise.
const LOST: f32 = 0.1;
const LOST_SNR: f32 = 20.0;
/// Power of a symbol over that of the preamble from which a stronger PPDU may have begun.
const STRONGER: f32 = 3.0;

/// What became of the PPDU with one more symbol.
pub(super) enum Progress {
    /// It goes on.
    Symbol {
        /// Far more power came than the PPDU has.
        surge: bool,
    },
    /// It has ended.
    Done(RxFrame),
}

/// A PPDU whose preamble has been found.
pub(super) struct Ppdu {
    start: u64,
    /// First sample of the next symbol's FFT window.
    window: u64,
    /// First sample of the long training field's first FFT window: carrier phase is zero here.
    origin: u64,
    omega: f64,
    dc: Complex32,
    /// e^-jwn over an FFT window, times the scale at which unit power gives unit bins.
    derotation: [Complex32; FFT_LEN],
    field: LongField,
    equaliser: Equaliser,
    /// Symbols read so far, SIGNAL being the first.
    symbols_read: usize,
    /// The last symbol was without power.
    silent: bool,
    rxvector: Option<RxVector>,
    detail: FrameDetail,
}

impl Ppdu {
    /// Reads the long training field.
    pub(super) fn begin(
        history: &History,
        detection: &Detection,
        timing: Timing,
        workshop: &mut Workshop,
    ) -> Self {
        let omega = fine_offset(history, detection, &timing);
        let scale = (N_ST as f32).sqrt() / FFT_LEN as f32;
        let mut phasors = Phasors::new(-omega);
        let derotation = std::array::from_fn(|_| phasors.next() * scale);

        let mut symbol = |at: u64| {
            let samples = history.get(at, FFT_LEN);
            let (bins, _) = workshop.transform(samples, detection.dc, &derotation);
            let turn = phasor(-omega * (at - timing.window) as f64);
            bins.turned(turn)
        };
        let first = symbol(timing.window);
        let second = symbol(timing.window + FFT_LEN as u64);
        let tone = detection.tone.map(|tone| tone.in_subcarriers(omega));
        let field = workshop.estimator.estimate(&first, &second, tone.as_ref());
        Self {
            start: timing.start,
            // After the second long symbol and SIGNAL's guard interval.
            window: timing.window + (2 * FFT_LEN + SYMBOL_SAMPLES - FFT_LEN) as u64,
            origin: timing.window,
            omega,
            dc: detection.dc,
            derotation,
            equaliser: Equaliser::new(&field),
            field,
            symbols_read: 0,
            silent: false,
            rxvector: None,
            detail: FrameDetail::default(),
        }
    }

    /// One past the last sample that the next symbol needs.
    pub(super) fn needs_until(&self) -> u64 {
        self.window + FFT_LEN as u64
    }

    /// First sample that may still be needed, also by a search for a stronger PPDU that began
    /// with the last symbols.
    pub(super) fn needs_from(&self) -> u64 {
        self.window.saturating_sub(4 * SYMBOL_SAMPLES as u64)
    }

    /// First sample of the PPDU.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// A sample after the short training field, from which a search will not find this PPDU's
    /// preamble again.
    pub(super) fn after_short_field(&self) -> u64 {
        self.origin
    }

    /// Reads the next symbol.
    pub(super) fn read_symbol(
        &mut self,
        history: &History,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Progress {
        let samples = history.get(self.window, FFT_LEN);
        let (bins, power) = workshop.transform(samples, self.dc, &self.derotation);
        let index = self.symbols_read;
        self.symbols_read += 1;
        if let Some(at) = self.lost_carrier(power) {
            return Progress::Done(self.carrier_lost(at, config));
        }

        let outcome = match self.rxvector {
            None => self.read_signal(&bins, workshop, config),
            Some(RxVector { format: Format::HtMixed, rate, length, .. }) => {
                let last = index >= rate.n_sym(length.into());
                last.then_some(Err(RxFailure::UnsupportedFormat))
            }
            Some(rxvector) => self.read_data(&bins, rxvector, workshop, config),
        };
        self.window =
            self.window.saturating_add_signed(SYMBOL_SAMPLES as i64 + self.equaliser.slide());
        match outcome {
            Some(outcome) => Progress::Done(self.end(outcome, config)),
            None => {
                let expected = self.field.power * (1.0 + 1.0 / self.field.snr());
                Progress::Symbol { surge: power > STRONGER * expected }
            }
        }
    }

    /// SIGNAL; an outcome if the PPDU ends with it.
    fn read_signal(
        &mut self,
        bins: &Spectrum,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let rate = OfdmRate::Mbps6;
        let pairs = self.soft_bits(bins, rate, workshop);
        workshop.viterbi.begin();
        workshop.viterbi.push(&pairs[..2 * SIGNAL_BITS]);
        workshop.viterbi.finish(&mut workshop.decoded);
        let bits = std::array::from_fn(|i| workshop.decoded[i / 8] >> (i % 8) & 1);
        self.equaliser.restart_evm();

        let wrong_bits = wrong_signal_bits(&bits, &workshop.points);
        if wrong_bits > SIGNAL_WRONG_BITS {
            return Some(Err(RxFailure::SignalNotACodeword { wrong_bits }));
        }
        let signal = match Signal::parse(&bits) {
            Ok(signal) => signal,
            Err(error) => return Some(Err(error.into())),
        };
        let Signal { rate, length } = signal;
        let spacing = config.spacing;
        self.rxvector = Some(RxVector { format: Format::NonHt, spacing, rate, length });
        workshop.viterbi.begin();
        let (length, max) = (usize::from(length), config.max_psdu_len);
        (length > max).then_some(Err(RxFailure::LengthTooLarge { length, max }))
    }

    /// A symbol of the DATA field; the outcome with the last.
    fn read_data(
        &mut self,
        bins: &Spectrum,
        rxvector: RxVector,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let (rate, length) = (rxvector.rate, usize::from(rxvector.length));
        let pairs = self.soft_bits(bins, rate, workshop);
        let index = self.symbols_read - 2;
        if index == 0 && rate == OfdmRate::Mbps6 && is_quadrature_bpsk(&workshop.points) {
            // HT-SIG: the BPSK of its first symbol is turned by 90 degrees (19.3.9.4.3).
            self.rxvector = Some(RxVector { format: Format::HtMixed, ..rxvector });
            self.equaliser.restart_evm();
            return None;
        }
        if config.detail.constellation {
            let Points { re, im, .. } = &workshop.points;
            let points = re.iter().zip(im).map(|(&re, &im)| Complex32::new(re, im));
            self.detail.constellation.extend(points);
        }
        // Only SERVICE, PSDU and tail are decoded: pad bits may be anything.
        let bits = 8 * (SERVICE_BYTES + length) + 6;
        let wanted = (bits - index * rate.n_dbps()).min(rate.n_dbps());
        workshop.viterbi.push(&pairs[..2 * wanted]);
        if index + 1 < rate.n_sym(length) {
            return None;
        }
        workshop.viterbi.finish(&mut workshop.decoded);
        Some(Ok(descramble(&workshop.decoded[..SERVICE_BYTES + length])))
    }

    /// Equalises and demaps a symbol, into the decoder's pairs.
    fn soft_bits(
        &mut self,
        bins: &Spectrum,
        rate: OfdmRate,
        workshop: &mut Workshop,
    ) -> [i8; MAX_PAIRS] {
        let index = self.symbols_read - 1;
        // SIGNAL's window comes 112 samples after the middle of the long training field's two.
        let elapsed = if index == 0 { 112.0 / SYMBOL_SAMPLES as f32 } else { 1.0 };
        let carrier = self.omega * (self.window - self.origin) as f64;
        let polarity = workshop.polarity[index % workshop.polarity.len()];
        let equalised =
            self.equaliser.equalise(bins, elapsed, carrier, polarity, rate.modulation());
        workshop.points = Points {
            re: without_pilots(&equalised.points.re),
            im: without_pilots(&equalised.points.im),
            reliability: without_pilots(&equalised.reliability),
        };
        demap(rate.modulation(), &workshop.points, &mut workshop.soft);
        let mut pairs = [0; MAX_PAIRS];
        workshop.deinterleaver.spread(rate, &workshop.soft, &mut pairs);
        pairs
    }

    /// The first sample without carrier, once two symbols in a row had none.
    fn lost_carrier(&mut self, power: f32) -> Option<u64> {
        let silent = power < LOST * self.field.power && self.field.snr() > LOST_SNR;
        let lost = silent && self.silent;
        self.silent = silent;
        lost.then(|| self.window - SYMBOL_SAMPLES as u64)
    }

    fn carrier_lost(&mut self, at: u64, config: &RxConfig) -> RxFrame {
        let failure = match self.rxvector {
            Some(RxVector { format: Format::HtMixed, .. }) => RxFailure::UnsupportedFormat,
            _ => RxFailure::CarrierLost {
                at: SampleIndex(at),
                symbol: self.symbols_read.saturating_sub(3),
                symbols: self.symbols(),
            },
        };
        let mut frame = self.end(Err(failure), config);
        frame.end = SampleIndex(at);
        frame
    }

    /// Ends because a stronger PPDU began at `at`.
    pub(super) fn captured(&mut self, at: u64, config: &RxConfig) -> RxFrame {
        let first_symbol = self.start + (PREAMBLE_SAMPLES + SYMBOL_SAMPLES) as u64;
        let symbol = at.saturating_sub(first_symbol) as usize / SYMBOL_SAMPLES;
        let failure = RxFailure::Captured { at: SampleIndex(at), symbol, symbols: self.symbols() };
        let mut frame = self.end(Err(failure), config);
        frame.end = SampleIndex(at);
        frame
    }

    /// Ends because no more samples come.
    pub(super) fn cut_off(&mut self, at: u64, config: &RxConfig) -> RxFrame {
        let failure = match self.rxvector {
            Some(RxVector { format: Format::HtMixed, .. }) => RxFailure::UnsupportedFormat,
            _ => RxFailure::OutOfSamples {
                symbol: self.symbols_read.saturating_sub(1),
                symbols: self.symbols(),
            },
        };
        let mut frame = self.end(Err(failure), config);
        frame.end = SampleIndex(at);
        frame
    }

    /// Symbols of the DATA field; 0 while SIGNAL is unknown.
    fn symbols(&self) -> usize {
        self.rxvector.map_or(0, |rx| rx.rate.n_sym(rx.length.into()))
    }

    fn end(&mut self, outcome: Result<Data, RxFailure>, config: &RxConfig) -> RxFrame {
        let omega = self.omega + f64::from(self.equaliser.missed_offset()) / SYMBOL_SAMPLES as f64;
        let sample_rate_hz = config.spacing.sample_rate_hz();
        let decibel = |ratio: f32| 10.0 * ratio.max(f32::MIN_POSITIVE).log10();
        let measured = Measured {
            power_db: decibel(self.field.power),
            snr_db: decibel(self.field.snr()),
            evm_db: self.equaliser.evm_db(),
            cfo_hz: (omega / std::f64::consts::TAU * sample_rate_hz) as f32,
            clock_ppm: self.equaliser.clock_ppm(),
        };
        let mut detail = std::mem::take(&mut self.detail);
        if config.detail.subcarrier_evm {
            detail.subcarrier_evm_db = self.equaliser.subcarrier_evm_db();
        }
        RxFrame {
            start: SampleIndex(self.start),
            end: SampleIndex(
                self.start + (PREAMBLE_SAMPLES + self.symbols_read * SYMBOL_SAMPLES) as u64,
            ),
            rxvector: self.rxvector,
            outcome,
            measured,
            channel: Box::new(ChannelEstimate(self.field.channel)),
            detail,
        }
    }
}

/// Whether the points of a symbol lie along the imaginary axis.
fn is_quadrature_bpsk(points: &Points) -> bool {
    let parts = points.re.iter().zip(&points.im);
    parts.map(|(re, im)| (im * im - re * re).clamp(-2.0, 2.0)).sum::<f32>() > 0.0
}

/// Hard decisions of the SIGNAL symbol that differ from what these bits encode to.
fn wrong_signal_bits(bits: &[u8; SIGNAL_BITS], points: &Points) -> u32 {
    let mut coded = Vec::with_capacity(2 * SIGNAL_BITS);
    convolutional::encode(bits, CodeRate::Half, &mut coded);
    let places = interleaver::permutation(2 * SIGNAL_BITS, Modulation::Bpsk.n_bpsc());
    let pairs = coded.iter().zip(places);
    pairs.filter(|&(&bit, place)| (points.re[place] > 0.0) != (bit == 1)).count() as u32
}
