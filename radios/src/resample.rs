//! Bringing a stream of samples to another rate, by windowed-sinc interpolation (the rubato
//! crate does the arithmetic).

use num_complex::Complex32;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters,
    SincInterpolationType, WindowFunction,
};

use crate::Error;

/// Input samples that are worked on at a time, whatever the chunks in which they come: the
/// output does not depend on the chunks.
const CHUNK: usize = 1024;
/// Zero crossings of the interpolating sinc at the lower of the two rates. With the window's
/// sidelobes of -92 dB it is flat over the 83 % of the band that OFDM occupies.
const SINC_LEN: f64 = 128.0;

/// Resamples a complex stream.
///
/// Output sample n is the input at the time `n * from / to` of its samples, to within half a
/// sample of delay that stays the same over the stream. Equal rates pass through untouched.
pub struct Resampler(Option<Active>);

struct Active {
    inner: Async<f32>,
    ratio: f64,
    input: Vec<Complex32>,
    output: Vec<Complex32>,
    /// Samples taken in and given out so far.
    taken: u64,
    given: u64,
    /// Output samples still to be dropped: the filter's delay.
    skip: usize,
}

impl Resampler {
    /// A resampler from one rate to another.
    ///
    /// # Errors
    /// If a rate is not positive or they are further apart than 256 times.
    pub fn new(from_hz: f64, to_hz: f64) -> Result<Self, Error> {
        let ratio = to_hz / from_hz;
        if !(1.0 / 256.0..=256.0).contains(&ratio) || from_hz <= 0.0 {
            return Err(Error::Ratio { from_hz, to_hz });
        }
        if ratio == 1.0 {
            return Ok(Self(None));
        }
        let parameters = SincInterpolationParameters {
            sinc_len: (SINC_LEN / ratio.min(1.0)) as usize,
            // Half amplitude at the lower rate's band edge: what folds over lands outside the
            // occupied band.
            f_cutoff: Some(1.0),
            oversampling_factor: 256,
            interpolation: SincInterpolationType::Cubic,
            window: WindowFunction::BlackmanHarris2,
        };
        let inner = Async::new_sinc(ratio, 1.0, &parameters, CHUNK, 2, FixedAsync::Input)
            .map_err(|_| Error::Ratio { from_hz, to_hz })?;
        Ok(Self(Some(Active {
            output: vec![Complex32::ZERO; inner.output_frames_max()],
            skip: inner.output_delay(),
            inner,
            ratio,
            input: Vec::with_capacity(CHUNK),
            taken: 0,
            given: 0,
        })))
    }

    /// Takes in samples and appends those that are ready to `output`.
    pub fn process(&mut self, mut input: &[Complex32], output: &mut Vec<Complex32>) {
        let Some(active) = &mut self.0 else {
            output.extend_from_slice(input);
            return;
        };
        active.taken += input.len() as u64;
        while !input.is_empty() {
            let (now, rest) = input.split_at(input.len().min(CHUNK - active.input.len()));
            active.input.extend_from_slice(now);
            input = rest;
            if active.input.len() == CHUNK {
                active.run(output);
            }
        }
    }

    /// Ends the stream: appends the rest, so that there is a sample out for each
    /// `from / to` in.
    pub fn finish(&mut self, output: &mut Vec<Complex32>) {
        let Some(active) = &mut self.0 else { return };
        let wanted = (active.taken as f64 * active.ratio).round() as u64;
        let start = output.len();
        let missing = (wanted - active.given.min(wanted)) as usize;
        while active.given < wanted {
            active.input.resize(CHUNK, Complex32::ZERO);
            active.run(output);
        }
        output.truncate(start + missing);
    }
}

impl Active {
    /// Resamples one chunk.
    fn run(&mut self, output: &mut Vec<Complex32>) {
        let frames = self.output.len();
        let input: &[f32] = bytemuck::cast_slice(&self.input);
        let buffer: &mut [f32] = bytemuck::cast_slice_mut(&mut self.output);
        let input = InterleavedSlice::new(input, 2, CHUNK).expect("a chunk of two channels");
        let mut buffer =
            InterleavedSlice::new_mut(buffer, 2, frames).expect("two channels, as allocated");
        let (_, produced) = self
            .inner
            .process_into_buffer(&input, &mut buffer, Some(&Indexing::new()))
            .expect("buffers have the sizes that the resampler asked for");
        let skipped = self.skip.min(produced);
        self.skip -= skipped;
        output.extend_from_slice(&self.output[skipped..produced]);
        self.given += (produced - skipped) as u64;
        self.input.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(cycles_per_sample: f64, len: usize) -> Vec<Complex32> {
        let angle = |n: usize| std::f64::consts::TAU * cycles_per_sample * n as f64;
        (0..len)
            .map(|n| Complex32::cis(angle(n).rem_euclid(std::f64::consts::TAU) as f32))
            .collect()
    }

    fn resample(from: f64, to: f64, input: &[Complex32], chunk: usize) -> Vec<Complex32> {
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut output = Vec::new();
        input.chunks(chunk).for_each(|chunk| resampler.process(chunk, &mut output));
        resampler.finish(&mut output);
        output
    }

    /// Error of `output` against a tone of the same frequency in Hz, over its middle.
    fn error_db(output: &[Complex32], cycles_per_sample: f64) -> f64 {
        let wanted = tone(cycles_per_sample, output.len());
        let middle = 1000..output.len() - 1000;
        let turn: Complex32 =
            middle.clone().map(|n| output[n] * wanted[n].conj()).sum::<Complex32>()
                / middle.len() as f32;
        assert!((turn.norm() - 1.0).abs() < 1e-3, "amplitude {}", turn.norm());
        let error: f32 = middle.clone().map(|n| (output[n] - wanted[n] * turn).norm_sqr()).sum();
        10.0 * f64::from(error / middle.len() as f32).log10()
    }

    #[test]
    fn tones_in_the_occupied_band_come_through() {
        for (from, to) in [(22e6, 20e6), (25e6, 20e6), (40e6, 20e6), (61.44e6, 20e6), (20e6, 40e6)]
        {
            for frequency in [-8.3e6, -1e6, 0.3e6, 8.2e6] {
                let output = resample(from, to, &tone(frequency / from, 20_000), 777);
                let expected = (20_000.0 * to / from).round() as usize;
                assert_eq!(output.len(), expected);
                let error = error_db(&output, frequency / to);
                assert!(error < -60.0, "{from} -> {to}, {frequency} Hz: {error} dB");
            }
        }
    }

    #[test]
    fn what_would_fold_into_the_occupied_band_is_suppressed() {
        let output = resample(40e6, 20e6, &tone(12e6 / 40e6, 20_000), 1000);
        let power = output[1000..9000].iter().map(Complex32::norm_sqr).sum::<f32>() / 8000.0;
        assert!(10.0 * power.log10() < -70.0, "{power}");
    }

    #[test]
    fn chunks_do_not_matter() {
        let input = tone(0.0123, 5000);
        let whole = resample(25e6, 20e6, &input, 5000);
        for chunk in [1, 7, 1024, 1025] {
            assert_eq!(resample(25e6, 20e6, &input, chunk), whole);
        }
    }

    #[test]
    fn an_impulse_stays_at_its_time() {
        let mut input = vec![Complex32::ZERO; 8000];
        input[4000] = Complex32::ONE;
        for (from, to) in [(20e6, 40e6), (40e6, 20e6), (25e6, 20e6)] {
            let output = resample(from, to, &input, 500);
            let peak =
                (0..output.len()).max_by(|&a, &b| output[a].norm().total_cmp(&output[b].norm()));
            assert!((peak.unwrap() as f64 - 4000.0 * to / from).abs() <= 1.0);
        }
    }

    #[test]
    fn equal_rates_pass_through() {
        let input = tone(0.1, 100);
        assert_eq!(resample(20e6, 20e6, &input, 9), input);
    }
}
