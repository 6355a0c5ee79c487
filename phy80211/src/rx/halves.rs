//! The halves of a 40 MHz channel as two streams of 20 Msample/s.
//!
//! Each half is moved to the middle, low-pass filtered and decimated by two. With a half-band
//! filter both come from the same sums: turning by a quarter of the sample rate multiplies the
//! samples by powers of j, so that of the filter's taps, all odd but the one in the middle, the
//! upper half sees each with the opposite sign.

use multiversion::multiversion;
use num_complex::Complex32;

use super::history::History;
use super::tone::Tone;

/// The filter's outermost tap. It is flat over the 57 subcarriers of an HT PPDU and suppresses
/// those of the other half by 60 dB.
const REACH: usize = 33;
/// Taps on one side.
const TAPS: usize = REACH.div_ceil(2);
/// Outputs that are made at a time.
pub(super) const BLOCK: usize = 256;

/// One of the halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Lower,
    Upper,
}

impl Half {
    /// A tone of this half's stream as it is in the whole channel's.
    pub(super) fn tone_in_whole(self, tone: Tone) -> Tone {
        let quarter = std::f64::consts::FRAC_PI_2;
        let omega = match self {
            Self::Lower => tone.omega / 2.0 - quarter,
            Self::Upper => tone.omega / 2.0 + quarter,
        };
        Tone { omega, ..tone }
    }
}

/// Splits a stream. Sample m of a half is where sample 2m of the whole is.
pub(super) struct Splitter {
    /// Taps 1, 3, 5, .., every other one negated by the turn.
    pub(super) taps: [f32; TAPS],
    /// The next output.
    next: u64,
}

impl Splitter {
    pub(super) fn new() -> Self {
        Self { taps: taps(), next: 0 }
    }

    /// First sample of the whole that is still read if outputs before `from` are not needed.
    pub(super) fn needs_from(&self, from: u64) -> u64 {
        (2 * self.next.max(from)).saturating_sub(REACH as u64).min(2 * from)
    }

    /// Samples by which the halves come later than the whole.
    pub(super) const DELAY: usize = REACH;

    /// How many samples the halves have once the whole has so many.
    pub(super) fn halves_of(whole: u64) -> u64 {
        // Output m reads up to sample 2m + REACH.
        whole.saturating_sub(REACH as u64).div_ceil(2)
    }

    /// Appends to the halves what the whole allows, without what comes before `from`.
    pub(super) fn split(&mut self, from: u64, whole: &History, halves: &mut [History]) {
        let [lower, upper] = halves else { unreachable!("a channel has two halves") };
        let until = Self::halves_of(whole.end());
        let from = from.min(until);
        if self.next < from {
            lower.skip_to(from);
            upper.skip_to(from);
            self.next = from;
        }
        while self.next < until {
            let count = ((until - self.next) as usize).min(BLOCK);
            let (mut low, mut high) = ([Complex32::ZERO; BLOCK], [Complex32::ZERO; BLOCK]);
            if self.next < TAPS as u64 {
                // There is nothing before the first sample.
                self.next += 1;
                lower.push(&low[..1]);
                upper.push(&high[..1]);
                continue;
            }
            self.block(whole, &mut low[..count], &mut high[..count]);
            lower.push(&low[..count]);
            upper.push(&high[..count]);
            self.next += count as u64;
        }
    }

    fn block(&self, whole: &History, low: &mut [Complex32], high: &mut [Complex32]) {
        let count = low.len();
        let from = 2 * self.next - REACH as u64;
        let samples = whole.get(from, 2 * count + 2 * REACH - 1);
        // `from` is odd: every second sample from the first is one that the side taps see.
        let mut odd = [0.0; 2 * (BLOCK + 2 * TAPS) + 32];
        let (odds, _) = odd.as_chunks_mut::<2>();
        for (odd, samples) in odds.iter_mut().zip(samples.chunks(2)) {
            *odd = [samples[0].re, samples[0].im];
        }
        let mut sums = [0.0; 2 * BLOCK];
        side_taps(&self.taps, &odd, &mut sums[..2 * count]);
        let (sums, _) = sums.as_chunks::<2>();
        for (i, &[re, im]) in sums[..count].iter().enumerate() {
            let sign = if (self.next + i as u64).is_multiple_of(2) { 1.0 } else { -1.0 };
            let middle = samples[2 * i + REACH] * (0.5 * sign);
            // j times the sum.
            let side = Complex32::new(-im * sign, re * sign);
            (low[i], high[i]) = (middle - side, middle + side);
        }
    }
}

/// The sums over the side taps, real and imaginary parts in turn, for several instruction
/// sets.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn side_taps(taps: &[f32; TAPS], odd: &[f32], sums: &mut [f32]) {
    plain_side_taps(taps, odd, sums);
}

#[inline(always)]
pub(super) fn plain_side_taps(taps: &[f32; TAPS], odd: &[f32], sums: &mut [f32]) {
    const LANES: usize = 32;
    for (block, sums) in sums.chunks_mut(LANES).enumerate() {
        let mut lanes = [0.0; LANES];
        for (n, tap) in taps.iter().enumerate() {
            // Tap 2n + 1 sees the samples as far before and after the middle.
            let before = &odd[block * LANES + 2 * (TAPS - 1 - n)..][..LANES];
            let after = &odd[block * LANES + 2 * (TAPS + n)..][..LANES];
            for i in 0..LANES {
                lanes[i] += (before[i] - after[i]) * tap;
            }
        }
        sums.copy_from_slice(&lanes[..sums.len()]);
    }
}

/// A sinc of half the band under a Kaiser window, the taps on one side, with the sign that the
/// turn by a quarter of the sample rate gives them.
fn taps() -> [f32; TAPS] {
    // Kaiser's parameter for 60 dB.
    const BETA: f64 = 5.65;
    let mut taps = std::array::from_fn(|n| {
        let k = (2 * n + 1) as f64;
        let sinc = (std::f64::consts::FRAC_PI_2 * k).sin() / (std::f64::consts::PI * k);
        let edge = k / (REACH + 1) as f64;
        sinc * bessel_i0(BETA * (1.0 - edge * edge).sqrt()) / bessel_i0(BETA)
    });
    // The side taps make the other half of a gain of one.
    let sum: f64 = 2.0 * taps.iter().sum::<f64>();
    for (n, tap) in taps.iter_mut().enumerate() {
        *tap *= 0.5 / sum * if n % 2 == 0 { 1.0 } else { -1.0 };
    }
    taps.map(|tap| tap as f32)
}

/// The modified Bessel function I0 by its series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::rotate::phasor;
    use super::*;

    /// Mean amplitudes in the lower and the upper half of a tone at `mhz` in the whole.
    fn halves_of(mhz: f64) -> [f32; 2] {
        let mut whole = History::default();
        let mut halves = [History::default(), History::default()];
        let mut splitter = Splitter::new();
        let omega = std::f64::consts::TAU * mhz / 40.0;
        let samples: Vec<_> = (0..4000).map(|n| phasor(omega * f64::from(n))).collect();
        for chunk in samples.chunks(333) {
            whole.push(chunk);
            splitter.split(0, &whole, &mut halves);
        }
        assert_eq!(halves[0].end(), 1984);
        let moved = [10.0, -10.0];
        std::array::from_fn(|half| {
            // Against the tone as it should be in the half.
            let omega = std::f64::consts::TAU * (mhz + moved[half]) / 20.0;
            let there = halves[half].get(100, 1800);
            let sum: Complex32 =
                there.iter().zip(100..).map(|(x, m)| x * phasor(-omega * f64::from(m))).sum();
            assert!(sum.im.abs() < 1e-2, "{sum}");
            sum.re / 1800.0
        })
    }

    #[test]
    fn what_was_skipped_changes_nothing_after_it() {
        let mut whole = History::default();
        let samples: Vec<_> = (0..2000).map(|n| phasor(f64::from(n * n) * 1e-3)).collect();
        whole.push(&samples);
        let halves = [0, 400].map(|from| {
            let mut halves = [History::default(), History::default()];
            Splitter::new().split(from, &whole, &mut halves);
            halves
        });
        let [all, later] = &halves;
        for (all, later) in all.iter().zip(later) {
            assert_eq!(all.end(), later.end());
            assert_eq!(all.get(400, 500), later.get(400, 500));
        }
    }

    #[test]
    fn what_is_in_one_half_is_whole_there_and_not_in_the_other() {
        for mhz in [-18.8, -14.0, -10.0, -3.0, -1.2] {
            let [lower, upper] = halves_of(mhz);
            assert!((lower - 1.0).abs() < 2e-3 && upper.abs() < 1.1e-3, "{mhz}: {lower} {upper}");
            let [lower, upper] = halves_of(-mhz);
            assert!((upper - 1.0).abs() < 2e-3 && lower.abs() < 1.1e-3, "{mhz}: {lower} {upper}");
        }
    }
}
