//! How long the pipeline takes from the last samples of a frame to the first ones of its response,
//! with a radio in memory that plays frames in real time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mac::{Data, DataHeader, IbssConfig, Mac, MacAddr, NoRider, RateSelection, Role, fcs};
use phy80211::{Bandwidth, Complex32, Detail, OfdmRate, Transmitter, TxVector};
use radios::impair::Awgn;
use radios::{Error, RxChunk, RxStream, SampleTime, TxEvent, TxStream};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use ringbuf::HeapRb;
use ringbuf::traits::{Consumer, Split};
use sim::ear::EarConfig;

use crate::data_frame::HEADER_LEN;

use super::pipeline::{How, Modem, Outlet, Rx, Sender, Shared, Threads, Tx, sample_ring};
use super::status::{Latencies, Quantiles};

const OUR_ADDRESS: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const PEER: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
const BSSID: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xff]);
/// Bytes of a frame.
const LEN: usize = 1500;
/// Samples that come at a time: 12.8 us.
const CHUNK: usize = 256;
/// From the end of a frame to the next one: SIFS, an Ack and DIFS, and the lead.
const GAP: Duration = Duration::from_micros(250);
/// Responses before those that count: they fill caches and tables.
const WARM_UP: u64 = 200;
/// How far ahead the MAC is.
const LEAD: Duration = Duration::from_micros(100);
const BANDWIDTH: Bandwidth = Bandwidth::Mhz20;

/// A radio that plays the same samples again and again, at its sample rate.
struct Player {
    samples: Vec<Complex32>,
    /// When it was read first.
    began: Option<Instant>,
    next: u64,
}

impl RxStream for Player {
    fn read(&mut self, samples: &mut [Complex32], _timeout: Duration) -> Result<RxChunk, Error> {
        let time = self.next;
        let len = CHUNK.min(samples.len());
        self.next += len as u64;
        let began = *self.began.get_or_insert_with(Instant::now);
        let due = Duration::from_secs_f64(self.next as f64 / BANDWIDTH.sample_rate_hz());
        thread::sleep(due.saturating_sub(began.elapsed()));
        for (sample, at) in samples[..len].iter_mut().zip(time as usize..) {
            *sample = self.samples[at % self.samples.len()];
        }
        Ok(RxChunk { len, time: SampleTime(time), lost: 0 })
    }
}

/// Counts the bursts that it is given.
struct Sink(Arc<AtomicU64>);

impl TxStream for Sink {
    fn send(&mut self, _: SampleTime, _: &[Complex32], end_of_burst: bool) -> Result<(), Error> {
        self.0.fetch_add(u64::from(end_of_burst), Ordering::Relaxed);
        Ok(())
    }

    fn poll_event(&mut self) -> Option<TxEvent> {
        None
    }
}

/// Measures so many responses, on these cores.
pub fn measure(responses: u64, cpus: Vec<usize>, realtime: bool) -> Result<Quantiles> {
    let shared = Arc::new(Shared::default());
    let sent = Arc::new(AtomicU64::new(0));
    let mut threads = Threads::new(Arc::clone(&shared));
    let how = How { realtime, cpus };
    let (sink, source) = sample_ring(1 << 21);
    let (bursts_in, bursts_out) = HeapRb::new(16).split();
    let (up, _) = HeapRb::new(16).split();
    let (_, down) = HeapRb::new(16).split();
    let (told, _) = HeapRb::new(16).split();
    let (latencies_in, mut latencies) = HeapRb::new(1 << 12).split();
    let stream = Box::new(Sink(Arc::clone(&sent)));
    let sender = Sender::new(stream, latencies_in, Arc::clone(&shared), BANDWIDTH, 1.0);
    let sender = Arc::new(Mutex::new(sender));
    let tx = Tx { sender: Arc::clone(&sender), bursts: bursts_out, shared: Arc::clone(&shared) };
    let tx = threads.spawn("tx", how.clone(), move || tx.run())?;
    let outlet = Outlet {
        sender,
        bursts: bursts_in,
        up,
        told,
        tx,
        tap: thread::current(),
        shared: Arc::clone(&shared),
    };
    let ear = EarConfig {
        bandwidth: BANDWIDTH,
        receives_ht: false,
        energy_detection_dbm: -62.0,
        detail: Detail::default(),
    };
    let lead = (LEAD.as_secs_f64() * BANDWIDTH.sample_rate_hz()) as u64;
    let modem = Modem { source, down, outlet, ear, lead, make_mac: Box::new(responder) };
    let modem = threads.spawn("modem", how.clone(), move || modem.run())?;
    let stream = Box::new(Player { samples: frame()?, began: None, next: 0 });
    let patience = Duration::from_secs(1);
    let rx = Rx { stream, sink, modem, shared: Arc::clone(&shared), patience };
    threads.spawn("rx", how, move || rx.run())?;

    let mut measured = Latencies::default();
    let mut warming_up = WARM_UP;
    let mut dropped_before = 0;
    let began = Instant::now();
    // A frame and its gap last half a millisecond.
    let limit = Duration::from_millis(responses) + Duration::from_secs(5);
    while measured.quantiles().responses < responses && began.elapsed() < limit {
        thread::sleep(Duration::from_millis(10));
        while let Some(latency) = latencies.try_pop() {
            match warming_up {
                0 => measured.add(latency),
                _ => {
                    warming_up -= 1;
                    dropped_before = shared.counts.dropped_samples.get();
                }
            }
        }
    }
    threads.join()?;
    let dropped = shared.counts.dropped_samples.get() - dropped_before;
    let quantiles = measured.quantiles();
    let came = quantiles.responses;
    ensure!(came >= responses, "only {came} of {responses} responses came in {limit:?}");
    ensure!(dropped == 0, "{dropped} samples were dropped: the machine does not keep up");
    Ok(quantiles)
}

/// The MAC of a station that acknowledges what it is sent.
fn responder(now: mac::Instant) -> Mac {
    let role = IbssConfig { ssid: vec![], bssid: BSSID, channel: 36, beacon_interval: None };
    let rate = RateSelection::Fixed(OfdmRate::Mbps54.into());
    let config = mac::Config {
        response_delay: LEAD,
        ..mac::Config::dot11a(OUR_ADDRESS, Role::Ibss(role), rate)
    };
    Mac::new(now, config, Box::new(NoRider), ChaCha8Rng::seed_from_u64(1))
}

/// A frame for it and the gap to the next one, with noise.
fn frame() -> Result<Vec<Complex32>> {
    let header = DataHeader::between_stations(OUR_ADDRESS, PEER, BSSID);
    let body: Vec<u8> = (0..LEN - HEADER_LEN - fcs::LEN).map(|i| (i * 31) as u8).collect();
    let mut mpdu = vec![];
    Data { header, body: &body }.emit(&mut mpdu);
    fcs::append(&mut mpdu, 0);
    let mut samples = vec![];
    let vector = TxVector::new(OfdmRate::Mbps54, 93);
    Transmitter::new(BANDWIDTH).modulate(&vector, &mpdu, &mut samples).context("a frame")?;
    let gap = (GAP.as_secs_f64() * BANDWIDTH.sample_rate_hz()) as usize;
    samples.resize(samples.len() + gap, Complex32::ZERO);
    let mut noise = Awgn::new(1e-6, 1);
    samples.iter_mut().for_each(|sample| *sample = *sample * 0.05 + noise.next());
    Ok(samples)
}
