//! A continuous tone beside the frames: telling that it is there, and what it does to them.
//!
//! Spurs of the radio and carriers of others stay for long, where a short training field lasts
//! 160 samples. Once a tone has stayed, its frequency and power are averaged between frames,
//! and each frame is received with that knowledge: the carrier offset without the tone's part,
//! and the subcarriers near it with as little weight as they deserve.

use num_complex::Complex32;

use super::layout::Layout;
use super::rotate::phasor;

/// A tone as it was between frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tone {
    /// Radians a sample.
    pub(super) omega: f64,
    /// Power in a sample.
    pub(super) power: f32,
}

impl Tone {
    /// The tone's part in the mean of x[n] conj(x[n - lag]).
    pub(super) fn lagged(&self, lag: usize) -> Complex32 {
        phasor(self.omega * lag as f64) * self.power
    }

    /// The tone's power in each bin of a symbol whose carrier offset `omega` was taken away, on
    /// the scale on which a frame of unit power has unit subcarriers.
    pub(super) fn in_bins<const N: usize>(&self, omega: f64, layout: &Layout<N>) -> [f32; N] {
        let per_bin = std::f64::consts::TAU / N as f64;
        let power = layout.tones.occupied.len() as f32 * self.power;
        layout.subcarrier.map(|subcarrier| {
            // The Dirichlet kernel of N samples.
            let half = 0.5 * (self.omega - omega - per_bin * f64::from(subcarrier));
            let (top, bottom) = ((N as f64 * half).sin(), half.sin());
            let kernel = if bottom.abs() < 1e-6 { 1.0 } else { top / (bottom * N as f64) };
            power * (kernel * kernel) as f32
        })
    }
}

/// Correlations of one window of samples.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Correlations {
    /// With the samples 1 before, which tells any frequency roughly.
    pub(super) lag1: Complex32,
    /// With the samples 8 before, which tells it precisely, up to whole turns.
    pub(super) lag8: Complex32,
}

/// Tells a tone, which stays, from the beginning of a short training field, which for less than
/// a period looks like one, and from its end in a channel with deep fades.
#[derive(Default)]
pub(super) struct ToneWatch {
    score: u8,
    mean: Correlations,
}

/// Blocks for which a tone must have been there: longer than a short training field.
const ENOUGH: u8 = 16;
/// The score is bounded so that a tone that ends is soon forgotten.
const MOST: u8 = 64;
/// Share of a new window in the mean.
const NEWS: f32 = 1.0 / 16.0;

impl ToneWatch {
    /// Takes note of a window between frames that looked like a tone, given its correlations
    /// divided by its samples.
    pub(super) fn seen(&mut self, window: Correlations) {
        self.score = (self.score + 1).min(MOST);
        // The first windows may hold the end of something else.
        let news = if self.is_known() { NEWS } else { 1.0 };
        self.mean.lag1 += (window.lag1 - self.mean.lag1) * news;
        self.mean.lag8 += (window.lag8 - self.mean.lag8) * news;
    }

    /// Whether a tone is there, and not just for the moment.
    pub(super) fn is_known(&self) -> bool {
        self.score >= ENOUGH
    }

    /// Takes note of a window between frames that did not look like a tone.
    pub(super) fn not_seen(&mut self) {
        self.score = self.score.saturating_sub(2);
    }

    /// The tone, if there is one.
    pub(super) fn tone(&self) -> Option<Tone> {
        if !self.is_known() {
            return None;
        }
        let turn = std::f64::consts::TAU;
        let rough = 8.0 * f64::from(self.mean.lag1.arg());
        let precise = f64::from(self.mean.lag8.arg());
        let whole_turns = ((rough - precise) / turn).round();
        Some(Tone { omega: (precise + whole_turns * turn) / 8.0, power: self.mean.lag8.norm() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rx::layout::NON_HT_LAYOUT;

    #[test]
    fn a_tone_is_known_once_it_has_stayed() {
        for omega in [-2.9, -0.5, 0.003, 1.234, 3.1] {
            let mut watch = ToneWatch::default();
            let window =
                Correlations { lag1: phasor(omega) * 4.0, lag8: phasor(8.0 * omega) * 4.0 };
            for _ in 0..ENOUGH {
                assert!(watch.tone().is_none());
                watch.seen(window);
            }
            let tone = watch.tone().unwrap();
            assert!((tone.omega - omega).abs() < 1e-5 && (tone.power - 4.0).abs() < 1e-5);
            (0..MOST).for_each(|_| watch.not_seen());
            assert!(watch.tone().is_none());
        }
    }

    #[test]
    fn a_tone_on_a_subcarrier_is_nowhere_else() {
        let per_bin = std::f64::consts::TAU / 64.0;
        let tone = Tone { omega: 7.0 * per_bin + 0.01, power: 0.5 };
        for (bin, power) in tone.in_bins(0.01, &NON_HT_LAYOUT).into_iter().enumerate() {
            let expected = if bin == 7 { 26.0 } else { 0.0 };
            assert!((power - expected).abs() < 1e-3, "{bin}: {power}");
        }
    }
}
