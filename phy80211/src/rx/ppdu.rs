//! Reception of one PPDU, symbol by symbol: SIGNAL, HT-SIG if there is one, then the DATA field.
//!
//! ```text
//! Signal ─► AfterSignal ─► Data                             non-HT
//!                      └─► HtSig ─► Training ─► Data        HT-mixed
//!                               └─► Skip                    HT-mixed, not decoded
//!       └► HtSig ─► Skip                                    HT-greenfield
//! ```

use num_complex::Complex32;

use super::air::Air;
use super::deinterleave::MAX_PAIRS;
use super::demap::{PLANES, demap};
use super::demodulator::Demodulator;
use super::descramble::{Descrambler, SERVICE_BYTES};
use super::detect::Detection;
use super::equalise::Equalised;
use super::frame::{
    ChannelEstimate, Data, Format, FrameDetail, Measured, RxFailure, RxFrame, RxHeader, RxVector,
    SampleIndex,
};
use super::halves::Splitter;
use super::header::{self, Pairs};
use super::spectrum::Spectrum;
use super::timing::Timing;
use super::unsupported::{Unsupported, samples_after_ht_sig};
use super::{RxConfig, Workshop};
use crate::timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES, ppdu_samples};
use crate::{Bandwidth, HtWidth, OfdmRate, Placement, Rate, Signal};

/// Power of a symbol over that of the preamble at which the carrier counts as lost, and the SNR
/// from which on that can be told from noise.
const LOST: f32 = 0.1;
const LOST_SNR: f32 = 20.0;
/// Power of a symbol over that of the preamble from which a stronger PPDU may have begun.
const STRONGER: f32 = 3.0;
/// Samples by which an HT-mixed PPDU may end before its L-SIG says: L_LENGTH counts whole symbols
/// of 4 us, and some transmitters the signal extension of the 2.4 GHz band, 6 us without signal.
const HT_SLACK: u64 = 200;
/// Samples before the nominal end of a PPDU from which the next is searched: more than the
/// timing can be off, less than a short training symbol.
const OVERLAP: u64 = 8;

/// What became of the PPDU with one more symbol.
pub(super) enum Progress {
    /// It goes on.
    Symbol {
        /// Far more power came than the PPDU has.
        surge: bool,
    },
    /// It has ended.
    Done {
        frame: Box<RxFrame>,
        /// Sample of its lane from which the next PPDU may begin.
        resume: u64,
    },
}

/// Which symbol comes next.
enum Stage {
    /// SIGNAL, or the first of a greenfield HT-SIG.
    Signal,
    /// The first after SIGNAL: of HT-SIG or of the DATA field.
    AfterSignal,
    /// The second of HT-SIG. Of a greenfield PPDU nothing but its HT-SIG tells that it is one;
    /// if that is none either, this was the failure.
    HtSig { first: Box<Pairs>, otherwise: Option<RxFailure> },
    /// HT-LTF.
    Training,
    /// This one of the DATA field.
    Data { symbol: usize },
    /// Any until the end of a PPDU that is not decoded.
    Skip { until: u64, failure: RxFailure },
}

/// A PPDU whose preamble has been found.
pub(super) struct Ppdu {
    /// First sample of the PPDU in its lane.
    start: u64,
    /// Samples of a 20 MHz channel that the fields read so far take.
    taken: u64,
    stage: Stage,
    /// The half of the channel in which it was found.
    lane: usize,
    half: Demodulator<64>,
    /// The other half, if it has the same symbols.
    twin: Option<Demodulator<64>>,
    /// Both halves as one, once HT data comes.
    whole: Option<Demodulator<128>>,
    /// Start of the last symbol, if that was without power.
    silent_since: Option<u64>,
    rxvector: Option<RxVector>,
    /// What the header said has been told.
    told: bool,
    descrambler: Descrambler,
    detail: FrameDetail,
}

/// The points of a symbol in the one or both halves that have it.
#[derive(Clone)]
struct HalfPoints {
    half: Spectrum<64>,
    twin: Option<Spectrum<64>>,
}

impl Ppdu {
    /// Reads the long training field.
    pub(super) fn begin(
        air: &Air,
        lane: usize,
        detection: &Detection,
        timing: Timing,
        workshop: &mut Workshop,
    ) -> Self {
        Self {
            start: timing.start,
            taken: PREAMBLE_SAMPLES as u64,
            stage: Stage::Signal,
            lane,
            half: Demodulator::begin(air.lane(lane), detection, timing, workshop),
            twin: None,
            whole: None,
            silent_since: None,
            rxvector: None,
            told: false,
            descrambler: Descrambler::default(),
            detail: FrameDetail::default(),
        }
    }

    /// One past the last sample of its lane that the next symbol needs.
    pub(super) fn needs_until(&self) -> u64 {
        let twin = self.twin.as_ref().map_or(0, Demodulator::needs_until);
        let half = self.half.needs_until().max(twin);
        self.whole.as_ref().map_or(half, |whole| whole.needs_until().div_ceil(2))
    }

    /// One past the last sample of its lane that is certainly there when the next symbol is.
    pub(super) fn lane_until(&self) -> u64 {
        let whole = self.whole.as_ref().map(|whole| Splitter::halves_of(whole.needs_until()));
        whole.unwrap_or_else(|| self.needs_until())
    }

    /// Whether the next symbol has come.
    pub(super) fn is_ready(&self, air: &Air) -> bool {
        match &self.whole {
            Some(whole) => whole.needs_until() <= air.whole().end(),
            None => self.needs_until() <= air.end(),
        }
    }

    /// First sample of its lane that may still be needed, also by a search for a stronger PPDU
    /// that began with the last symbols: one is found less than 450 samples after its start.
    pub(super) fn needs_from(&self) -> u64 {
        self.window().saturating_sub(6 * SYMBOL_SAMPLES as u64)
    }

    /// First sample of the next FFT window in its lane.
    fn window(&self) -> u64 {
        let half = self.half.window().min(self.twin.as_ref().map_or(u64::MAX, Demodulator::window));
        self.whole.as_ref().map_or(half, |whole| whole.window() / 2)
    }

    /// First sample of the PPDU in its lane.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Whether the PPDU takes the other half of the channel as well.
    pub(super) fn takes_all(&self) -> bool {
        self.twin.is_some() || self.whole.is_some()
    }

    /// SIGNAL, if it was read.
    pub(super) fn signal(&self) -> Option<Signal> {
        self.rxvector.and_then(|rxvector| rxvector.l_sig)
    }

    /// SIGNAL, while nothing after it has been read.
    pub(super) fn signal_just_read(&self) -> Option<Signal> {
        let Stage::AfterSignal = self.stage else { return None };
        self.signal()
    }

    /// What the header says, once and as soon as it is known that the PSDU will be decoded.
    pub(super) fn header(&mut self, config: &RxConfig) -> Option<RxHeader> {
        let rxvector = self.rxvector?;
        let known = match self.stage {
            // At 6 Mbit/s it may be an HT-mixed PPDU.
            Stage::AfterSignal => rxvector.l_sig?.rate != OfdmRate::Mbps6,
            Stage::Training | Stage::Data { .. } => true,
            _ => false,
        };
        let (rate, psdu_len) = (rxvector.rate()?, rxvector.psdu_len()?);
        if self.told || !known || psdu_len > config.max_psdu_len {
            return None;
        }
        self.told = true;
        let start = self.start * config.bandwidth.oversampling() as u64;
        let samples = ppdu_samples(rate, config.bandwidth, psdu_len) as u64;
        Some(RxHeader {
            start: SampleIndex(start),
            end: SampleIndex(start + samples),
            rxvector,
            rate,
            psdu_len,
        })
    }

    /// The bytes of the PSDU that are decided.
    pub(super) fn psdu_so_far(&self) -> &[u8] {
        self.descrambler.psdu()
    }

    /// From now on receives with the help of the other half, which has the same SIGNAL.
    pub(super) fn join(&mut self, other: Self) {
        self.told |= other.told;
        self.twin = Some(other.half);
        if let Some(rxvector) = &mut self.rxvector {
            rxvector.placement = Placement::Whole;
        }
    }

    /// Reads the next symbol.
    pub(super) fn read_symbol(
        &mut self,
        air: &Air,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Progress {
        let symbol_start = self.start + self.taken;
        let read = match self.stage {
            Stage::Training => {
                let power = self.train(air, workshop);
                self.stage = Stage::Data { symbol: 0 };
                // With the HT-STF before it.
                Read { power, outcome: None, samples: 2 * SYMBOL_SAMPLES }
            }
            Stage::Data { symbol } if self.whole.is_some() => {
                self.read_whole(symbol, air, workshop, config)
            }
            _ => self.read_half(air, workshop, config),
        };
        self.taken += read.samples as u64;
        let (power, snr) = self.power_and_snr();
        if let Some(at) = self.lost_since(symbol_start, read.power, power, snr) {
            return self.carrier_lost(at, config);
        }
        if let Some(outcome) = read.outcome {
            return self.done(outcome, config);
        }
        self.advance();
        Progress::Symbol { surge: read.power > STRONGER * power * (1.0 + 1.0 / snr) }
    }

    /// Moves the FFT windows to the symbol that comes next.
    fn advance(&mut self) {
        let symbol = match self.stage {
            // HT-STF comes before it.
            Stage::Training => 2 * SYMBOL_SAMPLES,
            Stage::Data { .. } => self.data_symbol_samples(),
            _ => SYMBOL_SAMPLES,
        };
        match &mut self.whole {
            Some(whole) => whole.advance(symbol),
            None => {
                self.half.advance(symbol);
                if let Some(twin) = &mut self.twin {
                    twin.advance(symbol);
                }
            }
        }
    }

    fn data_symbol_samples(&self) -> usize {
        let rate = self.rxvector.and_then(|rxvector| rxvector.rate());
        rate.map_or(SYMBOL_SAMPLES, |rate| rate.guard_interval().symbol_samples())
    }

    /// Reads the HT-LTF. Returns its power.
    fn train(&mut self, air: &Air, workshop: &mut Workshop) -> f32 {
        let ht_sig = self.rxvector.and_then(|rxvector| rxvector.ht_sig);
        let wide = ht_sig.is_some_and(|ht_sig| ht_sig.width() == HtWidth::Mhz40);
        match (&mut workshop.wide, wide) {
            (Some(wide), true) => {
                let half = air.half(self.lane);
                let (whole, power) = self.half.train_ht40(half, air.whole(), wide);
                self.whole = Some(whole);
                self.twin = None;
                power
            }
            _ => {
                self.twin = None;
                self.half.train_ht20(air.lane(self.lane), workshop)
            }
        }
    }

    /// Reads a symbol of which each half is a symbol of its own.
    fn read_half(&mut self, air: &Air, workshop: &mut Workshop, config: &RxConfig) -> Read {
        let polarity = match self.stage {
            Stage::Signal => 0,
            // In greenfield it is the second symbol of all.
            Stage::AfterSignal | Stage::HtSig { otherwise: Some(_), .. } => 1,
            Stage::HtSig { .. } => 2,
            Stage::Data { symbol } => self.first_data_polarity() + symbol,
            _ => 0,
        };
        let symbol = match self.stage {
            Stage::Data { symbol } => symbol,
            _ => 0,
        };
        let elapsed = match self.stage {
            // 112 samples from the middle of the long training field's two windows.
            Stage::Signal => 112,
            Stage::Data { .. } => self.data_symbol_samples(),
            _ => SYMBOL_SAMPLES,
        };
        let elapsed = elapsed as f32 / SYMBOL_SAMPLES as f32;
        let polarity = workshop.polarity[polarity % workshop.polarity.len()];
        let received = self.half.receive(air.lane(self.lane), &mut workshop.fft);
        let power = received.power;
        if let Stage::Skip { until, failure } = self.stage {
            let last = self.start + self.taken + SYMBOL_SAMPLES as u64 >= until;
            return Read { power, outcome: last.then_some(Err(failure)), samples: SYMBOL_SAMPLES };
        }
        let half = self.half.by_pilots(&received, elapsed, polarity, symbol);
        let twin = self.twin.as_mut().map(|twin| {
            let received = twin.receive(air.lane(1 - self.lane), &mut workshop.fft);
            twin.by_pilots(&received, elapsed, polarity, symbol)
        });
        let points = HalfPoints { half, twin };
        let samples = match self.stage {
            Stage::Data { .. } => self.data_symbol_samples(),
            _ => SYMBOL_SAMPLES,
        };
        let outcome = self.take_points(points, workshop, config);
        Read { power, outcome, samples }
    }

    /// Makes of a symbol's points what the stage makes of them; an outcome if the PPDU ends.
    fn take_points(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        match &self.stage {
            Stage::Signal => {
                let bpsk = OfdmRate::Mbps6.into();
                let turned = self.is_quadrature(&points);
                let pairs = if turned {
                    gather(&self.half.undecided(&points.half), bpsk, workshop)
                } else {
                    self.pairs(points.clone(), bpsk, workshop, None)
                };
                self.half.restart_evm();
                let signal = match header::signal(&pairs, &mut workshop.decoders[self.lane]) {
                    Ok(signal) => signal,
                    Err(failure) if turned => {
                        return self.begin_ht_sig(points, workshop, Some(failure));
                    }
                    Err(failure) => return Some(Err(failure)),
                };
                self.rxvector = Some(self.rxvector(Format::NonHt, Some(signal), config));
                self.stage = Stage::AfterSignal;
                None
            }
            Stage::AfterSignal => {
                let quadrature = self.is_quadrature(&points);
                let rxvector = self.rxvector.as_mut()?;
                let signal = rxvector.l_sig?;
                if signal.rate == OfdmRate::Mbps6 && quadrature {
                    rxvector.format = Format::HtMixed;
                    return self.begin_ht_sig(points, workshop, None);
                }
                if self.twin.is_some() {
                    rxvector.format = Format::NonHtDuplicate;
                }
                if let Some(failure) = too_large(signal.length.into(), config) {
                    return Some(Err(failure));
                }
                workshop.decoders[self.lane].begin();
                self.descrambler = Descrambler::new(signal.length.into());
                self.read_data(0, points, workshop, config)
            }
            Stage::HtSig { .. } => self.end_ht_sig(points, workshop, config),
            &Stage::Data { symbol } => self.read_data(symbol, points, workshop, config),
            Stage::Training | Stage::Skip { .. } => None,
        }
    }

    fn rxvector(&self, format: Format, l_sig: Option<Signal>, config: &RxConfig) -> RxVector {
        RxVector {
            format,
            bandwidth: config.bandwidth,
            placement: match config.bandwidth {
                Bandwidth::Mhz40 => half_of(self.lane),
                _ => Placement::Whole,
            },
            l_sig,
            ht_sig: None,
        }
    }

    /// Whether the points lie along the imaginary axis, as those of HT-SIG do.
    fn is_quadrature(&self, points: &HalfPoints) -> bool {
        let twin = self.twin.as_ref().zip(points.twin.as_ref());
        let twin = twin.map_or(0.0, |(twin, points)| twin.quadrature(points));
        self.half.quadrature(&points.half) + twin > 0.0
    }

    /// Takes the first symbol of HT-SIG.
    fn begin_ht_sig(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        otherwise: Option<RxFailure>,
    ) -> Option<Result<Data, RxFailure>> {
        let first = self.pairs(points.turned_back(), OfdmRate::Mbps6.into(), workshop, None);
        self.stage = Stage::HtSig { first: Box::new(first), otherwise };
        None
    }

    /// Takes the second symbol of HT-SIG.
    fn end_ht_sig(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let second = self.pairs(points.turned_back(), OfdmRate::Mbps6.into(), workshop, None);
        let Stage::HtSig { first, otherwise } = &self.stage else { return None };
        let ht_sig = header::ht_sig(first, &second, &mut workshop.decoders[self.lane]);
        if let (Err(_), Some(failure)) = (ht_sig, otherwise) {
            return Some(Err(*failure));
        }
        if otherwise.is_some() {
            self.rxvector = Some(self.rxvector(Format::HtGreenfield, None, config));
        }
        let rxvector = self.rxvector.as_mut()?;
        let after_ht_sig = self.start + self.taken + SYMBOL_SAMPLES as u64;
        // Two of SIGNAL's symbols are HT-SIG.
        let by_signal = rxvector.l_sig.map(|signal| {
            let symbols = OfdmRate::Mbps6.n_sym(signal.length.into()).saturating_sub(2);
            after_ht_sig + (symbols * SYMBOL_SAMPLES) as u64
        });
        let (failure, by_ht_sig) = match ht_sig {
            Err(error) => (error.into(), None),
            Ok(ht_sig) => {
                rxvector.ht_sig = Some(ht_sig);
                let format = rxvector.format;
                let samples = samples_after_ht_sig(format, &ht_sig);
                let by_ht_sig = samples.map(|samples| after_ht_sig + samples as u64);
                match Unsupported::of(format, &ht_sig, config.bandwidth) {
                    // A symbol more than SIGNAL has is rounding.
                    None if by_ht_sig > by_signal.map(|end| end + SYMBOL_SAMPLES as u64) => {
                        (RxFailure::HtSigBeyondSignal { ht_sig }, None)
                    }
                    None => {
                        if let Some(failure) = too_large(ht_sig.length.into(), config) {
                            return Some(Err(failure));
                        }
                        if ht_sig.width() == HtWidth::Mhz40 {
                            rxvector.placement = Placement::Whole;
                        } else if self.twin.take().is_some() {
                            // Two that began together, and look alike up to here.
                            rxvector.placement = half_of(self.lane);
                        }
                        workshop.decoders[self.lane].begin();
                        self.descrambler = Descrambler::new(ht_sig.length.into());
                        self.stage = Stage::Training;
                        return None;
                    }
                    Some(what) => (RxFailure::Unsupported { what, ht_sig }, by_ht_sig),
                }
            }
        };
        // SIGNAL knows the end better than an HT-SIG of which but some fields are understood; of
        // a broken greenfield PPDU nothing is known.
        match by_signal.or(by_ht_sig) {
            Some(until) if until > after_ht_sig => {
                self.stage = Stage::Skip { until, failure };
                None
            }
            _ => Some(Err(failure)),
        }
    }

    fn first_data_polarity(&self) -> usize {
        if self.rxvector.is_some_and(|rxvector| rxvector.is_ht()) { 3 } else { 1 }
    }

    /// A symbol of the DATA field in each half; the outcome with the last.
    fn read_data(
        &mut self,
        symbol: usize,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let rate = self.rxvector?.rate()?;
        let pairs = self.pairs(points, rate, workshop, Some(config));
        self.decode(symbol, rate, &pairs, workshop)
    }

    /// A symbol of the DATA field that is 40 MHz wide.
    fn read_whole(
        &mut self,
        symbol: usize,
        air: &Air,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Read {
        let samples = self.data_symbol_samples();
        let rate = self.rxvector.and_then(|rxvector| rxvector.rate());
        let (Some(whole), Some(wide), Some(rate)) = (&mut self.whole, &mut workshop.wide, rate)
        else {
            unreachable!("HT data 40 MHz wide was announced and trained for")
        };
        let polarity = workshop.polarity[(3 + symbol) % workshop.polarity.len()];
        let received = whole.receive(air.whole(), &mut wide.fft);
        let elapsed = samples as f32 / SYMBOL_SAMPLES as f32;
        let points = whole.by_pilots(&received, elapsed, polarity, symbol);
        let kept = config.detail.constellation.then_some(&mut self.detail.constellation);
        let pairs = soft_pairs(whole, points, rate, workshop, kept);
        Read {
            power: received.power,
            outcome: self.decode(symbol, rate, &pairs, workshop),
            samples,
        }
    }

    /// Hands a symbol's soft bits to the decoder; the outcome with the last.
    fn decode(
        &mut self,
        symbol: usize,
        rate: Rate,
        pairs: &Pairs,
        workshop: &mut Workshop,
    ) -> Option<Result<Data, RxFailure>> {
        let length = self.rxvector?.psdu_len()?;
        // Only SERVICE, PSDU and tail are decoded: pad bits may be anything.
        let bits = 8 * (SERVICE_BYTES + length) + 6;
        let wanted = (bits - symbol * rate.n_dbps()).min(rate.n_dbps());
        let decoder = &mut workshop.decoders[self.lane];
        decoder.push(&pairs[..2 * wanted]);
        if symbol + 1 < rate.n_sym(length) {
            self.stage = Stage::Data { symbol: symbol + 1 };
            self.descrambler.take(decoder.decided());
            return None;
        }
        self.descrambler.take(decoder.finish());
        Some(Ok(self.descrambler.finish()))
    }

    /// The decoder's pairs of a symbol, from one half or both.
    fn pairs(
        &mut self,
        points: HalfPoints,
        rate: Rate,
        workshop: &mut Workshop,
        config: Option<&RxConfig>,
    ) -> Pairs {
        let keep = config.is_some_and(|config| config.detail.constellation);
        let kept = keep.then_some(&mut self.detail.constellation);
        let mut pairs = soft_pairs(&mut self.half, points.half, rate, workshop, kept);
        if let (Some(twin), Some(points)) = (&mut self.twin, points.twin) {
            let others = soft_pairs(twin, points, rate, workshop, None);
            // Each half's soft bits are relative to its own noise.
            let (half_snr, twin_snr) = (self.half.field.snr(), twin.field.snr());
            let weight = (64.0 * half_snr / (half_snr + twin_snr)) as i16;
            for (pair, other) in pairs.iter_mut().zip(others) {
                let sum = weight * i16::from(*pair) + (64 - weight) * i16::from(other);
                *pair = (sum >> 6) as i8;
            }
        }
        pairs
    }

    /// Power of the signal in a sample, and its ratio to that of the noise.
    fn power_and_snr(&self) -> (f32, f32) {
        match &self.whole {
            Some(whole) => (whole.field.power, whole.field.snr()),
            None => (self.half.field.power, self.half.field.snr()),
        }
    }

    /// The start of the first of two symbols in a row that had no power.
    fn lost_since(&mut self, start: u64, power: f32, expected: f32, snr: f32) -> Option<u64> {
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

    fn carrier_lost(&mut self, at: u64, config: &RxConfig) -> Progress {
        let at = at.max(self.start);
        let symbol = self.symbol_at(at);
        let sample = SampleIndex(at * config.bandwidth.oversampling() as u64);
        let failure =
            self.cut(RxFailure::CarrierLost { at: sample, symbol, symbols: self.symbols() });
        Progress::Done { frame: self.frame(Err(failure), at, config), resume: at }
    }

    /// Ends because a stronger PPDU began at `at`.
    pub(super) fn captured(&mut self, at: u64, config: &RxConfig) -> Box<RxFrame> {
        let symbol = self.symbol_at(at);
        let sample = SampleIndex(at * config.bandwidth.oversampling() as u64);
        let failure = self.cut(RxFailure::Captured { at: sample, symbol, symbols: self.symbols() });
        self.frame(Err(failure), at, config)
    }

    /// Ends because no more samples come.
    pub(super) fn cut_off(&mut self, at: u64, config: &RxConfig) -> Box<RxFrame> {
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

    fn done(&mut self, outcome: Result<Data, RxFailure>, config: &RxConfig) -> Progress {
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

/// A symbol that was read.
struct Read {
    /// Mean power of its samples.
    power: f32,
    /// The outcome, if the PPDU ends with it.
    outcome: Option<Result<Data, RxFailure>>,
    /// Samples of a 20 MHz channel that it takes.
    samples: usize,
}

impl HalfPoints {
    /// Without the quarter turn of HT-SIG.
    fn turned_back(self) -> Self {
        let back = |points: Spectrum<64>| points.turned(-Complex32::I);
        Self { half: back(self.half), twin: self.twin.map(back) }
    }
}

/// From points to the decoder's pairs; data points are kept if asked for.
fn soft_pairs<const N: usize>(
    demodulator: &mut Demodulator<N>,
    points: Spectrum<N>,
    rate: Rate,
    workshop: &mut Workshop,
    kept: Option<&mut Vec<Complex32>>,
) -> Pairs {
    let equalised = demodulator.by_decisions(points, rate.modulation());
    if let Some(kept) = kept {
        let layout = demodulator.field.layout;
        let parts = layout.data_of(&equalised.points.re).zip(layout.data_of(&equalised.points.im));
        kept.extend(parts.map(|(re, im)| Complex32::new(re, im)));
    }
    gather(&equalised, rate, workshop)
}

/// From equalised points to the decoder's pairs.
fn gather<const N: usize>(equalised: &Equalised<N>, rate: Rate, workshop: &mut Workshop) -> Pairs {
    let mut soft = [[0; N]; PLANES];
    demap(rate.modulation(), &equalised.points, &equalised.reliability, &mut soft);
    let mut pairs = [0; MAX_PAIRS];
    workshop.deinterleaver.gather(rate, &soft, &mut pairs);
    pairs
}

/// The half of a 40 MHz channel that a lane is.
fn half_of(lane: usize) -> Placement {
    if lane == 0 { Placement::Lower } else { Placement::Upper }
}

fn too_large(length: usize, config: &RxConfig) -> Option<RxFailure> {
    let max = config.max_psdu_len;
    (length > max).then_some(RxFailure::LengthTooLarge { length, max })
}
