//! What a device receives, with the time of each sample.

use std::sync::Arc;
use std::time::{Duration, Instant};

use num_complex::Complex32;
use soapysdr::ErrorCode;

use super::{Clock, broken};
use crate::Error;
use crate::radio::{Hertz, RxChunk, RxStream, SampleTime};

pub(super) struct Rx {
    stream: soapysdr::RxStream<Complex32>,
    rate: Hertz,
    clock: Clock,
    name: Arc<str>,
    /// When the next sample is due; none before the first.
    expected: Option<SampleTime>,
    times: Times,
    /// The driver has told of an overflow since the last samples.
    overflow: bool,
}

/// Where the times of samples come from.
enum Times {
    /// Not known yet: what the driver has said with the first samples.
    Unknown,
    /// The driver says.
    Told,
    /// Samples are counted, since then.
    Counted(Instant),
}

impl Rx {
    pub(super) fn new(
        stream: soapysdr::RxStream<Complex32>,
        rate: Hertz,
        clock: Clock,
        name: Arc<str>,
    ) -> Self {
        let times = Times::Unknown;
        Self { stream, rate, clock, name, expected: None, times, overflow: false }
    }

    /// When the samples were taken that have just been read.
    fn time(&mut self, len: usize) -> SampleTime {
        let told_ns = self.stream.time_ns();
        if let Times::Unknown = self.times {
            // The call leaves nought where a driver has no times.
            self.times = if told_ns > 0 { Times::Told } else { Times::Counted(Instant::now()) };
        }
        match (&self.times, self.expected) {
            (Times::Told, _) => {
                let told = Duration::from_nanos(told_ns.max(0) as u64);
                let time = SampleTime::from_duration(told, self.rate);
                // Drivers round: a sample beside where it should be is where it should be.
                match self.expected {
                    Some(expected) if expected.0.abs_diff(time.0) <= 1 => expected,
                    Some(expected) => time.max(expected),
                    None => time,
                }
            }
            (_, None) => SampleTime(0),
            (Times::Counted(since), Some(expected)) if self.overflow => {
                // What the wall clock says is missing; a sample, at the least, to tell of it.
                let passed = SampleTime::from_duration(since.elapsed(), self.rate);
                (passed - len as u64).max(expected + 1)
            }
            (_, Some(expected)) => expected,
        }
    }
}

impl RxStream for Rx {
    fn read(&mut self, samples: &mut [Complex32], timeout: Duration) -> Result<RxChunk, Error> {
        let deadline = Instant::now() + timeout;
        let len = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.stream.read(&mut [&mut *samples], left.as_micros() as i64) {
                Ok(len) if len > 0 => break len,
                Ok(_) => {}
                Err(error) if error.code == ErrorCode::Overflow => self.overflow = true,
                Err(error) if error.code == ErrorCode::Timeout => {}
                Err(error) => return Err(broken(&self.name)(error)),
            }
            if Instant::now() >= deadline {
                return Ok(RxChunk::default());
            }
        };
        let time = self.time(len);
        self.overflow = false;
        let lost = self.expected.map_or(0, |expected| time.since(expected));
        let next = time + len as u64;
        self.expected = Some(next);
        self.clock.set(next);
        Ok(RxChunk { len, time, lost })
    }
}
