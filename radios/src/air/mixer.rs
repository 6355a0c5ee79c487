//! The sum of what radios transmit, at each of their antennas, block by block. No clock and no thread.

use std::collections::VecDeque;

use num_complex::Complex32;

use super::config::AirConfig;
use super::path::{Path, Sum};
use crate::impair::exponential_paths;
use crate::radio::{Decibel, Hertz, SampleTime, TxEvent};
use crate::tx_queue::TxQueue;

/// What a radio may hand in ahead of its time, in seconds.
const TX_LIMIT_S: f64 = 2.0;
/// Events that are kept for a radio that does not ask for them.
const EVENT_LIMIT: usize = 1024;

/// Number of a radio in its air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RadioId(pub(crate) usize);

/// A radio as the air sees it.
struct Antenna {
    name: String,
    centre: Hertz,
    tx_amplitude: f32,
    queue: TxQueue,
    sum: Sum,
    settled: SampleTime,
    events: VecDeque<TxEvent>,
    /// To each antenna; none to those that do not hear it.
    paths: Vec<Option<Path>>,
}

/// The air and its antennas.
pub(crate) struct Mixer {
    config: AirConfig,
    /// The first sample of the next block.
    next: SampleTime,
    antennas: Vec<Option<Antenna>>,
    spare: Vec<Vec<Complex32>>,
}

impl Mixer {
    pub(crate) fn new(config: AirConfig) -> Self {
        Self { config, next: SampleTime::default(), antennas: Vec::new(), spare: Vec::new() }
    }

    /// The first sample that is not mixed.
    pub(crate) fn next(&self) -> SampleTime {
        self.next
    }

    /// How many radios are there.
    pub(crate) fn len(&self) -> usize {
        self.antennas.iter().flatten().count()
    }

    /// Whether a radio of this name is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.antennas.iter().flatten().any(|antenna| antenna.name == name)
    }

    /// Adds a radio.
    pub(crate) fn join(&mut self, name: &str, centre: Hertz) -> RadioId {
        let place = self.antennas.iter().position(Option::is_none);
        let id = RadioId(place.unwrap_or_else(|| {
            self.antennas.push(None);
            self.antennas.len() - 1
        }));
        self.antennas[id.0] = Some(Antenna {
            name: name.to_owned(),
            centre,
            tx_amplitude: 1.0,
            queue: TxQueue::default(),
            sum: Sum::default(),
            settled: self.next,
            events: VecDeque::new(),
            paths: Vec::new(),
        });
        self.lay_paths(id);
        id
    }

    /// Takes a radio away; its burst breaks off.
    pub(crate) fn leave(&mut self, id: RadioId) {
        self.antennas[id.0] = None;
        self.lay_paths(id);
    }

    pub(crate) fn tune(&mut self, id: RadioId, centre: Hertz) {
        self.antenna(id).centre = centre;
        self.lay_paths(id);
    }

    pub(crate) fn set_tx_gain(&mut self, id: RadioId, gain: Decibel) {
        self.antenna(id).tx_amplitude = gain.amplitude();
    }

    /// A buffer for [`Mixer::submit`].
    pub(crate) fn buffer(&mut self) -> Vec<Complex32> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes in what a radio transmits; nothing if it has handed in too much.
    pub(crate) fn submit(
        &mut self,
        id: RadioId,
        at: SampleTime,
        samples: Vec<Complex32>,
        end_of_burst: bool,
    ) -> Result<(), usize> {
        let limit = (TX_LIMIT_S * self.config.sample_rate.0) as usize;
        let next = self.next;
        let antenna = self.antenna(id);
        let len = samples.len();
        if antenna.queue.waiting() + len > limit {
            self.spare.push(samples);
            return Err(len);
        }
        let (event, unused) = antenna.queue.push(next, at, samples, end_of_burst);
        antenna.tell(event);
        self.spare.extend(unused);
        Ok(())
    }

    pub(crate) fn next_event(&mut self, id: RadioId) -> Option<TxEvent> {
        self.antenna(id).events.pop_front()
    }

    /// No burst of this radio will begin before `until`.
    pub(crate) fn settle(&mut self, id: RadioId, until: SampleTime) {
        let antenna = self.antenna(id);
        antenna.settled = antenna.settled.max(until);
    }

    /// Whether all that is to be in the next block is there.
    pub(crate) fn is_settled(&self) -> bool {
        self.antennas.iter().flatten().all(|antenna| antenna.settled >= self.next_end())
    }

    /// Whether all is there that this radio has for the next block.
    #[cfg(unix)]
    pub(crate) fn has_settled(&self, id: RadioId) -> bool {
        self.antennas[id.0].as_ref().is_none_or(|antenna| antenna.settled >= self.next_end())
    }

    fn next_end(&self) -> SampleTime {
        self.next + self.config.block as u64
    }

    /// Mixes the next block.
    pub(crate) fn mix(&mut self) {
        let block = self.config.block;
        self.antennas.iter_mut().flatten().for_each(|antenna| antenna.sum.advance(block));
        let now = self.next;
        for from in 0..self.antennas.len() {
            let Some(mut antenna) = self.antennas[from].take() else { continue };
            let mut queue = std::mem::take(&mut antenna.queue);
            let event = queue.take_until(
                now + block as u64,
                |piece| {
                    for (to, path) in antenna.paths.iter_mut().enumerate() {
                        let sum = match &mut self.antennas[to] {
                            Some(other) => &mut other.sum,
                            None => &mut antenna.sum,
                        };
                        if let Some(path) = path {
                            path.carry(&piece, antenna.tx_amplitude, now, sum);
                        }
                    }
                },
                |buffer| self.spare.push(recycled(buffer)),
            );
            antenna.queue = queue;
            antenna.tell(event);
            self.antennas[from] = Some(antenna);
        }
        self.antennas.iter_mut().flatten().for_each(|antenna| antenna.sum.reserve(block));
        self.next += block as u64;
    }

    /// What arrived at a radio in the block mixed last, without noise; none if nothing did.
    pub(crate) fn heard(&self, id: RadioId) -> Option<&[Complex32]> {
        self.antennas[id.0].as_ref()?.sum.first(self.config.block)
    }

    fn antenna(&mut self, id: RadioId) -> &mut Antenna {
        self.antennas[id.0].as_mut().expect("a radio that has joined")
    }

    /// Lays the ways from and to an antenna anew.
    fn lay_paths(&mut self, id: RadioId) {
        for other in 0..self.antennas.len() {
            for (from, to) in [(other, id.0), (id.0, other)] {
                let path = self.path(from, to);
                if let Some(antenna) = &mut self.antennas[from] {
                    antenna.paths.resize_with(antenna.paths.len().max(to + 1), || None);
                    antenna.paths[to] = path;
                }
            }
        }
    }

    fn path(&self, from: usize, to: usize) -> Option<Path> {
        let (Some(one), Some(other)) = (&self.antennas[from], &self.antennas[to]) else {
            return None;
        };
        let rate = self.config.sample_rate.0;
        if from == to {
            let leakage = Complex32::from(self.config.leakage?.amplitude());
            return Some(Path::new(0, vec![leakage], 0.0, 0.0));
        }
        let link = self.config.link_between(&one.name, &other.name);
        let offset = one.centre.0 - other.centre.0;
        if offset.abs() >= rate / 2.0 || link.gain.0 == f64::NEG_INFINITY {
            return None;
        }
        let ppm = |name: &str| self.config.oscillators_ppm.get(name).copied().unwrap_or(0.0);
        let ppm = ppm(&one.name) - ppm(&other.name);
        let turns = (offset + ppm * 1e-6 * one.centre.0) / rate;
        let gain = link.gain.amplitude();
        let mut echoes = vec![Complex32::ONE];
        if link.echoes_ns > 0.0 {
            let seed = self.config.pair_seed(&one.name, &other.name);
            echoes = exponential_paths(link.echoes_ns, rate, seed);
        }
        echoes.iter_mut().for_each(|echo| *echo *= gain);
        Some(Path::new(u64::from(link.delay), echoes, turns, ppm))
    }
}

impl Antenna {
    fn tell(&mut self, event: Option<TxEvent>) {
        let Some(event) = event else { return };
        if self.events.len() == EVENT_LIMIT {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

fn recycled(mut buffer: Vec<Complex32>) -> Vec<Complex32> {
    buffer.clear();
    buffer
}
