//! The thread that makes waveforms and hands them to the radio.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mac::TxPpdu;
use phy80211::{Bandwidth, Complex32, Transmitter, ppdu_samples};
use radios::{Error, SampleTime, TxEvent, TxStream};
use ringbuf::traits::{Consumer, Observer, Producer};
use ringbuf::{HeapCons, HeapProd};

use super::Shared;

/// Symbols of the DATA field that are made before they are handed over.
const SYMBOLS: usize = 32;
/// Bursts that late events are looked up in.
const REMEMBERED: usize = 64;
/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(20);
/// How long a radio may have no room.
const FULL: Duration = Duration::from_millis(100);

/// A PPDU on its way to the radio.
pub struct Burst {
    /// Its first sample.
    pub start: u64,
    /// What is sent.
    pub ppdu: TxPpdu,
    /// Of a response: when the last sample of what it answers was delivered.
    pub answers: Option<Instant>,
}

/// Makes waveforms and hands them to the radio. Responses are sent by the modem itself, which saves
/// the time that it takes to wake another thread.
pub struct Sender {
    pub stream: Box<dyn TxStream>,
    /// How long responses took, from the last sample in to the first one out.
    pub latencies: HeapProd<Duration>,
    pub shared: Arc<Shared>,
    pub bandwidth: Bandwidth,
    pub amplitude: f32,
    pub transmitter: Transmitter,
    /// The last bursts that were handed over.
    pub sent: VecDeque<Sent>,
    /// Scratch, kept for its capacity.
    pub part: Vec<Complex32>,
    pub scaled: Vec<Complex32>,
}

/// A burst that was handed over.
pub struct Sent {
    start: u64,
    end: u64,
    response: bool,
    late: bool,
}

/// The thread that sends what takes longer than a response.
pub struct Tx {
    pub sender: Arc<Mutex<Sender>>,
    pub bursts: HeapCons<Burst>,
    pub shared: Arc<Shared>,
}

impl Tx {
    /// Transmits until it is stopped or the radio fails.
    pub fn run(mut self) -> Result<()> {
        let mut settled = 0;
        while !self.shared.is_stopped() {
            let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(burst) = self.bursts.try_pop() {
                sender.transmit(burst)?;
            }
            settled = self.shared.settled.swap(0, Ordering::Acquire).max(settled);
            // What has come into the ring meanwhile may begin before that.
            if settled > 0 && self.bursts.is_empty() {
                sender.settle(std::mem::take(&mut settled))?;
            }
            sender.look_for_late();
            drop(sender);
            if self.bursts.is_empty() {
                thread::park_timeout(LONGEST_WAIT);
            }
        }
        Ok(())
    }
}

impl Sender {
    /// A transmitter for a channel, which sends at a mean amplitude.
    pub fn new(
        stream: Box<dyn TxStream>,
        latencies: HeapProd<Duration>,
        shared: Arc<Shared>,
        bandwidth: Bandwidth,
        amplitude: f32,
    ) -> Self {
        Self {
            stream,
            latencies,
            shared,
            bandwidth,
            amplitude,
            transmitter: Transmitter::new(bandwidth),
            sent: VecDeque::with_capacity(REMEMBERED),
            part: vec![],
            scaled: vec![],
        }
    }

    /// Nothing else starts before this sample.
    pub fn settle(&mut self, until: u64) -> Result<()> {
        self.stream.settle(SampleTime(until)).context("transmitting")
    }

    /// Hands a burst over, part by part.
    pub fn transmit(&mut self, burst: Burst) -> Result<()> {
        let Burst { start, ppdu, answers } = burst;
        let TxPpdu { txvector, psdu, .. } = &ppdu;
        let len = ppdu_samples(txvector.rate, self.bandwidth, psdu.len()) as u64;
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        let response = answers.is_some();
        self.sent.push_back(Sent { start, end: start + len, response, late: false });
        let Self { stream, latencies, transmitter, part, scaled, amplitude, .. } = self;
        let mut at = start;
        let mut outcome = Ok(true);
        let mut answers = answers;
        let emit = |part: &[Complex32]| {
            if !matches!(outcome, Ok(true)) {
                return;
            }
            scaled.clear();
            scaled.extend(part.iter().map(|sample| sample * *amplitude));
            // The half-weight end of the last symbol comes as a part of one sample.
            let last = part.len() == 1;
            outcome = hand_over(&mut **stream, at, scaled, last);
            at += part.len() as u64;
            if let Some(came) = answers.take() {
                // Whoever counts them may be behind.
                let _ = latencies.try_push(came.elapsed());
            }
        };
        let made = transmitter.modulate_in_parts(txvector, psdu, SYMBOLS, part, emit);
        made.context("the MAC wants sent what the PHY cannot")?;
        let counts = &self.shared.counts;
        counts.bursts.add(1);
        counts.dropped_bursts.add(u64::from(!outcome.context("transmitting")?));
        Ok(())
    }

    /// Counts what the radio says of bursts that did not leave, each once.
    fn look_for_late(&mut self) {
        while let Some(event) = self.stream.poll_event() {
            let at = match event {
                TxEvent::Late { at, .. } | TxEvent::Underflow { at } => at.0,
            };
            let counts = &self.shared.counts;
            match self.sent.iter_mut().find(|burst| (burst.start..=burst.end).contains(&at)) {
                Some(burst) if burst.late => {}
                Some(burst) => {
                    burst.late = true;
                    counts.late_bursts.add(1);
                    counts.missed_responses.add(u64::from(burst.response));
                }
                None => counts.late_bursts.add(1),
            }
        }
    }
}

/// Hands samples to a radio, waiting for room for a while. Whether they were taken.
fn hand_over(
    stream: &mut dyn TxStream,
    at: u64,
    samples: &[Complex32],
    last: bool,
) -> Result<bool, Error> {
    let began = Instant::now();
    loop {
        match stream.send(SampleTime(at), samples, last) {
            Ok(()) => return Ok(true),
            Err(Error::TxFull { .. }) if began.elapsed() < FULL => {
                thread::sleep(Duration::from_micros(50));
            }
            Err(Error::TxFull { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}
