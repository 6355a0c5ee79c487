//! The time that a second of air takes, at every rate.

use std::time::Instant;

use anyhow::Result;
use mac::fcs;
use phy80211::{
    Bandwidth, Complex32, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate, Receiver, RxConfig,
    Transmitter, TxVector, ppdu_samples,
};
use serde::Serialize;

use super::air;
use crate::report::Aggregate;

/// Runs of which the median counts.
const RUNS: usize = 3;
/// Samples that are pushed at a time.
const CHUNK: usize = 4096;
/// Bytes of an MPDU.
const LEN: usize = 1500;

/// How fast one kind of air is received.
#[derive(Serialize)]
pub struct Throughput {
    pub what: String,
    pub s_per_air_s: f64,
    pub frames: usize,
    /// Frames whose FCS, or FCSs, are right.
    pub good: usize,
}

/// Measures non-HT rates, aggregates of both widths with the short guard interval, and noise.
pub fn measure(seconds: f64) -> Result<Vec<Throughput>> {
    let non_ht = OfdmRate::ALL.map(|rate| (Rate::NonHt(rate), Bandwidth::Mhz20));
    let ht = [(HtWidth::Mhz20, Bandwidth::Mhz20), (HtWidth::Mhz40, Bandwidth::Mhz40)];
    let ht = ht.into_iter().flat_map(|(width, bandwidth)| {
        Mcs::ALL.map(|mcs| (HtRate { mcs, width, gi: GuardInterval::Short }.into(), bandwidth))
    });
    let mut all = Vec::new();
    for (rate, bandwidth) in non_ht.into_iter().chain(ht) {
        all.push(frames(rate, bandwidth, seconds)?);
    }
    for bandwidth in [Bandwidth::Mhz20, Bandwidth::Mhz40] {
        let samples = (seconds * bandwidth.sample_rate_hz()) as usize;
        let noise = air::noisy(&vec![Complex32::ZERO; samples], bandwidth, 1);
        let (s_per_air_s, ..) = receive(&noise, bandwidth);
        let what = format!("noise, {} MHz", bandwidth.mhz());
        all.push(Throughput { what, s_per_air_s, frames: 0, good: 0 });
    }
    Ok(all)
}

fn frames(rate: Rate, bandwidth: Bandwidth, seconds: f64) -> Result<Throughput> {
    let (name, mpdus) = match rate {
        Rate::NonHt(_) => (String::new(), 1),
        // As many as last about a millisecond, and fit into what L-SIG can announce.
        Rate::Ht(ht) => {
            let bytes = rate.mbps(bandwidth) * 1e3 / 8.0;
            let name = format!("{} MHz, {} short GI, ", bandwidth.mhz(), ht.mcs);
            (name, (bytes as usize / LEN).max(1))
        }
    };
    let aggregation = matches!(rate, Rate::Ht(_));
    let psdu = |i: usize| match aggregation {
        true => air::a_mpdu(mpdus, LEN, (i * mpdus % 2048) as u16),
        false => air::mpdu(LEN, i as u16),
    };
    let gap = 320 * bandwidth.oversampling();
    let samples = ppdu_samples(rate, bandwidth, psdu(0).len()) + gap;
    let count = ((seconds * bandwidth.sample_rate_hz()) as usize / samples).max(1);
    let mut transmitter = Transmitter::new(bandwidth);
    let mut sent = Vec::with_capacity(count * samples);
    for i in 0..count {
        let vector = TxVector { aggregation, ..TxVector::new(rate, 1 + (i % 127) as u8) };
        sent.extend(air::waveform(&mut transmitter, &vector, &psdu(i), gap)?);
    }
    let (s_per_air_s, good) = receive(&air::noisy(&sent, bandwidth, 1), bandwidth);
    let what = format!("{name}{:.1} Mbit/s", rate.mbps(bandwidth)).replace(".0 ", " ");
    Ok(Throughput { what, s_per_air_s, frames: count, good })
}

/// Seconds for each second of air, and good frames.
fn receive(samples: &[Complex32], bandwidth: Bandwidth) -> (f64, usize) {
    let air_s = samples.len() as f64 / bandwidth.sample_rate_hz();
    let mut good = 0;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            let mut receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
            good = 0;
            for chunk in samples.chunks(CHUNK) {
                receiver.push(chunk);
                while let Some(frame) = receiver.next_frame() {
                    let aggregate = frame.rxvector.is_some_and(|rx| rx.aggregation());
                    let is_good = |psdu: &[u8]| match aggregate {
                        true => Aggregate::of(psdu).is_whole(),
                        false => fcs::is_right(psdu),
                    };
                    good += usize::from(frame.psdu().is_some_and(is_good));
                }
            }
            started.elapsed().as_secs_f64() / air_s
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[RUNS / 2], good)
}
