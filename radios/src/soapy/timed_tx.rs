//! Bursts to a device that transmits at the time it is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use num_complex::Complex32;
use soapysdr::{Error as SoapyError, ErrorCode};

use super::broken;
use crate::Error;
use crate::radio::{Hertz, SampleTime, TxEvent, TxStream};

/// How long a device may take no samples before it is thought to be gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a driver may wait for room at a time.
const WAIT_US: i64 = 100_000;

pub(super) struct TimedTx {
    stream: soapysdr::TxStream<Complex32>,
    rate: Hertz,
    name: Arc<str>,
    /// Where a burst that has not ended goes on.
    open: Option<SampleTime>,
    /// The driver tells what becomes of bursts.
    tells: bool,
}

impl TimedTx {
    pub(super) fn new(stream: soapysdr::TxStream<Complex32>, rate: Hertz, name: Arc<str>) -> Self {
        Self { stream, rate, name, open: None, tells: true }
    }

    /// The status that a driver has for us now, and its time in nanoseconds.
    fn status(&mut self) -> Option<(SoapyError, i64)> {
        let (mut channels, mut flags, mut at_ns) = (0, 0, 0);
        loop {
            match self.stream.read_status(&mut channels, &mut flags, &mut at_ns, 0) {
                // Of a burst that went well.
                Ok(_) => {}
                Err(error) if error.code == ErrorCode::NotSupported => {
                    self.tells = false;
                    return None;
                }
                Err(error) if error.code == ErrorCode::Timeout => return None,
                Err(error) => return Some((error, at_ns)),
            }
        }
    }
}

impl TxStream for TimedTx {
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error> {
        let begins = self.open != Some(at);
        // Only what begins has a time: the driver knows where the rest goes.
        let mut at_ns = begins.then(|| at.to_duration(self.rate).as_nanos() as i64);
        let mut left = samples;
        let begun = Instant::now();
        loop {
            match self.stream.write(&[left], at_ns, end_of_burst, WAIT_US) {
                Ok(written) => {
                    at_ns = None;
                    left = &left[written..];
                    if left.is_empty() {
                        break;
                    }
                }
                Err(error) if error.code == ErrorCode::Timeout && begun.elapsed() < PATIENCE => {}
                // Its status says so, too.
                Err(error) if error.code == ErrorCode::Underflow => {}
                Err(error) => return Err(broken(&self.name)(error)),
            }
        }
        self.open = (!end_of_burst).then_some(at + samples.len() as u64);
        Ok(())
    }

    fn poll_event(&mut self) -> Option<TxEvent> {
        if !self.tells {
            return None;
        }
        let (error, at_ns) = self.status()?;
        let at = SampleTime::from_duration(Duration::from_nanos(at_ns.max(0) as u64), self.rate);
        match error.code {
            ErrorCode::TimeError => Some(TxEvent::Late { at, by: 0 }),
            ErrorCode::Underflow => Some(TxEvent::Underflow { at }),
            // A stream that is broken says so when it is written to.
            _ => None,
        }
    }
}
