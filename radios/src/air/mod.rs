//! Simulated air: radios that hear one another through a mixer instead of antennas.
//!
//! What a radio receives is the sum of what the others transmit, each by its own way (gain, delay,
//! echoes, carrier and clock offset), and noise of its own. Radios at other centre frequencies are not
//! heard, if they are half a sample rate away or more; nearer, they are heard off their frequency.
//! [`Air`] joins radios of one process, [`AirServer`] those of several ([`RemoteAirRadio`]). docs/radios.md tells how its time passes, what it costs and
//! what it leaves out.
//!
//! ```
//! use std::time::Duration;
//! use radios::air::{Air, AirConfig, Pacing};
//! use radios::{Complex32, Hertz, Radio, SampleTime};
//!
//! let lockstep = Pacing::Lockstep { at_most: None };
//! let air = Air::start(AirConfig { pacing: lockstep, ..AirConfig::new(Hertz(20e6)) })?;
//! let mut one = air.radio("one", Hertz(5.18e9))?;
//! let mut other = air.radio("other", Hertz(5.18e9))?;
//! let (mut sender, mut listener) = (one.start()?.tx, other.start()?.rx);
//!
//! sender.send(SampleTime(100), &[Complex32::ONE; 50], true)?;
//! sender.settle(SampleTime(10_000))?;
//! let mut samples = [Complex32::ZERO; 500];
//! let chunk = listener.read(&mut samples, Duration::from_secs(1))?;
//! assert_eq!(chunk.time, SampleTime(0));
//! // A sample under way, and 30 dB weaker.
//! assert!((samples[101].norm() - 0.0316).abs() < 0.005);
//! # Ok::<(), radios::Error>(())
//! ```

#[cfg(unix)]
mod address;
mod config;
mod drift;
mod front_end;
mod inbox;
#[cfg(unix)]
mod inlet;
mod local;
mod mixer;
mod pacer;
mod path;
mod precise_sleep;
#[cfg(unix)]
mod reader;
#[cfg(unix)]
mod remote;
#[cfg(unix)]
mod server;
mod spin;
#[cfg(unix)]
mod wire;

#[cfg(unix)]
pub use address::AirAddress;
pub use config::{AirConfig, Link, Pacing};
pub use local::{Air, AirRadio};
#[cfg(unix)]
pub use remote::RemoteAirRadio;
#[cfg(unix)]
pub use server::{AirNotice, AirServer, AirStatus};
#[cfg(unix)]
pub use wire::WireFormat;
