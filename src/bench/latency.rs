//! From the last samples of a frame to the waveform of the answer to it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mac::{
    Acknowledged, BlockAck, Control, ControlBody, Delimiter, DurationId, SequenceNumber, fcs,
};
use phy80211::{
    Bandwidth, Complex32, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate, Receiver, RxConfig,
    RxEvent, Transmitter, TxVector,
};
use serde::{Serialize, Serializer};

use super::air;
use crate::data_frame::{AP, STATION};

/// Samples that come at a time.
const CHUNK: usize = 64;
/// Frames that differ; they come again and again.
const DIFFERENT: usize = 8;
/// SIFS of OFDM PHYs (Table 17-21).
const SIFS: Duration = Duration::from_micros(16);
/// Bytes that ride on the Block Ack.
const RIDE: usize = 100;

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
    let mut receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
    let mut responder = Responder::new(transmitter, aggregation);
    let (mut verdict, mut answer) = (Vec::with_capacity(frames), Vec::with_capacity(frames));
    // The first rounds fill caches and tables.
    let warm_up = 2 * DIFFERENT;
    for i in 0..warm_up + frames {
        for chunk in waveforms[i % DIFFERENT].chunks(CHUNK) {
            let came = Instant::now();
            receiver.push(chunk);
            while let Some(event) = receiver.next_event() {
                match event {
                    RxEvent::Header(_) => responder.begin(),
                    RxEvent::Frame(frame) => {
                        let Some(psdu) = frame.psdu() else { continue };
                        let good = responder.check(psdu);
                        let known = came.elapsed();
                        responder.answer()?;
                        if good && i >= warm_up {
                            verdict.push(known);
                            answer.push(came.elapsed());
                        }
                    }
                }
            }
            if let Some(so_far) = receiver.psdu_so_far() {
                responder.check(so_far);
            }
        }
    }
    let good = verdict.len();
    ensure!(good * 100 >= frames * 99, "{what}: only {good} of {frames} frames were received");
    Ok(Latency {
        what: what.to_owned(),
        frames: good,
        verdict: Quantiles::of(verdict),
        answer: Quantiles::of(answer),
    })
}

/// Prepares the answer while the frame comes, as a MAC would.
struct Responder {
    transmitter: Transmitter,
    aggregation: bool,
    /// Bytes of the PSDU that were looked at, and what they were.
    checked: usize,
    good: bool,
    acknowledged: Acknowledged,
    mpdu: Vec<u8>,
    waveform: Vec<Complex32>,
}

impl Responder {
    fn new(transmitter: Transmitter, aggregation: bool) -> Self {
        Self {
            transmitter,
            aggregation,
            checked: 0,
            good: true,
            acknowledged: Acknowledged { start: SequenceNumber::new(0), bitmap: 0 },
            mpdu: Vec::new(),
            waveform: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.checked = 0;
        self.good = true;
        self.acknowledged.bitmap = 0;
    }

    /// Checks the MPDUs that are there; whether all were good so far.
    fn check(&mut self, psdu: &[u8]) -> bool {
        if !self.aggregation {
            return fcs::is_right(psdu);
        }
        while let Some((delimiter, rest)) =
            psdu.get(self.checked..).and_then(<[u8]>::split_first_chunk)
        {
            let Some(delimiter) = Delimiter::parse(*delimiter) else {
                self.good = false;
                break;
            };
            let Some(mpdu) = rest.get(..delimiter.length()) else { break };
            let body = fcs::strip(mpdu).and_then(|body| body.get(22..24)?.try_into().ok());
            self.good &= body.is_some();
            if let Some(control) = body {
                let sequence = SequenceNumber::new(u16::from_le_bytes(control) >> 4);
                if self.acknowledged.bitmap == 0 {
                    self.acknowledged.start = sequence;
                }
                self.acknowledged.insert(sequence);
            }
            self.checked += (Delimiter::LEN + delimiter.length()).next_multiple_of(4);
        }
        self.good
    }

    /// Makes the answer's waveform.
    fn answer(&mut self) -> Result<()> {
        self.mpdu.clear();
        let ride = [0x5a; RIDE];
        let body = match self.aggregation {
            false => ControlBody::Ack,
            true => ControlBody::BlockAck {
                transmitter: STATION,
                response: BlockAck::compressed(0, self.acknowledged),
            },
        };
        let mut control = Control::new(AP, DurationId::default(), body);
        if self.aggregation {
            control.trailing = &ride;
        }
        control.emit(&mut self.mpdu);
        fcs::append(&mut self.mpdu, 0);
        self.waveform.clear();
        let vector = TxVector::new(OfdmRate::Mbps24, 93);
        self.transmitter.modulate(&vector, &self.mpdu, &mut self.waveform)?;
        Ok(())
    }
}
