//! Bursts to a device that has no clock: a thread streams all the time, silence but for bursts, and
//! counts.
//!
//! The first sample that is written is taken for the one after the newest received: what the device and
//! its driver keep in their buffers comes on top, always the same. A measurement of the turnaround
//! includes it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use num_complex::Complex32;
use soapysdr::{Error as SoapyError, ErrorCode};

use super::{Clock, broken};
use crate::Error;
use crate::radio::{Hertz, SampleTime, TxEvent, TxStream};
use crate::tx_queue::TxQueue;

/// Time that is written at once.
const UNIT: Duration = Duration::from_micros(500);
/// How long a driver may wait for room at a time.
const WAIT_US: i64 = 100_000;
/// Samples that may be handed in ahead of their time, in seconds.
const LIMIT_S: f64 = 2.0;

pub(super) struct CountedTx {
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    limit: usize,
    name: Arc<str>,
}

/// What is counted.
pub(super) struct Count {
    pub(super) clock: Clock,
    /// Samples that were written ahead of those that were received.
    pub(super) ahead: Arc<AtomicU64>,
}

struct State {
    queue: TxQueue,
    /// The first sample that was not written.
    next: SampleTime,
    events: VecDeque<TxEvent>,
    ended: Option<SoapyError>,
}

impl CountedTx {
    pub(super) fn start(
        stream: soapysdr::TxStream<Complex32>,
        rate: Hertz,
        count: Count,
        name: Arc<str>,
    ) -> Result<Self, Error> {
        let state = Arc::new(Mutex::new(State {
            queue: TxQueue::default(),
            next: SampleTime::default(),
            events: VecDeque::new(),
            ended: None,
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let unit = ((UNIT.as_secs_f64() * rate.0) as usize).max(1);
        let (shared, stopped) = (Arc::clone(&state), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("soapy tx".to_owned())
            .spawn(move || {
                if let Err(error) = stream_all_the_time(stream, unit, &count, &shared, &stopped) {
                    lock(&shared).ended = Some(error);
                }
            })
            .map_err(Error::io("a thread that transmits"))?;
        let limit = (LIMIT_S * rate.0) as usize;
        Ok(Self { state, stop, thread: Some(thread), limit, name })
    }
}

fn stream_all_the_time(
    mut stream: soapysdr::TxStream<Complex32>,
    unit: usize,
    Count { clock, ahead }: &Count,
    shared: &Mutex<State>,
    stop: &AtomicBool,
) -> Result<(), SoapyError> {
    // Time begins with the first samples that were received.
    while clock.now() == SampleTime(0) {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        std::thread::sleep(UNIT);
    }
    let mut next = clock.now();
    let mut samples = vec![Complex32::ZERO; unit];
    while !stop.load(Ordering::Relaxed) {
        samples.fill(Complex32::ZERO);
        let mut state = lock(shared);
        let event = state.queue.take_until(
            next + unit as u64,
            |piece| {
                let start = piece.at.since(next) as usize;
                samples[start..start + piece.samples.len()].copy_from_slice(piece.samples);
            },
            drop,
        );
        state.events.extend(event);
        state.next = next + unit as u64;
        drop(state);
        let mut left = samples.as_slice();
        while !left.is_empty() && !stop.load(Ordering::Relaxed) {
            match stream.write(&[left], None, false, WAIT_US) {
                Ok(written) => left = &left[written..],
                Err(error) if error.code == ErrorCode::Timeout => {}
                Err(error) if error.code == ErrorCode::Underflow => {
                    lock(shared).events.push_back(TxEvent::Underflow { at: next });
                }
                Err(error) => return Err(error),
            }
        }
        next += unit as u64;
        ahead.store(next.since(clock.now()), Ordering::Relaxed);
    }
    Ok(())
}

impl TxStream for CountedTx {
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error> {
        let samples = samples.to_vec();
        let mut state = lock(&self.state);
        if let Some(error) = state.ended.clone() {
            return Err(broken(&self.name)(error));
        }
        if state.queue.waiting() + samples.len() > self.limit {
            return Err(Error::TxFull { radio: self.name.to_string(), samples: samples.len() });
        }
        let next = state.next;
        let (event, _) = state.queue.push(next, at, samples, end_of_burst);
        state.events.extend(event);
        Ok(())
    }

    fn poll_event(&mut self) -> Option<TxEvent> {
        lock(&self.state).events.pop_front()
    }
}

impl Drop for CountedTx {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; there is nothing else to be done.
            let _ = thread.join();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
