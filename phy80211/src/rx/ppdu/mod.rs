//! Reception of one PPDU, symbol by symbol: SIGNAL, HT-SIG if there is one, then the DATA field.
//!
//! ```text
//! Signal ─► AfterSignal ─► Data                             non-HT
//!                      └─► HtSig ─► Training ─► Data        HT-mixed
//!                               └─► Skip                    HT-mixed, not decoded
//!       └► HtSig ─► Skip                                    HT-greenfield
//! ```

mod data;
mod ending;
mod headers;

use num_complex::Complex32;

use super::air::Air;
use super::demodulator::Demodulator;
use super::descramble::Descrambler;
use super::detect::Detection;
use super::frame::{Data, FrameDetail, RxFailure, RxFrame, RxHeader, RxVector, SampleIndex};
use super::halves::Splitter;
use super::header::Pairs;
use super::spectrum::Spectrum;
use super::timing::Timing;
use super::{RxConfig, Workshop};
use crate::timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES, ppdu_samples};
use crate::{HtWidth, OfdmRate, Placement, Signal};

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

    /// Whether it is received from the whole of a 40 MHz channel.
    pub(super) fn is_wide(&self) -> bool {
        self.whole.is_some()
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
        if let Stage::Skip { until, failure } = self.stage {
            let samples = SYMBOL_SAMPLES;
            let last = self.start + self.taken + samples as u64 >= until;
            let power = self.half.power(air.lane(self.lane));
            return Read { power, outcome: last.then_some(Err(failure)), samples };
        }
        let received = self.half.receive(air.lane(self.lane), &mut workshop.fft);
        let power = received.power;
        let (polarity, symbol, samples) = match self.stage {
            Stage::Data { symbol } => {
                (self.first_data_polarity() + symbol, symbol, self.data_symbol_samples())
            }
            // In greenfield it is the second symbol of all.
            Stage::AfterSignal | Stage::HtSig { otherwise: Some(_), .. } => (1, 0, SYMBOL_SAMPLES),
            Stage::HtSig { .. } => (2, 0, SYMBOL_SAMPLES),
            Stage::Signal | Stage::Training | Stage::Skip { .. } => (0, 0, SYMBOL_SAMPLES),
        };
        let polarity = workshop.polarity[polarity % workshop.polarity.len()];
        let elapsed = match self.stage {
            // From the middle of the long training field's two windows.
            Stage::Signal => 112,
            _ => samples,
        };
        let elapsed = elapsed as f32 / SYMBOL_SAMPLES as f32;
        let half = self.half.by_pilots(&received, elapsed, polarity, symbol);
        let twin = self.twin.as_mut().map(|twin| {
            let received = twin.receive(air.lane(1 - self.lane), &mut workshop.fft);
            twin.by_pilots(&received, elapsed, polarity, symbol)
        });
        let points = HalfPoints { half, twin };
        let outcome = self.take_points(points, workshop, config);
        Read { power, outcome, samples }
    }

    fn first_data_polarity(&self) -> usize {
        if self.rxvector.is_some_and(|rxvector| rxvector.is_ht()) { 3 } else { 1 }
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
