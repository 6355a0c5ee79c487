//! Sample streams for a software-defined radio: radios, recordings in and out, resampling,
//! impairments.
//!
//! - [`Radio`] is what receives and transmits in time: simulated [`air`], files, SoapySDR's devices;
//!   [`open()`] has them by their addresses.
//! - [`Recording`] reads a SigMF pair or a raw file as a stream of complex samples;
//!   [`discover`] finds the recordings in files and folders.
//! - [`SigmfWriter`] writes a SigMF pair that is either complete or not there at all.
//! - [`Resampler`] brings a stream to another sample rate.
//! - [`Impairments`] makes of a clean stream what an antenna and a cheap radio would.
//!
//! Samples are [`Complex32`] with magnitude 1 as full scale. This crate knows nothing of what
//! they carry.
//!
//! ```
//! use radios::{Complex32, Impairments};
//!
//! let mut air = Impairments { carrier_hz: 20e3, ..Impairments::none(20e6) }.start(1);
//! let mut received = Vec::new();
//! air.process(&[Complex32::ONE; 100], &mut received);
//! air.finish(&mut received);
//! assert_eq!(received.len(), 100);
//! ```

pub mod air;
mod discover;
mod error;
mod format;
pub mod impair;
mod radio;
mod recording;
mod resample;
pub mod sigmf;
mod sigmf_writer;
#[cfg(feature = "soapy")]
mod soapy;
mod tx_queue;

pub use discover::discover;
pub use error::Error;
pub use format::SampleFormat;
pub use impair::Impairments;
pub use num_complex::Complex32;
pub use radio::{
    Decibel, Direction, FileRadio, FileRadioAddress, Hertz, Radio, RadioSettings, RxChunk,
    RxStream, SampleTime, Streams, TxEvent, TxStream, open,
};
pub use recording::Recording;
pub use resample::Resampler;
pub use sigmf_writer::SigmfWriter;
#[cfg(feature = "soapy")]
pub use soapy::SoapyRadio;
