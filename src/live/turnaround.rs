//! How long before its time a burst has to be handed to a radio: measured, by bursts of silence.
//!
//! With each chunk of samples a burst of zeros is handed in for a time some way ahead, and the radio
//! says which of them came too late. The *lead* is the least distance from which on hardly any did,
//! and some more. Nobody hears anything of it, and it contains all that counts: how late samples come, how long the thread
//! takes to be woken, how early the driver wants its bursts.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use phy80211::Complex32;
use radios::{Error, SampleTime, Streams, TxEvent};

/// The shortest distance that is tried.
const SHORTEST: Duration = Duration::from_micros(20);
/// The longest one.
const LONGEST: Duration = Duration::from_millis(30);
/// Each is longer than the one before by this.
const STEP: f64 = 1.3;
/// How long is measured, at the most.
const MEASURE: Duration = Duration::from_millis(700);
/// How long late events may take to come.
const SETTLE: Duration = Duration::from_millis(100);
/// Room for what was not seen while it was measured.
const MARGIN: f64 = 1.5;
/// Share of bursts that may be late all the same: a machine that does something else for some
/// milliseconds now and then shall not make all responses as late.
const LATE: f64 = 0.01;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Samples by which bursts have to be ahead of what was received.
    pub lead: u64,
    /// Most samples that came at once.
    pub chunk: usize,
    /// Bursts of silence that were sent.
    pub probes: usize,
    /// Of those how many came late.
    pub late: usize,
}

struct Probe {
    at: u64,
    distance: usize,
}

/// Measures a radio that runs, at so many samples a second. The radio's own idea of its latency is
/// the least that is believed.
pub fn measure(
    streams: &mut Streams,
    rate_hz: f64,
    hint: Duration,
    patience: Duration,
) -> Result<Measured> {
    let samples = |time: Duration| (time.as_secs_f64() * rate_hz).ceil() as u64;
    let mut distances = vec![samples(SHORTEST)];
    while *distances.last().expect("it has one") < samples(LONGEST) {
        let longer = (*distances.last().expect("it has one") as f64 * STEP).ceil();
        distances.push(longer as u64);
    }
    let mut buffer = vec![Complex32::ZERO; 1 << 14];
    let (mut probes, mut late): (Vec<Probe>, Vec<u64>) = (vec![], vec![]);
    let (mut next, mut busy_until, mut most) = (0, 0, 0);
    let began = Instant::now();
    let mut heard_at = began;
    loop {
        let probing = began.elapsed() < MEASURE;
        if !probing && began.elapsed() > MEASURE + SETTLE {
            break;
        }
        let chunk = streams.rx.read(&mut buffer, patience).context("receiving")?;
        if chunk.len == 0 {
            if heard_at.elapsed() >= patience {
                bail!("the radio delivers no samples");
            }
            continue;
        }
        heard_at = Instant::now();
        let end = chunk.time.0 + chunk.len as u64;
        if probing {
            most = most.max(chunk.len);
            let at = end + distances[next];
            // A burst that begins before the end of the one before is no fair probe.
            if at > busy_until {
                match streams.tx.send(SampleTime(at), &[Complex32::ZERO; 2], true) {
                    Ok(()) => probes.push(Probe { at, distance: next }),
                    Err(Error::TxFull { .. }) => {}
                    Err(error) => return Err(error).context("transmitting"),
                }
                busy_until = at + 2;
                next = (next + 1) % distances.len();
            }
        }
        // Simulated air in lockstep goes on when it is told that nothing else comes for a block.
        let block = distances[0].max(chunk.len as u64);
        streams.tx.settle(SampleTime(end + block)).context("transmitting")?;
        while let Some(event) = streams.tx.poll_event() {
            late.push(match event {
                TxEvent::Late { at, .. } | TxEvent::Underflow { at } => at.0,
            });
        }
    }
    let is_late = |probe: &Probe| late.iter().any(|&at| (probe.at..probe.at + 2).contains(&at));
    let outcomes: Vec<_> = probes.iter().map(|probe| (probe.distance, is_late(probe))).collect();
    let late_from = |least: usize| {
        let far = outcomes.iter().filter(|(distance, _)| *distance >= least);
        let (all, late): (u32, usize) =
            far.fold((0, 0), |(all, late), it| (all + 1, late + usize::from(it.1)));
        (all, late as f64 / f64::from(all.max(1)))
    };
    let enough = (0..distances.len()).find(|&least| {
        let (all, late) = late_from(least);
        all > 0 && late <= LATE
    });
    let Some(enough) = enough else {
        bail!("bursts come too late for the radio even if they are {LONGEST:?} ahead");
    };
    let margin = if enough == 0 { 1.0 } else { MARGIN };
    let lead = (distances[enough] as f64 * margin).ceil() as u64;
    let count = outcomes.iter().filter(|(_, late)| *late).count();
    let lead = lead.max(samples(hint));
    Ok(Measured { lead, chunk: most, probes: probes.len(), late: count })
}
