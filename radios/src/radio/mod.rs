//! A radio as two streams on one sample clock: what it receives, with the time of each sample, and
//! bursts that it transmits at a given time.
//!
//! A [`Radio`] is set up and started; its two halves can then live in different threads, while the
//! radio itself stays where it can be tuned. Implemented by simulated air ([`crate::air`]), by
//! files and, with the cargo feature `soapy`, by SoapySDR's devices.

mod file;
mod open;
mod units;

use std::time::Duration;

use num_complex::Complex32;

pub use file::{FileRadio, FileRadioAddress};
pub use open::{RadioSettings, open};
pub use units::{Decibel, Hertz, SampleTime};

use crate::Error;

/// One chain to receive and one to transmit, on the same sample clock.
pub trait Radio: Send {
    /// What it is, for people.
    fn describe(&self) -> String;

    /// Samples a second, in and out.
    fn sample_rate(&self) -> Hertz;

    /// Centre frequency, in and out.
    fn frequency(&self) -> Hertz;

    /// Moves both chains to another centre frequency; also while streams run.
    ///
    /// # Errors
    /// If the radio does not reach it.
    fn tune(&mut self, centre: Hertz) -> Result<(), Error>;

    /// Sets the gain of one chain; also while streams run.
    ///
    /// # Errors
    /// If the radio does not have it.
    fn set_gain(&mut self, direction: Direction, gain: Decibel) -> Result<(), Error>;

    /// Sets the width of the analogue filters.
    ///
    /// # Errors
    /// If the radio does not have it.
    fn set_bandwidth(&mut self, bandwidth: Hertz) -> Result<(), Error>;

    /// How far after the newest sample that [`RxStream::read`] gave a burst must begin, to be in
    /// time if it is sent at once. An estimate; what is above it is the caller's own.
    fn latency(&self) -> Duration;

    /// Starts both streams. A radio is started once.
    ///
    /// # Errors
    /// If the radio refuses, or was started before.
    fn start(&mut self) -> Result<Streams, Error>;
}

/// Which of the chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What it receives.
    Rx,
    /// What it transmits.
    Tx,
}

/// The two halves of a radio that runs.
pub struct Streams {
    /// What it receives.
    pub rx: Box<dyn RxStream>,
    /// What it transmits.
    pub tx: Box<dyn TxStream>,
}

/// Samples from the air.
pub trait RxStream: Send {
    /// Reads the next samples: as many as there are now, up to the length of `samples`, and waits for
    /// the first of them no longer than `timeout`. Samples have magnitude 1 as full scale.
    ///
    /// # Errors
    /// If the radio is gone ([`Error::Disconnected`]) or a recording is over
    /// ([`Error::EndOfRecording`]); no samples follow.
    fn read(&mut self, samples: &mut [Complex32], timeout: Duration) -> Result<RxChunk, Error>;
}

/// What [`RxStream::read`] has put into its caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RxChunk {
    /// Samples read; none if the time was out.
    pub len: usize,
    /// When the first of them was taken.
    pub time: SampleTime,
    /// Samples lost between the chunk before and this one: an overflow, if any.
    pub lost: u64,
}

/// Bursts to the air.
pub trait TxStream: Send {
    /// Hands in samples that are to begin at `at`. The first call begins a burst; further ones go on
    /// where the one before ended, up to one with `end_of_burst`. Does not wait for the burst's time.
    ///
    /// What comes too late is not transmitted, to the end of its burst: [`TxEvent::Late`]. So is what
    /// would begin before the end of the burst before.
    ///
    /// # Errors
    /// If the radio is gone ([`Error::Disconnected`]), or has no room for so many samples ahead of
    /// their time ([`Error::TxFull`]: nothing was taken).
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error>;

    /// What has become of bursts, if anything has gone wrong. Does not wait.
    fn poll_event(&mut self) -> Option<TxEvent>;

    /// Declares that no burst will begin before `until`. Simulated air in lockstep waits for this;
    /// all other radios have no use for it.
    ///
    /// # Errors
    /// If the radio is gone ([`Error::Disconnected`]).
    fn settle(&mut self, until: SampleTime) -> Result<(), Error> {
        let _ = until;
        Ok(())
    }
}

/// What went wrong with a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxEvent {
    /// The samples for `at` came late by so many samples, at the least (nought where the radio does
    /// not say); they and the rest of their burst are not transmitted.
    Late {
        /// When they should have begun.
        at: SampleTime,
        /// Samples that were missing.
        by: u64,
    },
    /// A burst that was not ended had no samples for `at`.
    Underflow {
        /// The first sample that was missing.
        at: SampleTime,
    },
}
