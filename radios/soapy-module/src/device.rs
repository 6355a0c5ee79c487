//! A radio in simulated air with the habits of a SoapySDR device.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use num_complex::Complex32;
use radios::air::{AirAddress, RemoteAirRadio, WireFormat};
use radios::{
    Decibel, Direction, Error, Hertz, Radio, RxChunk, RxStream, SampleTime, TxEvent, TxStream,
};

/// How far ahead what has no time is transmitted.
const LEAD: Duration = Duration::from_millis(10);
/// How far ahead a stream without times may be handed in.
const TX_BUFFER: Duration = Duration::from_millis(40);
/// How often it is looked for what one waits for.
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// Samples that are read when nobody wants them.
const SCRATCH: usize = 4096;

/// What a call of a stream comes to if not to samples: SoapySDR's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Code {
    Timeout = -1,
    StreamError = -2,
    Overflow = -4,
    TimeError = -6,
    Underflow = -7,
}

impl From<Error> for Code {
    fn from(error: Error) -> Self {
        match error {
            Error::TxFull { .. } => Self::Timeout,
            _ => Self::StreamError,
        }
    }
}

pub struct Device {
    radio: Mutex<RemoteAirRadio>,
    rate: Hertz,
    rx: Mutex<Rx>,
    tx: Mutex<Tx>,
    receives: AtomicBool,
    lost: AtomicU64,
    late: AtomicU64,
}

struct Rx {
    stream: Box<dyn RxStream>,
    /// Nothing was read since it was activated: what is missing before is not lost.
    fresh: bool,
    /// What comes after samples that were lost, until that is told.
    held: Vec<Complex32>,
    held_at: SampleTime,
    scratch: Vec<Complex32>,
}

struct Tx {
    stream: Box<dyn TxStream>,
    /// A burst that has not ended.
    open: Option<Open>,
}

#[derive(Clone, Copy)]
struct Open {
    /// Where it goes on.
    next: SampleTime,
    /// It was to begin at a given time.
    timed: bool,
}

impl Device {
    pub fn open(address: &AirAddress, name: &str, centre: Hertz) -> Result<Self, Error> {
        let mut radio = RemoteAirRadio::connect(address, name, centre, WireFormat::default())?;
        if radio.is_lockstep() {
            return Err(Error::Unsupported {
                radio: radio.describe(),
                reason: "its time waits for radios to say when they have nothing to transmit, \
                         which SoapySDR's programs cannot: serve it without --lockstep"
                    .to_owned(),
            });
        }
        let rate = radio.sample_rate();
        let streams = radio.start()?;
        radio.set_listening(false)?;
        let rx = Rx {
            stream: streams.rx,
            fresh: true,
            held: Vec::new(),
            held_at: SampleTime(0),
            scratch: vec![Complex32::ZERO; SCRATCH],
        };
        Ok(Self {
            radio: Mutex::new(radio),
            rate,
            rx: Mutex::new(rx),
            tx: Mutex::new(Tx { stream: streams.tx, open: None }),
            receives: AtomicBool::new(false),
            lost: AtomicU64::new(0),
            late: AtomicU64::new(0),
        })
    }

    pub fn sample_rate(&self) -> Hertz {
        self.rate
    }

    pub fn block(&self) -> usize {
        lock(&self.radio).block()
    }

    pub fn tune(&self, centre: Hertz) -> Result<(), Error> {
        lock(&self.radio).tune(centre)
    }

    pub fn set_gain(&self, direction: Direction, gain: Decibel) -> Result<(), Error> {
        lock(&self.radio).set_gain(direction, gain)
    }

    /// Samples that were lost, and bursts that were late.
    pub fn counts(&self) -> (u64, u64) {
        (self.lost.load(Ordering::Relaxed), self.late.load(Ordering::Relaxed))
    }

    /// The newest moment of the air that is known.
    pub fn now_ns(&self) -> i64 {
        self.look(Duration::ZERO);
        self.to_ns(self.now())
    }

    /// Begins or ends to receive.
    pub fn receive(&self, on: bool) -> Result<(), Code> {
        let mut rx = lock(&self.rx);
        let Rx { stream, fresh, held, scratch, .. } = &mut *rx;
        // What is left of the time before.
        while stream.read(scratch, Duration::ZERO)?.len > 0 {}
        held.clear();
        *fresh = true;
        lock(&self.radio).set_listening(on)?;
        self.receives.store(on, Ordering::Relaxed);
        Ok(())
    }

    /// Reads samples, and tells when the first was taken.
    pub fn read(&self, samples: &mut [Complex32], timeout: Duration) -> Result<(usize, i64), Code> {
        let mut rx = lock(&self.rx);
        let Rx { stream, fresh, held, held_at, .. } = &mut *rx;
        if !held.is_empty() {
            let len = held.len().min(samples.len());
            samples[..len].copy_from_slice(&held[..len]);
            held.drain(..len);
            let at = *held_at;
            *held_at += len as u64;
            return Ok((len, self.to_ns(at)));
        }
        let RxChunk { len, time, lost } = stream.read(samples, timeout)?;
        if len == 0 {
            return Err(Code::Timeout);
        }
        if lost > 0 && !std::mem::take(fresh) {
            self.lost.fetch_add(lost, Ordering::Relaxed);
            held.extend_from_slice(&samples[..len]);
            *held_at = time;
            return Err(Code::Overflow);
        }
        *fresh = false;
        Ok((len, self.to_ns(time)))
    }

    /// Takes samples to transmit: at a time, or next to those before, or soon. Tells how many it took.
    pub fn write(
        &self,
        samples: &[Complex32],
        at_ns: Option<i64>,
        end_of_burst: bool,
        timeout: Duration,
    ) -> Result<usize, Code> {
        let deadline = Instant::now() + timeout;
        let mut tx = lock(&self.tx);
        let begins = match (at_ns, tx.open) {
            (Some(at_ns), _) => Some(Open { next: self.sample_at(at_ns), timed: true }),
            (None, Some(open)) if open.timed || samples.is_empty() => Some(open),
            // If it has not run dry.
            (None, open) => open.filter(|open| open.next > self.now() + self.samples(LEAD) / 4),
        };
        let open = begins.unwrap_or_else(|| {
            self.look(Duration::ZERO);
            Open { next: self.now() + self.samples(LEAD), timed: false }
        });
        let len = match samples.len() {
            len if open.timed || len == 0 => len,
            len => len.min(self.room(open.next, deadline)?),
        };
        let ends = end_of_burst && len == samples.len();
        while let Err(error) = tx.stream.send(open.next, &samples[..len], ends) {
            if !matches!(error, Error::TxFull { .. }) || Instant::now() >= deadline {
                return Err(error.into());
            }
            self.look(LOOK_EVERY);
        }
        tx.open = (!ends).then_some(Open { next: open.next + len as u64, ..open });
        Ok(len)
    }

    /// How many samples a stream without times may hand in that has come to `next`: it stays in step
    /// with the air, a buffer ahead of it.
    fn room(&self, next: SampleTime, deadline: Instant) -> Result<usize, Code> {
        loop {
            let limit = self.now() + self.samples(TX_BUFFER);
            match limit.since(next) {
                0 if Instant::now() >= deadline => return Err(Code::Timeout),
                0 => self.look(LOOK_EVERY),
                room => return Ok(room as usize),
            }
        }
    }

    /// What has gone wrong with a burst, and when.
    pub fn status(&self, timeout: Duration) -> (Code, i64) {
        let deadline = Instant::now() + timeout;
        loop {
            // In two steps, so that others can transmit while this waits.
            let event = lock(&self.tx).stream.poll_event();
            match event {
                Some(TxEvent::Late { at, .. }) => {
                    self.late.fetch_add(1, Ordering::Relaxed);
                    return (Code::TimeError, self.to_ns(at));
                }
                Some(TxEvent::Underflow { at }) => return (Code::Underflow, self.to_ns(at)),
                None if Instant::now() >= deadline => return (Code::Timeout, 0),
                None => self.look(LOOK_EVERY),
            }
        }
    }

    /// Looks for news of the air, unless the one who receives does.
    fn look(&self, timeout: Duration) {
        if self.receives.load(Ordering::Relaxed) {
            std::thread::sleep(timeout);
            return;
        }
        let mut rx = lock(&self.rx);
        let Rx { stream, scratch, .. } = &mut *rx;
        // That the air has ended is told by what is done next.
        if stream.read(scratch, timeout).is_err() {
            drop(rx);
            std::thread::sleep(timeout);
        }
    }

    fn now(&self) -> SampleTime {
        lock(&self.radio).now()
    }

    fn samples(&self, time: Duration) -> u64 {
        (time.as_secs_f64() * self.rate.0) as u64
    }

    fn to_ns(&self, time: SampleTime) -> i64 {
        time.to_duration(self.rate).as_nanos() as i64
    }

    fn sample_at(&self, ns: i64) -> SampleTime {
        SampleTime::from_duration(Duration::from_nanos(ns.max(0) as u64), self.rate)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
