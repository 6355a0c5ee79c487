//! Radios in simulated air of one process.

mod lockstep;
mod realtime;
#[cfg(unix)]
mod remote;

use std::time::Duration;

use radios::air::{Air, AirConfig, Pacing};
use radios::{Complex32, Hertz, Radio, RxStream, SampleTime, Streams};

const CENTRE: Hertz = Hertz(5.18e9);
/// No test waits longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Air in lockstep at 20 Msps without noise.
fn quiet() -> AirConfig {
    AirConfig {
        pacing: Pacing::Lockstep { at_most: None },
        block: 500,
        noise: None,
        ..AirConfig::new(Hertz(20e6))
    }
}

fn start(air: &Air, name: &str) -> Streams {
    air.radio(name, CENTRE).unwrap().start().unwrap()
}

/// Reads so many samples that follow one another, and tells when the first was taken.
fn read(rx: &mut dyn RxStream, len: usize) -> (SampleTime, Vec<Complex32>) {
    let mut samples = vec![Complex32::ZERO; len];
    let mut done = 0;
    let mut first = None;
    while done < len {
        let chunk = rx.read(&mut samples[done..], PATIENCE).unwrap();
        assert_ne!(chunk.len, 0, "the air stands still");
        let start = *first.get_or_insert(chunk.time);
        assert_eq!((chunk.time.since(start), chunk.lost), (done as u64, 0));
        done += chunk.len;
    }
    (first.unwrap(), samples)
}
