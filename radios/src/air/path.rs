//! The way of a radio's bursts to another radio: gain, delay, echoes, and what the difference of the
//! oscillators at both ends does.

use num_complex::Complex32;

use super::drift::Drift;
use super::spin::Spin;
use crate::radio::SampleTime;
use crate::tx_queue::Piece;

/// What arrives at an antenna: the sum of all paths, from some sample on.
#[derive(Default)]
pub(super) struct Sum {
    samples: Vec<Complex32>,
    /// Samples that may differ from nought, at the beginning.
    used: usize,
}

impl Sum {
    /// The first `len` samples; none if they are all nought.
    pub(super) fn first(&self, len: usize) -> Option<&[Complex32]> {
        (self.used > 0).then(|| &self.samples[..len])
    }

    /// Forgets the first `len` samples.
    pub(super) fn advance(&mut self, len: usize) {
        let left = self.used.saturating_sub(len);
        self.samples.copy_within(len.min(self.used)..self.used, 0);
        self.samples[left..self.used].fill(Complex32::ZERO);
        self.used = left;
    }

    /// Makes room, so that [`Sum::first`] has so many samples.
    pub(super) fn reserve(&mut self, len: usize) {
        if self.samples.len() < len {
            self.samples.resize(len, Complex32::ZERO);
        }
    }

    fn add(&mut self, offset: usize, samples: &[Complex32], gain: Complex32) {
        let end = offset + samples.len();
        self.reserve(end);
        self.used = self.used.max(end);
        for (sum, x) in self.samples[offset..end].iter_mut().zip(samples) {
            sum.re += gain.re * x.re - gain.im * x.im;
            sum.im += gain.re * x.im + gain.im * x.re;
        }
    }
}

/// A way, and the burst that is on it.
pub(super) struct Path {
    delay: u64,
    /// Gains of the echoes, one a sample of delay.
    echoes: Vec<Complex32>,
    spin: Option<Spin>,
    drift: Option<Drift>,
    /// When the next sample of the burst leaves the transmitter, by the receiver's clock; none before
    /// the first that takes this way.
    next: Option<SampleTime>,
    drifted: Vec<Complex32>,
    spun: Vec<Complex32>,
}

impl Path {
    /// A way with the gains of its echoes after `delay` samples, on which the carrier turns by so
    /// many turns a sample and the transmitter's clock is fast by `clock_ppm`.
    pub(super) fn new(
        delay: u64,
        echoes: Vec<Complex32>,
        turns_per_sample: f64,
        clock_ppm: f64,
    ) -> Self {
        let drift = (clock_ppm != 0.0).then(|| Drift::new(clock_ppm));
        Self {
            delay: delay.max(drift.as_ref().map_or(0, |_| Drift::DELAY)),
            echoes,
            spin: (turns_per_sample != 0.0).then(|| Spin::new(turns_per_sample)),
            drift,
            next: None,
            drifted: Vec::new(),
            spun: Vec::new(),
        }
    }

    /// Adds what becomes of some samples of a burst to `sum`, the first sample of which is at `now`.
    pub(super) fn carry(&mut self, piece: &Piece, amplitude: f32, now: SampleTime, sum: &mut Sum) {
        let leaves = if piece.begins { piece.at } else { self.next.unwrap_or(piece.at) };
        let mut drifted = std::mem::take(&mut self.drifted);
        drifted.clear();
        let samples = match &mut self.drift {
            None => piece.samples,
            Some(drift) => {
                if piece.begins {
                    drift.restart();
                }
                drift.process(piece.samples, &mut drifted);
                if piece.ends {
                    drift.finish(&mut drifted);
                }
                &drifted
            }
        };
        self.next = Some(leaves + samples.len() as u64);
        let offset = (leaves + self.delay).since(now) as usize;
        let samples = match &self.spin {
            None => samples,
            Some(spin) => {
                self.spun.clear();
                spin.process(leaves, samples, &mut self.spun);
                &self.spun
            }
        };
        for (echo, &gain) in self.echoes.iter().enumerate() {
            sum.add(offset + echo, samples, gain * amplitude);
        }
        self.drifted = drifted;
    }
}
