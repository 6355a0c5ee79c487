//! Finding a short training field, and its coarse carrier offset.
//!
//! The short training field repeats every 16 samples, so the correlation of the samples with
//! themselves 16 earlier, over 128 of them, comes near their energy. So it does for a DC
//! offset or any other tone. A tone, though, also repeats after 8 samples (up to its phase),
//! where the short training symbol is orthogonal to itself: its twelve subcarriers are +-4 to
//! +-24, for which the sum of (-1)^(k/4) is zero. The lag-8 correlation therefore tells how much
//! of the lag-16 correlation is a tone's, and that part is taken away before the decision.
//!
//! Everything is summed over blocks of 16 samples that lie at multiples of 16, and windows are
//! sums of whole blocks: no running sums, which drift after a power step of 80 dB, and nothing
//! that depends on how the samples arrived.

use num_complex::Complex32;

use super::dc::DcTracker;
use super::history::History;
use super::sums::{BlockWindow, Sums};
use super::tone::{Correlations, Tone, ToneWatch};

/// Samples in a block: one period of the short training symbol.
pub(super) const BLOCK: u64 = 16;
/// Blocks in the correlation window. With the lag of one more block they fit into the ten
/// periods of the field however it lies.
pub(super) const WINDOW_BLOCKS: u64 = 8;
const WINDOW: usize = (WINDOW_BLOCKS * BLOCK) as usize;

/// Correlation over energy, the greater of the two stretches', that counts as a detection. A frame
/// at 0 dB has 0.5; noise reaches this in one window of e^(-128 * 0.36^2) = 6e-8.
const THRESHOLD: f32 = 0.36;
/// Share of the lag-8 correlation in the energy from which it is taken for a tone. Below, it is
/// as likely to be noise or a frequency-selective channel.
const TONE_SHARE: f32 = 0.3;
/// What is left of the energy when a tone is taken away is at least this share of it: rounding
/// leaves as much of a tone in digital silence, and less is no frame that could be decoded.
const LEFT_OF_TONE: f32 = 3e-3;
/// Standard deviations by which a correlation beside a tone must exceed what the tone's
/// products with noise make.
const TONE_DEVIATIONS: f32 = 4.0;
/// Blocks after which a known tone is measured again.
const LOOK_AT_TONE: u64 = 8;
/// Blocks without a new maximum after which the maximum is taken for the end of the field.
const BLOCKS_PAST_PEAK: u64 = 3;
/// A correlation that fell to this share of its maximum is past it.
const FALLEN: f32 = 0.8;

/// A short training field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detection {
    /// One past the last sample of the window with the largest correlation: near the end of
    /// the field, usually within a block of it.
    pub(super) end: u64,
    /// Carrier offset in radians a sample, unambiguous up to pi/16 (625 kHz at 20 MHz).
    pub(super) omega: f64,
    /// DC offset of the samples around it.
    pub(super) dc: Complex32,
    /// A tone that was there before.
    pub(super) tone: Option<Tone>,
}

/// Searches blocks one after the other.
pub(super) struct Detector {
    next_block: u64,
    window: BlockWindow,
    peak: Option<Peak>,
    dc: DcTracker,
    tone: ToneWatch,
}

/// The largest correlation of a detection that is still rising.
struct Peak {
    magnitude: f32,
    block: u64,
    detection: Detection,
}

impl Detector {
    pub(super) fn new() -> Self {
        Self {
            next_block: 1,
            window: BlockWindow::default(),
            peak: None,
            dc: DcTracker::default(),
            tone: ToneWatch::default(),
        }
    }

    /// Goes on with an empty window and the samples from `index` on, which are first correlated
    /// with each other one block later.
    pub(super) fn restart(&mut self, index: u64) {
        self.next_block = index.div_ceil(BLOCK) + 1;
        self.window = BlockWindow::default();
        self.peak = None;
    }

    /// First sample that the search will still read.
    pub(super) fn needs_from(&self) -> u64 {
        (self.next_block + 1).saturating_sub(WINDOW_BLOCKS + 2) * BLOCK
    }

    /// One past the last sample of the next block.
    pub(super) fn needs_until(&self) -> u64 {
        (self.next_block + 1) * BLOCK
    }

    /// Searches whole blocks that end by `limit` until one completes a detection.
    pub(super) fn advance(&mut self, history: &History, limit: u64) -> Option<Detection> {
        while self.needs_until() <= limit {
            let block = self.next_block;
            self.next_block += 1;
            let samples = history.get((block - 1) * BLOCK, 2 * BLOCK as usize);
            let (before, now) = samples.split_at(BLOCK as usize);
            let sums = Sums::of(now, before, self.dc.offset);
            self.dc.update(&sums);
            let sums = self.window.push(sums);
            // Only between frames is a tone to be told from what they look like in part.
            let between = self.dc.is_floor(sums.energy / WINDOW_BLOCKS as f32);
            let candidate = if !self.window.is_full() {
                None
            } else if self.is_worth_a_look(block, &sums) {
                self.without_tone(history, (block + 1) * BLOCK, between)
            } else {
                if between && !self.tone.is_known() {
                    self.tone.not_seen();
                }
                None
            };
            if let Some(detection) = self.follow(block, candidate) {
                return Some(detection);
            }
        }
        None
    }

    /// Whether the window should be looked at closely, by its sums alone. A known tone is looked
    /// at from time to time.
    fn is_worth_a_look(&self, block: u64, sums: &Sums) -> bool {
        // Half the threshold leaves room for a tone that opposes the field's correlation.
        let Some(tone) = self.tone.tone() else {
            return exceeds(sums.lagged, 0.5 * THRESHOLD * sums.energy);
        };
        let power = tone.power * WINDOW as f32;
        let lag16 = sums.lagged - tone.lagged(BLOCK as usize) * WINDOW as f32;
        let energy = without_power(sums.energy, power);
        let expected = THRESHOLD * (energy + tone_margin(power, energy));
        block.is_multiple_of(LOOK_AT_TONE) || exceeds(lag16, 0.5 * expected)
    }

    /// The correlation over the window that ends at `end`, with a tone's share taken out, if
    /// what remains is a detection.
    fn without_tone(
        &mut self,
        history: &History,
        end: u64,
        between: bool,
    ) -> Option<(f32, Detection)> {
        // Summed anew, so that one DC offset holds for the whole window.
        let dc = self.dc.offset;
        let back = |samples: u64| history.get(end - WINDOW as u64 - samples, WINDOW);
        let Sums { lagged: mut lag16, energy: now, .. } = Sums::of(back(0), back(BLOCK), dc);
        // Where a strong frame has just ended, its last samples make any noise look like it.
        let mut energy = now.max(Sums::of(back(BLOCK), back(BLOCK), dc).energy);
        let lag8 = Sums::of(back(0), back(BLOCK / 2), dc).lagged;

        let tone = lag8.norm();
        let mut margin = 0.0;
        let per_sample = 1.0 / WINDOW as f32;
        let looks_like_a_tone = tone > TONE_SHARE * energy;
        if between && looks_like_a_tone {
            let lag1 = Sums::of(back(0), back(1), dc).lagged * per_sample;
            self.tone.seen(Correlations { lag1, lag8: lag8 * per_sample });
        } else if between {
            self.tone.not_seen();
        }
        if let Some(known) = self.tone.tone() {
            // Between frames the window itself knows the tone best; a frame drowns it, and what
            // is known from before has to do.
            let (at_16, power) = if between && looks_like_a_tone {
                (lag8 * lag8 / tone, tone)
            } else {
                (known.lagged(BLOCK as usize) * WINDOW as f32, known.power * WINDOW as f32)
            };
            lag16 -= at_16;
            energy = without_power(energy, power);
            margin = tone_margin(power, energy);
        }
        let omega = f64::from(lag16.arg()) / BLOCK as f64;
        let detection = Detection { end, omega, dc, tone: self.tone.tone() };
        (lag16.norm() > THRESHOLD * energy + margin).then(|| (lag16.norm(), detection))
    }

    /// Follows the correlation over its maximum, which comes when the window lies in the field.
    fn follow(&mut self, block: u64, candidate: Option<(f32, Detection)>) -> Option<Detection> {
        match (&self.peak, candidate) {
            (None, None) => None,
            (None, Some((magnitude, detection))) => {
                self.peak = Some(Peak { magnitude, block, detection });
                None
            }
            (Some(peak), Some((magnitude, detection))) if magnitude > peak.magnitude => {
                self.peak = Some(Peak { magnitude, block, detection });
                None
            }
            (Some(peak), candidate) => {
                let fallen = candidate.is_none_or(|(now, _)| now < FALLEN * peak.magnitude);
                let past = fallen || block >= peak.block + BLOCKS_PAST_PEAK;
                past.then(|| self.peak.take()).flatten().map(|peak| peak.detection)
            }
        }
    }
}

/// Whether a correlation is larger than a bound. The square, in double precision, which does not
/// overflow, spares the root.
fn exceeds(correlation: Complex32, bound: f32) -> bool {
    let (re, im) = (f64::from(correlation.re), f64::from(correlation.im));
    re * re + im * im > f64::from(bound) * f64::from(bound)
}

/// What is left of the energy without a tone's, no less than rounding would leave.
fn without_power(energy: f32, tone: f32) -> f32 {
    (energy - tone).max(LEFT_OF_TONE * energy)
}

/// What the products of a tone with the rest of the energy may add to a correlation: they do not
/// average out over the window.
fn tone_margin(tone: f32, rest: f32) -> f32 {
    TONE_DEVIATIONS * (2.0 * tone * rest / WINDOW as f32).sqrt()
}
