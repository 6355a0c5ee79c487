//! Devices of SoapySDR as radios, by SoapySDR's own arguments.
//!
//! One channel, number 0, in each direction. A device with a hardware clock transmits at the time that
//! it is told. For one without, samples are counted: silence is streamed between bursts, so that the
//! position in what was written is the time.

mod counted_tx;
mod rx;
mod timed_tx;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use soapysdr::{Device, Direction as Way};

use crate::Error;
use crate::radio::{Decibel, Direction, Hertz, Radio, RadioSettings, SampleTime, Streams};

/// What a host and a driver need between a sample and a burst, at the least.
const HOST_LATENCY: Duration = Duration::from_micros(200);

/// A device of SoapySDR.
pub struct SoapyRadio {
    device: Device,
    name: Arc<str>,
    sample_rate: Hertz,
    frequency: Hertz,
    transmits: bool,
    timed: bool,
    /// Samples that are transferred at a time.
    unit: usize,
    /// Samples that were written ahead of what was received, where they are counted.
    ahead: Arc<AtomicU64>,
    started: bool,
}

impl SoapyRadio {
    /// Opens the first device that has these arguments ("driver=lime,serial=..."), and sets rate and
    /// frequency.
    ///
    /// # Errors
    /// If there is no such device, or it does not take the settings.
    pub fn open(args: &str, settings: &RadioSettings) -> Result<Self, Error> {
        let name: Arc<str> = format!("SoapySDR device '{args}'").into();
        let device = Device::new(args).map_err(refused(&name, "opening it"))?;
        let channels = |way| device.num_channels(way).map_err(refused(&name, "its channels"));
        if channels(Way::Rx)? == 0 {
            let reason = "it has nothing to receive with".to_owned();
            return Err(Error::Unsupported { radio: name.to_string(), reason });
        }
        let transmits = channels(Way::Tx)? > 0;
        let rate = settings.sample_rate.0;
        for way in ways(transmits) {
            device.set_sample_rate(way, 0, rate).map_err(refused(&name, "its sample rate"))?;
            device
                .set_frequency(way, 0, settings.frequency.0, ())
                .map_err(refused(&name, "its frequency"))?;
        }
        let sample_rate = device.sample_rate(Way::Rx, 0).map_err(refused(&name, "its rate"))?;
        // A driver that does not know has none.
        let timed = device.has_hardware_time(None).unwrap_or(false);
        Ok(Self {
            device,
            name,
            // Some report what their divider makes of it: a few millionths are no other rate.
            sample_rate: Hertz(if (sample_rate / rate - 1.0).abs() < 1e-6 {
                rate
            } else {
                sample_rate
            }),
            frequency: settings.frequency,
            transmits,
            timed,
            unit: 0,
            ahead: Arc::default(),
            started: false,
        })
    }

    /// Whether the device has a clock, by which it transmits.
    pub fn is_timed(&self) -> bool {
        self.timed
    }
}

fn ways(transmits: bool) -> impl Iterator<Item = Way> {
    [Way::Rx, Way::Tx].into_iter().take(1 + usize::from(transmits))
}

/// What a device did not do.
fn refused(name: &Arc<str>, what: &str) -> impl FnOnce(soapysdr::Error) -> Error {
    let (radio, what) = (name.to_string(), what.to_owned());
    move |error| Error::Unsupported { radio, reason: format!("{what}: {error}") }
}

/// A stream that has broken.
fn broken(name: &Arc<str>) -> impl FnOnce(soapysdr::Error) -> Error {
    let radio = name.to_string();
    move |error| Error::Disconnected { radio, reason: error.to_string() }
}

impl Radio for SoapyRadio {
    fn describe(&self) -> String {
        let clock = if self.timed { "timed" } else { "without a clock: samples are counted" };
        format!("{} ({clock})", self.name)
    }

    fn sample_rate(&self) -> Hertz {
        self.sample_rate
    }

    fn frequency(&self) -> Hertz {
        self.frequency
    }

    fn tune(&mut self, centre: Hertz) -> Result<(), Error> {
        for way in ways(self.transmits) {
            self.device
                .set_frequency(way, 0, centre.0, ())
                .map_err(refused(&self.name, "its frequency"))?;
        }
        self.frequency = centre;
        Ok(())
    }

    fn set_gain(&mut self, direction: Direction, gain: Decibel) -> Result<(), Error> {
        let way = match direction {
            Direction::Rx => Way::Rx,
            Direction::Tx => Way::Tx,
        };
        self.device.set_gain(way, 0, gain.0).map_err(refused(&self.name, "its gain"))
    }

    fn set_bandwidth(&mut self, bandwidth: Hertz) -> Result<(), Error> {
        for way in ways(self.transmits) {
            self.device
                .set_bandwidth(way, 0, bandwidth.0)
                .map_err(refused(&self.name, "its bandwidth"))?;
        }
        Ok(())
    }

    /// Twice what is transferred at a time, and what a host needs; without a clock also what the driver
    /// has taken ahead of its time. SoapySDR has no call that would tell.
    fn latency(&self) -> Duration {
        let samples = 2 * self.unit as u64 + self.ahead.load(Ordering::Relaxed);
        HOST_LATENCY + Duration::from_secs_f64(samples as f64 / self.sample_rate.0)
    }

    fn start(&mut self) -> Result<Streams, Error> {
        if std::mem::replace(&mut self.started, true) {
            let reason = "it was started before".to_owned();
            return Err(Error::Unsupported { radio: self.name.to_string(), reason });
        }
        let clock = Clock::default();
        let mut rx = self.device.rx_stream(&[0]).map_err(refused(&self.name, "receiving"))?;
        self.unit = rx.mtu().unwrap_or(0);
        rx.activate(None).map_err(refused(&self.name, "receiving"))?;
        let rx = rx::Rx::new(rx, self.sample_rate, clock.clone(), Arc::clone(&self.name));
        if !self.transmits {
            return Ok(Streams { rx: Box::new(rx), tx: Box::new(NoTx(Arc::clone(&self.name))) });
        }
        let mut tx = self.device.tx_stream(&[0]).map_err(refused(&self.name, "transmitting"))?;
        tx.activate(None).map_err(refused(&self.name, "transmitting"))?;
        let name = Arc::clone(&self.name);
        Ok(Streams {
            rx: Box::new(rx),
            tx: if self.timed {
                Box::new(timed_tx::TimedTx::new(tx, self.sample_rate, name))
            } else {
                Box::new(counted_tx::CountedTx::start(
                    tx,
                    self.sample_rate,
                    counted_tx::Count { clock, ahead: Arc::clone(&self.ahead) },
                    name,
                )?)
            },
        })
    }
}

/// The newest sample that was received, for those who count.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn set(&self, now: SampleTime) {
        self.0.store(now.0, Ordering::Release);
    }

    fn now(&self) -> SampleTime {
        SampleTime(self.0.load(Ordering::Acquire))
    }
}

/// Of a device that only receives.
struct NoTx(Arc<str>);

impl crate::TxStream for NoTx {
    fn send(&mut self, _: SampleTime, _: &[crate::Complex32], _: bool) -> Result<(), Error> {
        let reason = "it has nothing to transmit with".to_owned();
        Err(Error::Unsupported { radio: self.0.to_string(), reason })
    }

    fn poll_event(&mut self) -> Option<crate::TxEvent> {
        None
    }
}
