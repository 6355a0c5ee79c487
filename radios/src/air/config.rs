//! What the simulated air is like.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::pacer::Pacer;
use crate::Error;
use crate::radio::{Decibel, Hertz};

/// Options of simulated air. Powers are relative to a sample of magnitude 1.
#[derive(Debug, Clone, PartialEq)]
pub struct AirConfig {
    /// Samples a second, of all its radios.
    pub sample_rate: Hertz,
    /// Samples that are mixed at a time. What is received comes in steps of this, and what is
    /// transmitted must be there before its block is mixed.
    pub block: usize,
    /// How its time passes.
    pub pacing: Pacing,
    /// Radios that must be there before its time begins to pass.
    pub wait_for: usize,
    /// How much received samples may age before they are lost.
    pub buffer: Duration,
    /// Power of the noise of each receiver, in the whole sample bandwidth and at a gain of 0 dB;
    /// none for no noise.
    pub noise: Option<Decibel>,
    /// Where all that is random comes from.
    pub seed: u64,
    /// How strongly a radio hears itself; none for not at all.
    pub leakage: Option<Decibel>,
    /// The way between any two radios.
    pub link: Link,
    /// The ways that are not as all others, by the names of the radios in alphabetical order.
    pub links: BTreeMap<(String, String), Link>,
    /// By how much oscillators are off, in parts per million, by the name of the radio.
    pub oscillators_ppm: BTreeMap<String, f64>,
}

/// How the time of simulated air passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pacing {
    /// As the wall clock's, whatever the radios do. Where the machine cannot keep up it stands still
    /// for a while; it never hurries to catch up by more than a few blocks.
    RealTime,
    /// When all radios have settled what they transmit ([`crate::TxStream::settle`]) and have room
    /// for what they receive: the same samples whatever the machine does.
    Lockstep {
        /// The fastest it may go, relative to the wall clock; none for as fast as it can.
        at_most: Option<f64>,
    },
}

/// The way from one radio to another, the same in both directions.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What of the transmitted power arrives; minus infinity for nothing.
    pub gain: Decibel,
    /// Samples under way.
    pub delay: u32,
    /// Root-mean-square spread of the echoes' delays in nanoseconds; nought for none.
    pub echoes_ns: f64,
}

impl Default for Link {
    /// A cable with an attenuator of 30 dB.
    fn default() -> Self {
        Self { gain: Decibel(-30.0), delay: 1, echoes_ns: 0.0 }
    }
}

impl AirConfig {
    /// Real time, receivers with a noise of -70 dB, 30 dB between any two radios, and blocks of
    /// 100 microseconds.
    pub fn new(sample_rate: Hertz) -> Self {
        Self {
            sample_rate,
            block: ((sample_rate.0 * 100e-6) as usize).clamp(64, 65_536),
            pacing: Pacing::RealTime,
            wait_for: 0,
            buffer: Duration::from_millis(50),
            noise: Some(Decibel(-70.0)),
            seed: 1,
            leakage: None,
            link: Link::default(),
            links: BTreeMap::new(),
            oscillators_ppm: BTreeMap::new(),
        }
    }

    /// Checks that the numbers can be had.
    ///
    /// # Errors
    /// If the sample rate, the block or the speed is out of bounds.
    pub fn check(&self) -> Result<(), Error> {
        let refuse =
            |reason: String| Err(Error::Unsupported { radio: "simulated air".to_owned(), reason });
        let rate = self.sample_rate;
        if !(1e3..=1e9).contains(&rate.0) {
            return refuse(format!("its sample rate must be from 1 kHz to 1 GHz, not {rate}"));
        }
        if !(1..=1 << 20).contains(&self.block) {
            return refuse(format!("a block has 1 to 1048576 samples, not {}", self.block));
        }
        if let Pacing::Lockstep { at_most: Some(speed) } = self.pacing
            && !(1e-3..=1e3).contains(&speed)
        {
            return refuse(format!("its speed must be from 0.001 to 1000, not {speed}"));
        }
        Ok(())
    }

    /// The way between two radios.
    pub(super) fn link_between(&self, one: &str, other: &str) -> &Link {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        self.links.get(&(first.to_owned(), second.to_owned())).unwrap_or(&self.link)
    }

    /// Where the echoes between two radios come from.
    pub(super) fn pair_seed(&self, one: &str, other: &str) -> u64 {
        // FNV-1a over both names in alphabetical order: the same whoever transmits.
        let names = [one.min(other), "\0", one.max(other)];
        let bytes = names.iter().flat_map(|name| name.bytes());
        bytes.fold(self.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// What keeps to the pace from `now` on; none if there is none to keep to.
    pub(super) fn pacer(&self, now: Instant) -> Option<Pacer> {
        let speed = match self.pacing {
            Pacing::RealTime => 1.0,
            Pacing::Lockstep { at_most } => at_most?,
        };
        Some(Pacer::new(self.block_duration().div_f64(speed), now))
    }

    /// How long a block lasts.
    pub fn block_duration(&self) -> Duration {
        Duration::from_nanos((self.block as f64 * 1e9 / self.sample_rate.0) as u64)
    }
}
