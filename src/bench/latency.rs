//! From the last samples of a frame to the waveform of the answer to it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use phy80211::{
    Bandwidth, Complex32, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate, Receiver, RxConfig,
    RxEvent, Transmitter, TxVector,
};
use serde::{Serialize, Serializer};

use super::air;
use super::responder::Responder;
use super::spin::Spin;

/// Samples that come at a time.
const CHUNK: usize = 64;
/// Frames that differ; they come again and again.
const DIFFERENT: usize = 8;
/// Frames before those that count.
const WARM_UP: usize = 8 * DIFFERENT;
/// SIFS of OFDM PHYs (Table 17-21).
const SIFS: Duration = Duration::from_micros(16);

/// Quantiles of some durations.
pub struct Quantiles([Duration; 4]);

/// How long the answer to one kind of frame takes.
#[derive(Serialize)]
pub struct Latency {
    pub what: String,
    pub frames: usize,
    /// Until PSDU and FCS are known, p50, p99, p99.9 and the maximum in us.
    pub verdict: Quantiles,
    /// Until the answer's waveform is made.
    pub answer: Quantiles,
    /// What as much plain arithmetic as fills half of the answers' times takes, after each answer:
    /// the part of their spread that is the machine's own.
    pub spin: Quantiles,
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

impl Quantiles {
    fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        let last = durations.len() - 1;
        Self([0.5, 0.99, 0.999, 1.0].map(|share| durations[(share * last as f64).ceil() as usize]))
    }

    /// p50, p99, p99.9 and the maximum.
    pub fn us(&self) -> [f64; 4] {
        self.0.map(|duration| duration.as_nanos() as f64 / 1e3)
    }
}

impl Serialize for Quantiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.us().serialize(serializer)
    }
}

impl Latency {
    /// Whether 999 of 1000 answers would be in time.
    pub fn is_within_sifs(&self) -> bool {
        self.answer.0[2] <= SIFS
    }
}

/// Measures an ACK to a frame of 1500 bytes, and a Block Ack with a ride to 65 kB.
pub fn measure(frames: usize) -> Result<Vec<Latency>> {
    let fast = Rate::NonHt(OfdmRate::Mbps54);
    let wide = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short }.into();
    Ok(vec![
        run("1500 B at 54 Mbit/s, ACK", fast, Bandwidth::Mhz20, frames, |i| air::mpdu(1500, i))?,
        run("65 kB at 150 Mbit/s, Block Ack", wide, Bandwidth::Mhz40, frames, |i| {
            air::a_mpdu(42, 1538, i * 42)
        })?,
    ])
}

fn run(
    what: &str,
    rate: Rate,
    bandwidth: Bandwidth,
    frames: usize,
    psdu: impl Fn(u16) -> Vec<u8>,
) -> Result<Latency> {
    let aggregation = matches!(rate, Rate::Ht(_));
    let mut transmitter = Transmitter::new(bandwidth);
    let mut waveforms = Vec::new();
    for i in 0..DIFFERENT {
        let vector = TxVector { aggregation, ..TxVector::new(rate, 1 + i as u8) };
        let gap = 960 * bandwidth.oversampling();
        let sent = air::waveform(&mut transmitter, &vector, &psdu(i as u16), gap)?;
        waveforms.push(air::noisy(&sent, bandwidth, i as u64));
    }
    let receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
    let responder = Responder::new(transmitter, aggregation);
    let mut bench = Bench { receiver, responder };
    // The first rounds fill caches and tables.
    let mut warm_up = Times::of(WARM_UP);
    (0..WARM_UP).try_for_each(|i| bench.frame(&waveforms[i % DIFFERENT], &mut warm_up))?;
    let spin = Spin::lasting(median(warm_up.answer));
    let mut times = Times::of(frames);
    for i in 0..frames {
        bench.frame(&waveforms[i % DIFFERENT], &mut times)?;
        times.spin.push(spin.run());
    }
    let good = times.verdict.len();
    ensure!(good * 100 >= frames * 99, "{what}: only {good} of {frames} frames were received");
    Ok(Latency {
        what: what.to_owned(),
        frames: good,
        verdict: Quantiles::of(times.verdict),
        answer: Quantiles::of(times.answer),
        spin: Quantiles::of(times.spin),
    })
}

/// What was measured, frame by frame.
struct Times {
    verdict: Vec<Duration>,
    answer: Vec<Duration>,
    spin: Vec<Duration>,
}

impl Times {
    fn of(frames: usize) -> Self {
        let [verdict, answer, spin] = [(); 3].map(|()| Vec::with_capacity(frames));
        Self { verdict, answer, spin }
    }
}

struct Bench {
    receiver: Receiver,
    responder: Responder,
}

impl Bench {
    /// Receives the waveform of a frame chunk by chunk, and answers it.
    fn frame(&mut self, waveform: &[Complex32], times: &mut Times) -> Result<()> {
        let Self { receiver, responder } = self;
        for chunk in waveform.chunks(CHUNK) {
            let came = Instant::now();
            receiver.push(chunk);
            while let Some(event) = receiver.next_event() {
                match event {
                    RxEvent::Header(header) => responder.begin(&header)?,
                    RxEvent::Frame(frame) => {
                        let Some(psdu) = frame.psdu() else { continue };
                        let good = responder.check(psdu);
                        let known = came.elapsed();
                        responder.answer();
                        if good {
                            times.verdict.push(known);
                            times.answer.push(came.elapsed());
                        }
                    }
                }
            }
            if let Some(so_far) = receiver.psdu_so_far() {
                responder.check(so_far);
                responder.rehearse(receiver.position().0);
            }
        }
        Ok(())
    }
}
