//! The air between packet radios in virtual time: what each node hears of the PPDUs of the others,
//! without samples.
//!
//! [`Medium::transmit`] puts a PPDU on the air, [`Medium::poll`] tells what the nodes' PHYs have to
//! say to their MACs, and [`Medium::next_event`] when it will have something to do. Power falls
//! with the logarithm of distance; receivers find preambles, sense energy and lose MPDUs to noise
//! and interference as in ns-3's YansWifiPhy with ThresholdPreambleDetection, with frame errors
//! from an [`ErrorTable`]. docs/medium.md has the model and its constants. Links
//! may fade ([`Medium::set_fading`]), nothing leaks into neighbouring channels, and nodes whose channels are not the same do not hear
//! each other at all.
//!
//! The same calls with the same seed give the same indications.

mod config;
mod fading;
mod flight;
mod judge;
mod levels;
pub(crate) mod links;
pub(crate) mod power;
mod queue;
mod receiver;

use std::collections::VecDeque;
use std::time::Duration;

use mac::{Instant, PhyIndication, TxPpdu};
use phy80211::Rate;
use rand_chacha::ChaCha8Rng;

pub use config::{
    Channel, LateSensing, LogDistance, MediumConfig, NodeConfig, Position, PreambleDetection,
    ReceiverConfig,
};

use crate::{Air, ErrorTable};
use fading::Fading;
use flight::{Flight, FlightId, Flights};
use judge::{Header, Judge};
use links::Links;
use power::{Power, from_db};
use queue::{Event, EventQueue, Kind};
use receiver::{Ended, Receiver, Signal};

/// The shortest preamble.
const MAX_CCA_TIME: Duration = Duration::from_micros(16);

/// A node of a [`Medium`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// Which node it is: they are counted from zero as they are added.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("nodes are few"))
    }
}

/// The air and the PHYs in it.
///
/// ```
/// use mac::{Instant, PhyIndication, TxPpdu};
/// use phy80211::{Bandwidth, OfdmRate, TxVector};
/// use rand::SeedableRng;
/// use sim::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, Position};
///
/// let rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let mut medium = Medium::new(MediumConfig::default(), ErrorTable::measured(), rng);
/// let channel = Channel::undivided(5180, Bandwidth::Mhz20);
/// let here = medium.add_node(NodeConfig::new(Position::new(0.0, 0.0), channel));
/// let there = medium.add_node(NodeConfig::new(Position::new(5.0, 0.0), channel));
///
/// let txvector = TxVector::new(OfdmRate::Mbps24, 1);
/// let psdu = "fourteen bytes".into();
/// medium.transmit(here, TxPpdu { start: Instant::ZERO, txvector, psdu });
///
/// let mut received = 0;
/// while let Some(now) = medium.next_event() {
///     while let Some((node, said)) = medium.poll(now) {
///         if let PhyIndication::Rx(ppdu) = said {
///             assert_eq!((node, &ppdu.psdu[..]), (there, &b"fourteen bytes"[..]));
///             received += 1;
///         }
///     }
/// }
/// assert_eq!(received, 1);
/// ```
#[derive(Debug)]
pub struct Medium {
    receiver: ReceiverConfig,
    nodes: Vec<Node>,
    links: Links,
    flights: Flights,
    events: EventQueue,
    judge: Judge,
    said: VecDeque<(NodeId, PhyIndication)>,
    /// When the last event was.
    now: Instant,
}

#[derive(Debug)]
struct Node {
    config: NodeConfig,
    tx_power_mw: f64,
    receiver: Receiver,
    /// End of the last PPDU that it sends.
    sends_until: Instant,
}

impl Medium {
    /// Air without nodes. Whatever is random comes from `rng`.
    ///
    /// # Panics
    /// If aCCATime is more than 16 us, in which a preamble of 20 MHz has passed.
    pub fn new(config: MediumConfig, table: ErrorTable, rng: ChaCha8Rng) -> Self {
        assert!(config.receiver.cca_time <= MAX_CCA_TIME, "preambles are found while they last");
        Self {
            receiver: config.receiver,
            nodes: Vec::new(),
            links: Links::new(config.path_loss),
            flights: Flights::default(),
            events: EventQueue::default(),
            judge: Judge::new(table, rng),
            said: VecDeque::new(),
            now: Instant::ZERO,
        }
    }

    /// Adds a node, to whose PHY the medium is idle.
    pub fn add_node(&mut self, config: NodeConfig) -> NodeId {
        let id = NodeId::at(self.nodes.len());
        self.links.add(config.position);
        self.nodes.push(Node {
            config,
            tx_power_mw: from_db(config.tx_power_dbm),
            receiver: Receiver::new(&self.receiver, &config),
            sends_until: Instant::ZERO,
        });
        id
    }

    /// How a node is at present.
    pub fn node(&self, node: NodeId) -> &NodeConfig {
        &self.nodes[node.index()].config
    }

    /// Puts a node elsewhere; PPDUs that have reached it already stay as strong as they were.
    pub fn move_node(&mut self, node: NodeId, position: Position) {
        self.nodes[node.index()].config.position = position;
        self.links.place(node, position);
    }

    /// Tunes a node to another channel. It forgets what it was hearing.
    ///
    /// # Panics
    /// If it has a PPDU to send.
    pub fn retune(&mut self, now: Instant, node: NodeId, channel: Channel) {
        let tuned = &mut self.nodes[node.index()];
        assert!(tuned.sends_until <= now, "node {} retunes while it sends", node.0);
        tuned.config.channel = channel;
        let say = &mut |indication| self.said.push_back((node, indication));
        tuned.receiver.retune(&self.receiver, &tuned.config, say);
        self.now = self.now.max(now);
    }

    /// Settles the loss between two nodes in dB, wherever they are: infinite if they do not hear
    /// each other. `None` leaves it to their distance again.
    pub fn set_loss_db(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>) {
        self.links.settle(a, b, loss_db);
    }

    /// Settles the loss between two nodes so that the second has this signal-to-noise ratio in
    /// the whole of its channel when the first sends.
    pub fn set_snr_db(&mut self, from: NodeId, to: NodeId, snr_db: f64) {
        let heard = self.node(to);
        let noise_dbm = heard.noise_dbm(heard.channel.bandwidth.mhz());
        let loss_db = self.node(from).tx_power_dbm - noise_dbm - snr_db;
        self.set_loss_db(from, to, Some(loss_db));
    }

    /// Lets the link between two nodes fade around its loss, the same in both directions: it is
    /// another after the coherence time. A PPDU is received all of it as its start is.
    pub fn set_fading(&mut self, a: NodeId, b: NodeId, coherence: Duration) {
        let fading = Fading::new(coherence, self.judge.rng());
        self.links.fade(a, b, fading);
    }

    /// The loss between two nodes.
    pub fn loss_db(&self, a: NodeId, b: NodeId) -> f64 {
        self.links.loss_db(a, b)
    }

    /// Puts a PPDU on the air from [`TxPpdu::start`] on; tells when its last sample leaves.
    ///
    /// # Panics
    /// If it starts before the last event or the end of the node's last PPDU, or cannot be sent
    /// in the node's channel.
    pub fn transmit(&mut self, node: NodeId, ppdu: TxPpdu) -> Instant {
        let sender = &mut self.nodes[node.index()];
        let (start, channel) = (ppdu.start, sender.config.channel);
        assert!(start >= self.now, "node {} sends at {start}, before {}", node.0, self.now);
        assert!(start >= sender.sends_until, "node {} sends two PPDUs at {start}", node.0);
        if let Err(error) = ppdu.txvector.check(channel.bandwidth, ppdu.psdu.len()) {
            panic!("node {}: {error}", node.0);
        }
        let flight = Flight::new(node, sender.tx_power_mw, channel, ppdu);
        let end = start + flight.timing.end;
        sender.sends_until = end;
        let flight = self.flights.add(flight);
        self.events.plan(start, Event { kind: Kind::TxBegin, node, flight });
        end
    }

    /// When [`Medium::poll`] has something to do.
    pub fn next_event(&self) -> Option<Instant> {
        if self.said.is_empty() { self.events.next_at() } else { Some(self.now) }
    }

    /// What a node's PHY says next, not later than `now`; to be called until there is nothing,
    /// at every [`Medium::next_event`].
    pub fn poll(&mut self, now: Instant) -> Option<(NodeId, PhyIndication)> {
        loop {
            if let Some(said) = self.said.pop_front() {
                return Some(said);
            }
            let (at, event) = self.events.pop_until(now)?;
            self.now = at;
            self.happen(event);
        }
    }

    fn happen(&mut self, event: Event) {
        let Event { kind, node, flight } = event;
        match kind {
            Kind::TxBegin => self.begin(node, flight),
            Kind::TxEnd => {
                self.flights.end(flight);
                let said = &mut self.said;
                let receiver = &mut self.nodes[node.index()].receiver;
                receiver.transmitted(&mut |indication| said.push_back((node, indication)));
            }
            Kind::Arrival => self.arrive(node, flight),
            Kind::Decision => {
                let receiver = &mut self.nodes[node.index()].receiver;
                let mut told = None;
                let found = receiver.decide(flight, &mut |indication| told = Some(indication));
                if let Some(busy) = told {
                    self.sense(event, busy);
                }
                if found {
                    let receiver = &self.nodes[node.index()].receiver;
                    let signal = receiver.receiving(flight).expect("it has just been found");
                    let header = signal.start + self.flights.get(flight).timing.data;
                    self.events.plan(header, Event { kind: Kind::Header, ..event });
                }
            }
            Kind::LateBusy => {
                if self.nodes[node.index()].receiver.senses() {
                    self.said.push_back((node, PhyIndication::CcaBusy));
                }
            }
            Kind::Header => self.read_header(node, flight),
            Kind::End => self.end(node, flight),
        }
    }

    fn begin(&mut self, node: NodeId, id: FlightId) {
        self.nodes[node.index()].receiver.transmit();
        let flight = self.flights.get(id);
        let (start, end, channel) = (flight.start, flight.timing.end, flight.channel);
        self.events.plan(start + end, Event { kind: Kind::TxEnd, node, flight: id });
        for other in (0..self.nodes.len()).map(NodeId::at).filter(|&other| other != node) {
            let link = self.links.between(node, other);
            let tuned_in = self.nodes[other.index()].config.channel.overlaps(channel);
            if link.gain > 0.0 && tuned_in {
                let arrival = Event { kind: Kind::Arrival, node: other, flight: id };
                self.flights.expect_end(id);
                self.events.plan(start + link.delay, arrival);
            }
        }
    }

    fn arrive(&mut self, node: NodeId, id: FlightId) {
        let flight = self.flights.get(id);
        let end = self.now + flight.timing.end;
        self.events.plan(end, Event { kind: Kind::End, node, flight: id });
        let listener = &mut self.nodes[node.index()];
        if !listener.config.channel.overlaps(flight.channel) {
            return;
        }
        let gain = self.links.gain(flight.transmitter, node, self.now);
        let mw = flight.tx_power_mw * gain;
        let placement = flight.txvector.placement;
        let power = Power::spread(mw, placement, flight.channel.bandwidth);
        if listener.receiver.arrive(Signal::new(id, power, placement, self.now)) {
            let decision = self.now + self.receiver.cca_time;
            self.events.plan(decision, Event { kind: Kind::Decision, node, flight: id });
        }
    }

    /// The medium has become busy; the node knows at once, or later.
    fn sense(&mut self, event: Event, busy: PhyIndication) {
        match self.nodes[event.node.index()].config.late_sensing {
            Some(LateSensing { share, by }) if self.judge.happens(share) => {
                self.events.plan(self.now + by, Event { kind: Kind::LateBusy, ..event });
            }
            _ => self.said.push_back((event.node, busy)),
        }
    }

    fn read_header(&mut self, node: NodeId, id: FlightId) {
        let Node { receiver, config, .. } = &mut self.nodes[node.index()];
        let Some(signal) = receiver.receiving(id) else { return };
        let flight = self.flights.get(id);
        let ht = matches!(flight.txvector.rate, Rate::Ht(_));
        let said = &mut self.said;
        let say = &mut |indication| said.push_back((node, indication));
        match self.judge.header(receiver, signal, flight) {
            Header::Lost => receiver.give_up(say),
            Header::Whole if config.receives_ht || !ht => {
                say(PhyIndication::RxStart { until: signal.start + flight.timing.end });
            }
            Header::Whole | Header::LengthOnly => receiver.cannot_read(),
        }
    }

    fn end(&mut self, node: NodeId, id: FlightId) {
        let receiver = &mut self.nodes[node.index()].receiver;
        let said = &mut self.said;
        let say = &mut |indication| said.push_back((node, indication));
        match receiver.end(self.now, id) {
            Ended::Received(signal) => {
                let ppdu = self.judge.ppdu(receiver, signal, self.flights.get(id));
                say(PhyIndication::Rx(ppdu));
            }
            Ended::Unreadable => say(PhyIndication::RxError),
            Ended::Ignored => {}
        }
        receiver.perhaps_idle(say);
        self.flights.end(id);
    }
}

impl Air for Medium {
    fn add_node(&mut self, config: NodeConfig) -> NodeId {
        self.add_node(config)
    }

    fn set_loss_db(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>) {
        self.set_loss_db(a, b, loss_db);
    }

    fn set_snr_db(&mut self, from: NodeId, to: NodeId, snr_db: f64) {
        self.set_snr_db(from, to, snr_db);
    }

    fn transmit(&mut self, node: NodeId, ppdu: TxPpdu) -> Instant {
        self.transmit(node, ppdu)
    }

    fn retune(&mut self, now: Instant, node: NodeId, channel: Channel) {
        self.retune(now, node, channel);
    }

    fn move_node(&mut self, node: NodeId, position: Position) {
        self.move_node(node, position);
    }

    fn set_fading(&mut self, a: NodeId, b: NodeId, coherence: Duration) {
        self.set_fading(a, b, coherence);
    }

    fn next_event(&self) -> Option<Instant> {
        self.next_event()
    }

    fn poll(&mut self, now: Instant) -> Option<(NodeId, PhyIndication)> {
        self.poll(now)
    }
}

#[cfg(test)]
impl Medium {
    /// Whether nobody sends or hears anything.
    fn is_silent(&self) -> bool {
        self.flights.are_over() && self.nodes.iter().all(|node| node.receiver.hears_nothing())
    }
}

#[cfg(test)]
mod tests;
