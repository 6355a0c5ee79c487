//! The air as samples, in virtual time: what each node hears is the sum of the waveforms of all
//! others, delayed, faded and turned on their way, and noise, and its PHY is the receiver of
//! [`phy80211`]. Collisions, capture, hidden nodes and frame errors come of that by themselves.
//!
//! [`SampleAir`] has the calls of [`Medium`](crate::Medium), for networks of the same nodes; two of
//! them take about as long as what they do. What a place hears can be recorded:
//! [`SampleAir::add_monitor`]. docs/sample-air.md has the model and what it leaves out: all nodes are
//! in one channel, and while nobody sends anything nobody listens to the noise.

mod antenna;
mod config;
mod propagation;

use std::collections::VecDeque;
use std::time::Duration;

use mac::{Instant, PhyIndication, TxPpdu};
use phy80211::{Bandwidth, Complex32, Detail, Transmitter, ppdu_samples, txtime};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::ear::{Ear, EarConfig, FULL_SCALE_DBM, SampleClock};
use crate::{Air, Channel, NodeConfig, NodeId, Position};
use antenna::Antenna;
pub use config::SampleAirConfig;
use propagation::Propagation;

/// Periods of the short training field, 0.8 us in 20 MHz, after which the PHYs are asked what they
/// hear: so often that they tell within aCCATime.
const LOOK: u64 = 2;
/// Periods of noise that receivers hear before the first PPDU after a silence.
const LEAD: u64 = 16;

/// A place of a [`SampleAir`] where somebody records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorId(usize);

/// The air, and the PHYs in it.
pub struct SampleAir {
    config: SampleAirConfig,
    rng: ChaCha8Rng,
    clock: SampleClock,
    propagation: Propagation,
    transmitter: Transmitter,
    nodes: Vec<Node>,
    monitors: Vec<Monitor>,
    said: VecDeque<(NodeId, PhyIndication)>,
    /// The next sample that is to be heard.
    now: u64,
    /// Nothing is on the air, and time passes unheard.
    silent: bool,
    /// Scratch, kept for its capacity.
    waveform: Vec<Complex32>,
    heard: Vec<Complex32>,
}

struct Node {
    config: NodeConfig,
    place: NodeId,
    antenna: Antenna,
    ear: Ear,
    /// PPDUs to be sent, by their first sample.
    planned: VecDeque<(u64, TxPpdu)>,
    /// The end of the one on the air.
    sends_until: Option<u64>,
    /// The end of the last that was to be sent.
    booked_until: Instant,
}

struct Monitor {
    place: NodeId,
    antenna: Antenna,
    recording: Vec<Complex32>,
}

impl SampleAir {
    /// Air without nodes. Whatever is random comes from `rng`.
    pub fn new(config: SampleAirConfig, rng: ChaCha8Rng) -> Self {
        let bandwidth = config.channel.bandwidth;
        Self {
            clock: SampleClock::new(bandwidth),
            propagation: Propagation::new(&config),
            transmitter: Transmitter::new(bandwidth),
            config,
            rng,
            nodes: vec![],
            monitors: vec![],
            said: VecDeque::new(),
            now: 0,
            silent: true,
            waveform: vec![],
            heard: vec![],
        }
    }

    /// Adds a place where all is recorded that can be heard there, from now on. It has the noise of
    /// a node.
    pub fn add_monitor(&mut self, position: Position) -> MonitorId {
        let like = NodeConfig::new(position, self.config.channel);
        let place = self.propagation.add(position, &mut self.rng);
        let antenna = self.antenna(&like);
        self.monitors.push(Monitor { place, antenna, recording: vec![] });
        MonitorId(self.monitors.len() - 1)
    }

    /// What has been recorded since the last call, at one sample per hertz; full scale is
    /// [`FULL_SCALE_DBM`]. A silence is in it as soon as somebody has sent again.
    pub fn take_recording(&mut self, monitor: MonitorId) -> Vec<Complex32> {
        std::mem::take(&mut self.monitors[monitor.0].recording)
    }

    /// Settles the loss between two nodes in dB, wherever they are: infinite if they do not hear
    /// each other. `None` leaves it to their distance again.
    pub fn set_loss_db(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>) {
        let place = |node: NodeId| self.nodes[node.index()].place;
        self.propagation.links.settle(place(a), place(b), loss_db);
    }

    /// Settles the loss between two nodes so that the second has this signal-to-noise ratio in
    /// the whole of its channel when the first sends.
    pub fn set_snr_db(&mut self, from: NodeId, to: NodeId, snr_db: f64) {
        let noise_dbm = self.noise_dbm(&self.nodes[to.index()].config);
        let loss_db = self.nodes[from.index()].config.tx_power_dbm - noise_dbm - snr_db;
        self.set_loss_db(from, to, Some(loss_db));
    }

    /// Settles by how much a node's oscillator is off, in parts per million.
    pub fn set_oscillator_ppm(&mut self, node: NodeId, ppm: f64) {
        let place = self.nodes[node.index()].place;
        self.propagation.set_oscillator_ppm(place, ppm);
    }

    fn bandwidth(&self) -> Bandwidth {
        self.config.channel.bandwidth
    }

    fn noise_dbm(&self, node: &NodeConfig) -> f64 {
        node.noise_dbm(self.bandwidth().mhz())
    }

    fn antenna(&mut self, node: &NodeConfig) -> Antenna {
        let noise = 10f64.powf((self.noise_dbm(node) - FULL_SCALE_DBM) / 10.0);
        Antenna::new(noise as f32, self.rng.random())
    }

    /// Samples of so many periods of the short training field.
    fn periods(&self, count: u64) -> u64 {
        count * 16 * self.bandwidth().oversampling() as u64
    }

    /// The next sample at which something is to be done.
    fn next_look(&self) -> Option<u64> {
        let planned = self.nodes.iter().filter_map(|node| node.planned.front());
        let planned = planned.map(|(start, _)| *start).min();
        if self.silent {
            return planned;
        }
        let tick = self.periods(LOOK);
        let ends = self.nodes.iter().filter_map(|node| match node.sends_until {
            Some(end) => Some(end),
            None => node.ear.next_deadline(),
        });
        let next_tick = (self.now / tick + 1) * tick;
        ends.chain(planned).chain([next_tick]).min()
    }

    /// Lets the time come up to a sample.
    fn advance(&mut self, to: u64) {
        self.listen(to);
        self.now = to;
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let said = &mut self.said;
            let mut say = |indication| said.push_back((NodeId::at(index), indication));
            match node.sends_until {
                None => node.ear.speak(to, &mut say),
                Some(end) if end <= to => {
                    node.sends_until = None;
                    // Whatever is there shows itself within aCCATime.
                    say(PhyIndication::CcaIdle);
                }
                Some(_) => {}
            }
        }
        for index in 0..self.nodes.len() {
            if self.nodes[index].is_to_send(to)
                && let Some((_, ppdu)) = self.nodes[index].planned.pop_front()
            {
                self.send(index, ppdu);
            }
        }
        self.silent = self.nodes.iter().all(Node::is_silent)
            && self.monitors.iter().all(|monitor| monitor.antenna.is_silent());
    }

    /// Has everybody hear what there is up to a sample.
    fn listen(&mut self, to: u64) {
        let lead = if self.silent { to.saturating_sub(self.periods(LEAD)) } else { self.now };
        let from = self.now.max(lead);
        for node in &mut self.nodes {
            if node.sends_until.is_some() {
                node.antenna.pass(to);
                continue;
            }
            self.heard.clear();
            node.antenna.receive(from, to, &mut self.heard);
            node.ear.hear(from, &self.heard);
        }
        for Monitor { antenna, recording, .. } in &mut self.monitors {
            antenna.receive(self.now, to, recording);
        }
    }

    /// A node begins to send.
    fn send(&mut self, index: usize, ppdu: TxPpdu) {
        let TxPpdu { txvector, psdu, .. } = ppdu;
        let start = self.now;
        let samples = ppdu_samples(txvector.rate, self.bandwidth(), psdu.len()) as u64;
        self.waveform.clear();
        let made = self.transmitter.modulate(&txvector, &psdu, &mut self.waveform);
        made.expect("it was checked when it was planned");
        let sender = &mut self.nodes[index];
        sender.ear.cover();
        sender.sends_until = Some(start + samples);
        let (from, dbm) = (sender.place, sender.config.tx_power_dbm);
        let others = self.nodes.iter_mut().map(|node| (node.place, &mut node.antenna));
        let monitors = self.monitors.iter_mut().map(|it| (it.place, &mut it.antenna));
        for (to, antenna) in others.chain(monitors).filter(|(to, _)| *to != from) {
            let arrival = self.propagation.carry((from, to), start, dbm, &self.waveform);
            arrival.into_iter().for_each(|arrival| antenna.expect(arrival));
        }
    }
}

impl Node {
    fn is_to_send(&self, now: u64) -> bool {
        self.planned.front().is_some_and(|(start, _)| *start <= now)
    }

    fn is_silent(&self) -> bool {
        self.sends_until.is_none() && self.antenna.is_silent() && self.ear.is_idle()
    }
}

impl Air for SampleAir {
    /// # Panics
    /// If its channel is not that of the air.
    fn add_node(&mut self, config: NodeConfig) -> NodeId {
        assert_eq!(config.channel, self.config.channel, "the air has one channel");
        let place = self.propagation.add(config.position, &mut self.rng);
        let antenna = self.antenna(&config);
        self.nodes.push(Node {
            place,
            antenna,
            ear: Ear::new(EarConfig {
                bandwidth: self.config.channel.bandwidth,
                receives_ht: config.receives_ht,
                energy_detection_dbm: self.config.energy_detection_dbm,
                detail: Detail::default(),
            }),
            config,
            planned: VecDeque::new(),
            sends_until: None,
            booked_until: Instant::ZERO,
        });
        NodeId::at(self.nodes.len() - 1)
    }

    fn set_loss_db(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>) {
        self.set_loss_db(a, b, loss_db);
    }

    fn set_snr_db(&mut self, from: NodeId, to: NodeId, snr_db: f64) {
        self.set_snr_db(from, to, snr_db);
    }

    /// # Panics
    /// If it starts before the last event or the end of the node's last PPDU, or cannot be sent
    /// in the channel.
    fn transmit(&mut self, node: NodeId, ppdu: TxPpdu) -> Instant {
        let bandwidth = self.bandwidth();
        let sender = &mut self.nodes[node.index()];
        let start = self.clock.sample(ppdu.start);
        let who = node.index();
        assert!(start >= self.now, "node {who} sends at {}, which is past", ppdu.start);
        assert!(ppdu.start >= sender.booked_until, "node {who} sends two PPDUs at {}", ppdu.start);
        if let Err(error) = ppdu.txvector.check(bandwidth, ppdu.psdu.len()) {
            panic!("node {who}: {error}");
        }
        let end = self.clock.at(start) + txtime(ppdu.txvector.rate, bandwidth, ppdu.psdu.len());
        sender.booked_until = end;
        sender.planned.push_back((start, ppdu));
        end
    }

    /// # Panics
    /// If the channel is not that of the air.
    fn retune(&mut self, _: Instant, _: NodeId, channel: Channel) {
        assert_eq!(channel, self.config.channel, "the air has one channel");
    }

    /// # Panics
    /// Always: links have echoes here, which stay as they are.
    fn set_fading(&mut self, _: NodeId, _: NodeId, _: Duration) {
        panic!("links over samples do not fade");
    }

    /// # Panics
    /// If it is another place: echoes are those of the place where a node was added.
    fn move_node(&mut self, node: NodeId, position: Position) {
        assert_eq!(position, self.nodes[node.index()].config.position, "nodes stay where they are");
    }

    fn next_event(&self) -> Option<Instant> {
        let next = if self.said.is_empty() { self.next_look() } else { Some(self.now) };
        next.map(|sample| self.clock.at(sample))
    }

    fn poll(&mut self, now: Instant) -> Option<(NodeId, PhyIndication)> {
        loop {
            if let Some(said) = self.said.pop_front() {
                return Some(said);
            }
            let next = self.next_look().filter(|&next| self.clock.at(next) <= now)?;
            self.advance(next);
        }
    }
}
