//! From a plan to samples, a block at a time: frames added where they overlap, then the air.

use anyhow::Result;
use phy80211::{Complex32, Transmitter};
use radios::{Resampler, impair::Oscillator};

use super::{Plan, Planned};

/// Samples that are made at a time.
const BLOCK: u64 = 1 << 16;

/// A frame that is on the air: its first sample and its waveform.
struct OnAir {
    start: u64,
    samples: Vec<Complex32>,
}

/// Renders a plan at `sample_rate_hz`, handing blocks of samples to `write`.
pub(super) fn render(
    plan: &Plan,
    sample_rate_hz: f64,
    mut write: impl FnMut(&[Complex32]) -> Result<(), radios::Error>,
) -> Result<()> {
    let rate_hz = plan.bandwidth.sample_rate_hz();
    let power = f64::from(plan.full_amplitude).powi(2);
    let mut air = plan.air.impairments(rate_hz, power, plan.seed).start(plan.seed);
    let mut resampler = Resampler::new(rate_hz, sample_rate_hz)?;
    let mut transmitter = Transmitter::new(plan.bandwidth);
    let mut coming = plan.frames.iter().peekable();
    let mut on_air: Vec<OnAir> = Vec::new();
    let (mut received, mut out) = (Vec::new(), Vec::new());

    let mut position = 0;
    while position < plan.len {
        let end = (position + BLOCK).min(plan.len);
        while let Some(frame) = coming.next_if(|frame| frame.start < end) {
            on_air.push(OnAir {
                start: frame.start,
                samples: waveform(frame, rate_hz, &mut transmitter)?,
            });
        }
        let mut block = vec![Complex32::ZERO; (end - position) as usize];
        for OnAir { start, samples } in &on_air {
            let from = position.max(*start);
            let there = &mut block[(from - position) as usize..];
            for (sum, sample) in there.iter_mut().zip(&samples[(from - start) as usize..]) {
                *sum += sample;
            }
        }
        on_air.retain(|frame| frame.start + frame.samples.len() as u64 > end);
        received.clear();
        out.clear();
        air.process(&block, &mut received);
        resampler.process(&received, &mut out);
        write(&out)?;
        position = end;
    }
    received.clear();
    out.clear();
    air.finish(&mut received);
    resampler.process(&received, &mut out);
    resampler.finish(&mut out);
    write(&out)?;
    Ok(())
}

fn waveform(
    frame: &Planned,
    rate_hz: f64,
    transmitter: &mut Transmitter,
) -> Result<Vec<Complex32>> {
    let mut samples = Vec::new();
    transmitter.modulate(&frame.tx, &frame.psdu, &mut samples)?;
    let mut carrier = Oscillator::new(frame.cfo_hz / rate_hz);
    samples.iter_mut().for_each(|sample| *sample *= carrier.next() * frame.amplitude);
    Ok(samples)
}
