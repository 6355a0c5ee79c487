//! From samples to equalised points, symbol by symbol, for one stream of samples: a channel of
//! 20 MHz, or the whole of 40.

use num_complex::Complex32;

use super::bins::derotate;
use super::cfo::fine_offset;
use super::channel::{ChannelEstimator, ChannelField};
use super::detect::Detection;
use super::equalise::{Equalised, Equaliser, Expected};
use super::halves::Half;
use super::history::History;
use super::layout::NON_HT_LAYOUT;
use super::rotate::{Phasors, phasor};
use super::spectrum::Spectrum;
use super::timing::Timing;
use super::tone::Tone;
use super::workshop::{SymbolFft, WideWorkshop, Workshop};
use crate::Modulation;
use crate::subcarriers::{FFT_LEN, NON_HT, Tones};
use crate::timing::SYMBOL_SAMPLES;

/// A symbol's bins as they came, and their mean power in time.
pub(super) struct Received<const N: usize> {
    bins: [Complex32; N],
    pub(super) power: f32,
}

/// Follows a PPDU through its stream.
pub(super) struct Demodulator<const N: usize> {
    /// First sample of the next symbol's FFT window.
    window: u64,
    /// First sample of the training symbols' first window: carrier phase is zero here.
    origin: u64,
    /// Carrier offset in radians a sample.
    omega: f64,
    dc: Complex32,
    tone: Option<Tone>,
    /// e^-jwn over an FFT window, times the scale at which unit power gives unit bins.
    derotation: [Complex32; N],
    pub(super) field: ChannelField<N>,
    equaliser: Equaliser<N>,
}

impl Demodulator<64> {
    /// Reads the long training field.
    pub(super) fn begin(
        history: &History,
        detection: &Detection,
        timing: Timing,
        workshop: &mut Workshop,
    ) -> Self {
        let omega = fine_offset(history, detection, &timing);
        let derotation = derotation(omega, &NON_HT);
        let mut symbol = |at: u64| {
            let samples = history.get(at, FFT_LEN);
            let (bins, _) = workshop.fft.transform(samples, detection.dc, &derotation);
            Spectrum::from_bins(&bins).turned(phasor(-omega * (at - timing.window) as f64))
        };
        let first = symbol(timing.window);
        let second = symbol(timing.window + FFT_LEN as u64);
        let tone = detection.tone.map(|tone| tone.in_bins(omega, &NON_HT_LAYOUT));
        let field = workshop.non_ht.of_pair(&first, &second, tone.as_ref());
        Self {
            // After the second long symbol and SIGNAL's guard interval.
            window: timing.window + (2 * FFT_LEN + SYMBOL_SAMPLES - FFT_LEN) as u64,
            origin: timing.window,
            omega,
            dc: detection.dc,
            tone: detection.tone,
            derotation,
            equaliser: Equaliser::new(&field, None),
            field,
        }
    }

    /// Reads the HT-LTF of a PPDU 20 MHz wide; what follows is HT data. Returns its power.
    pub(super) fn train_ht20(&mut self, history: &History, workshop: &mut Workshop) -> f32 {
        let stream =
            Stream { window: self.window, omega: self.omega, dc: self.dc, tone: self.tone };
        let (trained, power) = self.trained(stream, history, &mut workshop.fft, &workshop.ht20);
        *self = trained;
        power
    }

    /// Reads the HT-LTF of a PPDU 40 MHz wide, of which this has been one half; gives the
    /// demodulator of its HT data, and its power.
    pub(super) fn train_ht40(
        &self,
        half: Half,
        whole: &History,
        workshop: &mut WideWorkshop,
    ) -> (Demodulator<128>, f32) {
        let stream = Stream {
            window: 2 * self.window,
            omega: self.omega / 2.0,
            // Direct current lies between the subcarriers that are used.
            dc: Complex32::ZERO,
            tone: self.tone.map(|tone| half.tone_in_whole(tone)),
        };
        self.trained(stream, whole, &mut workshop.fft, &workshop.ht40)
    }

    /// The demodulator of what follows an HT-LTF, and the HT-LTF's power.
    fn trained<const N: usize>(
        &self,
        stream: Stream,
        history: &History,
        fft: &mut SymbolFft<N>,
        estimator: &ChannelEstimator<N>,
    ) -> (Demodulator<N>, f32) {
        let Stream { window, omega, dc, tone } = stream;
        let layout = estimator.layout();
        let derotation = derotation(omega, layout.tones);
        let (bins, power) = fft.transform(history.get(window, N), dc, &derotation);
        // Of 40 MHz a sample has twice the noise, and a symbol twice the samples.
        let noise = self.field.noise * more_tones(layout.tones);
        let interference = tone.map(|tone| tone.in_bins(omega, layout));
        let field = estimator.of_one(&Spectrum::from_bins(&bins), noise, interference.as_ref());
        let equaliser = Equaliser::new(&field, Some(self.equaliser.trend()));
        let trained =
            Demodulator { window, origin: window, omega, dc, tone, derotation, equaliser, field };
        (trained, power)
    }
}

/// What is known of a stream when an HT-LTF comes: its first sample, and what else is in it.
struct Stream {
    window: u64,
    omega: f64,
    dc: Complex32,
    tone: Option<Tone>,
}

impl<const N: usize> Demodulator<N> {
    /// Samples of the stream for each of a 20 MHz channel.
    const OVERSAMPLING: u64 = (N / FFT_LEN) as u64;

    /// First sample of the next symbol's FFT window.
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// One past the last sample that the next symbol needs.
    pub(super) fn needs_until(&self) -> u64 {
        self.window + N as u64
    }

    /// The next symbol's bins.
    pub(super) fn receive(&self, history: &History, fft: &mut SymbolFft<N>) -> Received<N> {
        let samples = history.get(self.window, N);
        let (bins, power) = fft.transform(samples, self.dc, &self.derotation);
        Received { bins, power }
    }

    /// The next symbol's mean power alone.
    pub(super) fn power(&self, history: &History) -> f32 {
        let mut bins = [Complex32::ZERO; N];
        derotate(history.get(self.window, N), self.dc, &self.derotation, &mut bins)
    }

    /// The points of the next symbol, `elapsed` symbols of 80 samples after the one before.
    pub(super) fn by_pilots(
        &mut self,
        received: &Received<N>,
        elapsed: f32,
        polarity: f32,
        symbol: usize,
    ) -> Spectrum<N> {
        let carrier = self.omega * (self.window - self.origin) as f64;
        let expected = Expected { elapsed, carrier, polarity, symbol };
        self.equaliser.by_pilots(&received.bins, &expected)
    }

    /// How much more the points of the symbol at hand lie along the imaginary axis than along the
    /// real one.
    pub(super) fn quadrature(&self, points: &Spectrum<N>) -> f32 {
        let points = points.turned(self.equaliser.turn());
        let layout = self.field.layout;
        let parts = layout.data_of(&points.re).zip(layout.data_of(&points.im));
        // A point far out is noise on a weak subcarrier.
        parts.map(|(re, im)| (im * im - re * re).clamp(-2.0, 2.0)).sum()
    }

    /// The points, corrected by what they were decided to be.
    pub(super) fn by_decisions(
        &mut self,
        points: Spectrum<N>,
        modulation: Modulation,
    ) -> Equalised<N> {
        self.equaliser.by_decisions(points, modulation)
    }

    /// The points as the pilots have them, which leaves no trace.
    pub(super) fn undecided(&self, points: &Spectrum<N>) -> Equalised<N> {
        self.equaliser.undecided(points)
    }

    /// Goes on to the symbol that begins so many samples of a 20 MHz channel later.
    pub(super) fn advance(&mut self, samples: usize) {
        let slide = self.equaliser.slide();
        let samples = (samples as i64 + slide) * Self::OVERSAMPLING as i64;
        self.window = self.window.saturating_add_signed(samples);
    }

    /// Forgets the errors so far, so that EVM covers what follows.
    pub(super) fn restart_evm(&mut self) {
        self.equaliser.restart_evm();
    }

    /// The equaliser, for what it measured.
    pub(super) fn equaliser(&self) -> &Equaliser<N> {
        &self.equaliser
    }

    /// Carrier offset in radians a sample of a 20 MHz channel, with what was tracked.
    pub(super) fn carrier_offset(&self) -> f64 {
        let tracked = f64::from(self.equaliser.trend().missed_offset()) / SYMBOL_SAMPLES as f64;
        self.omega * Self::OVERSAMPLING as f64 + tracked
    }
}

/// e^-jwn over an FFT window, times the scale at which a signal of unit power that is spread over
/// these tones has unit subcarriers.
fn derotation<const N: usize>(omega: f64, tones: &Tones) -> [Complex32; N] {
    let scale = (tones.occupied.len() as f32).sqrt() / N as f32;
    let mut phasors = Phasors::new(-omega);
    std::array::from_fn(|_| phasors.next() * scale)
}

/// By how much noise, on the scale on which the signal has unit subcarriers, grows when that
/// signal is spread over these tones instead of the non-HT ones.
fn more_tones(tones: &Tones) -> f32 {
    tones.occupied.len() as f32 / NON_HT.occupied.len() as f32
}
