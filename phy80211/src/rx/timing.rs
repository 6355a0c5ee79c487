//! Symbol timing from the long training field.
//!
//! The two long training symbols are added on top of each other, which doubles the signal's
//! amplitude and only the noise's power, and correlated with the known symbol. The largest
//! value is the strongest path; the FFT window is placed by the first path that counts.

use num_complex::Complex32;

use super::detect::Detection;
use super::history::History;
use super::rotate::Phasors;
use super::workshop::long_symbol;
use crate::subcarriers::FFT_LEN;

/// Earliest place of the long training symbol after the end of a detection's window. The field
/// would put it 32 to 48 samples after; at low SNR the window may end early.
const FIRST: u64 = 8;
/// Places that are tried.
const PLACES: usize = 112;
/// Samples of the sum of both symbols that the correlation reads.
const SUMMED: usize = PLACES + FFT_LEN;

/// Squared correlation over energy that counts as a long training symbol. Noise reaches 0.15
/// in one of a hundred searches; the strongest path of an 802.11 channel has more.
const THRESHOLD: f32 = 0.15;
/// Power of the first path over that of the strongest: above the sidelobes of the training
/// symbol's own correlation, which are 14 dB down.
const FIRST_PATH: f32 = 0.1;
/// How far before the strongest path the first one may lie.
const SPREAD: usize = 12;
/// Samples by which the FFT window starts in the guard interval before the first path, for the
/// band-limited pulse rises before its peak.
const BACKOFF: u64 = 3;

/// Where the symbols of a PPDU lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    /// First sample of the first path's short training field.
    pub(super) start: u64,
    /// First sample of the FFT window of the first long training symbol.
    pub(super) window: u64,
}

/// Finds the long training field after a short one.
pub(super) struct TimingSearch {
    /// Conjugate of the long training symbol in time: real parts, imaginary parts.
    template: ([f32; FFT_LEN], [f32; FFT_LEN]),
}

impl TimingSearch {
    pub(super) fn new() -> Self {
        let long_symbol = long_symbol();
        Self { template: (long_symbol.map(|x| x.re), long_symbol.map(|x| -x.im)) }
    }

    /// One past the last sample that the search for this detection reads.
    pub(super) fn needs_until(detection: &Detection) -> u64 {
        detection.end + FIRST + (SUMMED + FFT_LEN) as u64
    }

    /// The timing of the PPDU; `None` if no long training field follows.
    pub(super) fn locate(&self, history: &History, detection: &Detection) -> Option<Timing> {
        let from = detection.end + FIRST;
        let samples = history.get(from, SUMMED + FFT_LEN);
        let (mut re, mut im) = ([0.0f32; SUMMED], [0.0f32; SUMMED]);
        // Only the carrier's turn over the 64 samples between the symbols matters for adding
        // them; its turn within the symbol costs correlation, so both are taken away.
        let mut phasors = Phasors::new(-detection.omega);
        let step = Complex32::cis((-detection.omega * FFT_LEN as f64) as f32);
        for (n, (re, im)) in re.iter_mut().zip(&mut im).enumerate() {
            let second = (samples[n + FFT_LEN] - detection.dc) * step;
            let sum = (samples[n] - detection.dc + second) * phasors.next();
            (*re, *im) = (sum.re, sum.im);
        }

        let correlation = self.correlate(&re, &im);
        let (peak, &power) = correlation.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        let symbol = peak..peak + FFT_LEN;
        let energy: f32 = re[symbol.clone()].iter().chain(&im[symbol]).map(|x| x * x).sum::<f32>()
            * FFT_LEN as f32;
        // NaN is no training field.
        if power.is_nan() || energy.is_nan() || power <= THRESHOLD * energy {
            return None;
        }
        let first = (peak.saturating_sub(SPREAD)..=peak)
            .find(|&place| correlation[place] >= FIRST_PATH * power)
            .unwrap_or(peak);
        let first_path = from + first as u64;
        // Ten short symbols and the double guard interval come before.
        Some(Timing { start: first_path.saturating_sub(192), window: first_path - BACKOFF })
    }

    /// Squared correlation with the long training symbol at each place.
    fn correlate(&self, re: &[f32; SUMMED], im: &[f32; SUMMED]) -> [f32; PLACES] {
        let (mut sum_re, mut sum_im) = ([0.0f32; PLACES], [0.0f32; PLACES]);
        for (k, (&t_re, &t_im)) in self.template.0.iter().zip(&self.template.1).enumerate() {
            let (re, im) = (&re[k..k + PLACES], &im[k..k + PLACES]);
            for n in 0..PLACES {
                sum_re[n] += re[n] * t_re - im[n] * t_im;
                sum_im[n] += im[n] * t_re + re[n] * t_im;
            }
        }
        std::array::from_fn(|n| sum_re[n] * sum_re[n] + sum_im[n] * sum_im[n])
    }
}
