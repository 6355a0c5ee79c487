//! How a waveform gets from one antenna to another: loss, delay, echoes, and the difference of the
//! oscillators at both ends.

use phy80211::Complex32;
use radios::{Impairments, impair};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::SampleAirConfig;
use super::antenna::Arrival;
use crate::FULL_SCALE_DBM;
use crate::medium::links::Links;
use crate::{NodeId, Position};

/// The ways between all antennas, which are numbered as nodes are.
pub(super) struct Propagation {
    pub(super) links: Links,
    sample_rate_hz: f64,
    centre_hz: f64,
    max_ppm: f64,
    multipath_rms_ns: Option<f64>,
    oscillators_ppm: Vec<f64>,
    /// Gains of the paths from an antenna to each that was there before it, one a sample of
    /// delay.
    paths: Vec<Vec<Vec<Complex32>>>,
}

impl Propagation {
    pub(super) fn new(config: &SampleAirConfig) -> Self {
        Self {
            links: Links::new(config.path_loss),
            sample_rate_hz: config.channel.bandwidth.sample_rate_hz(),
            centre_hz: f64::from(config.channel.centre_mhz) * 1e6,
            max_ppm: config.oscillator_ppm,
            multipath_rms_ns: config.multipath_rms_ns,
            oscillators_ppm: vec![],
            paths: vec![],
        }
    }

    /// Adds an antenna with its oscillator.
    pub(super) fn add(&mut self, position: Position, rng: &mut ChaCha8Rng) -> NodeId {
        let id = NodeId::at(self.paths.len());
        self.links.add(position);
        self.oscillators_ppm.push(self.max_ppm * rng.random_range(-1.0..=1.0));
        let paths = (0..id.index()).map(|_| match self.multipath_rms_ns {
            Some(rms_ns) => impair::exponential_paths(rms_ns, self.sample_rate_hz, rng.random()),
            None => vec![Complex32::ONE],
        });
        self.paths.push(paths.collect());
        id
    }

    pub(super) fn set_oscillator_ppm(&mut self, antenna: NodeId, ppm: f64) {
        self.oscillators_ppm[antenna.index()] = ppm;
    }

    /// A waveform that leaves one antenna at sample `start`, as it arrives at another; none if
    /// nothing does.
    pub(super) fn carry(
        &self,
        (from, to): (NodeId, NodeId),
        start: u64,
        tx_power_dbm: f64,
        waveform: &[Complex32],
    ) -> Option<Arrival> {
        let link = self.links.between(from, to);
        if link.gain == 0.0 {
            return None;
        }
        let amplitude = (10f64.powf((tx_power_dbm - FULL_SCALE_DBM) / 10.0) * link.gain).sqrt();
        let (earlier, later) = (from.min(to), from.max(to));
        let paths = &self.paths[later.index()][earlier.index()];
        let ppm = self.oscillators_ppm[from.index()] - self.oscillators_ppm[to.index()];
        let way = Impairments {
            paths: paths.iter().map(|path| path * amplitude as f32).collect(),
            clock_ppm: ppm,
            carrier_hz: ppm * 1e-6 * self.centre_hz,
            ..Impairments::none(self.sample_rate_hz)
        };
        let mut samples = Vec::with_capacity(waveform.len() + paths.len());
        // None of it is random: the seed does not matter.
        let mut way = way.start(0);
        way.process(waveform, &mut samples);
        way.process(&vec![Complex32::ZERO; paths.len() - 1], &mut samples);
        way.finish(&mut samples);
        // Nobody hears what is sent at the same instant, so that a slot's transmissions collide.
        let delay = (link.delay.as_secs_f64() * self.sample_rate_hz).round().max(1.0);
        Some(Arrival { first: start + delay as u64, samples })
    }
}
