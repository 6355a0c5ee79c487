//! A scenario that runs, with one seed.

use std::net::SocketAddr;
use std::time::Duration;

use hack::Stats;
use mac::{Counters, Instant};

use super::build::{Built, NamedHost};
use super::outcome::{FlowOutcome, NodeOutcome, Outcome, QueueSample};
use super::riding::{hack_stats, thinned};
use super::roster::Roster;
use super::units::Time;
use super::{MptcpTable, NodeTable, Scenario, TcpTable, UdpTable};
use crate::airtime::Airtime;
use crate::ampdu_sizes::AmpduSizes;
use crate::mptcp;
use crate::network::{Endpoint, EndpointId, HostId, Network, Observer};
use crate::packet::Flow;
use crate::tcp::{Connection, Transfer};
use crate::udp::{UdpConfig, UdpSink, UdpSource};
use crate::{Air, ErrorTable, Medium, NodeId, SampleAir};

/// Time between two looks at the queues.
const SAMPLE: Duration = Duration::from_millis(10);
/// Time between two looks at whether all is done.
const PATIENCE: Duration = Duration::from_micros(100);
/// The first port at which flows are received, and that from which they are sent.
const PORTS: (u16, u16) = (5001, 40_001);
/// The first ports of the subflows of a client, one for each that is opened.
const MULTIPATH_PORTS: std::ops::Range<u16> = 10_000..11_000;

/// A scenario in virtual time.
///
/// [`warm_up`](Self::warm_up) once, [`step`](Self::step) until there is nothing more, and
/// [`finish`](Self::finish).
pub struct Simulation<'a, O: Observer, A: Air = Medium> {
    scenario: &'a Scenario,
    seed: u64,
    roster: Roster,
    network: Network<Watchers<O>, A>,
    nodes: Vec<NodeId>,
    hosts: Vec<NamedHost>,
    /// In the order in which they begin.
    flows: Vec<Planned<'a>>,
    /// How many of them have begun.
    begun: usize,
    /// Counters of the nodes when measuring began.
    before: Vec<Counted>,
    queues: Vec<QueueSample>,
}

/// What a node has counted.
struct Counted {
    mac: Counters,
    hack: Option<Stats>,
    thinned: u64,
}

/// Who watches: for the outcome, and whoever else likes to.
type Watchers<O> = ((Airtime, AmpduSizes), O);

/// A flow, from before it begins.
struct Planned<'a> {
    kind: Kind<'a>,
    start: Duration,
    /// Its number among all as they are written.
    number: usize,
    from: usize,
    to: usize,
    sink: Option<EndpointId>,
    /// What had arrived when measuring began.
    before: u64,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Tcp(&'a TcpTable),
    Mptcp(&'a MptcpTable),
    Udp(&'a UdpTable),
}

impl<'a, O: Observer> Simulation<'a, O> {
    /// The network at its beginning.
    ///
    /// # Panics
    /// If the scenario does not pass its [`check`](Scenario::check).
    pub fn new(scenario: &'a Scenario, table: ErrorTable, seed: u64, observer: O) -> Self {
        Self::of(scenario, seed, scenario.build(table, seed, watchers(scenario, observer)))
    }
}

impl<'a, O: Observer> Simulation<'a, O, SampleAir> {
    /// The same in the air of samples.
    ///
    /// # Panics
    /// If the scenario does not pass its [`check`](Scenario::check) and
    /// [`check_samples`](Scenario::check_samples).
    pub fn on_samples(scenario: &'a Scenario, seed: u64, observer: O) -> Self {
        Self::of(scenario, seed, scenario.build_on_samples(seed, watchers(scenario, observer)))
    }
}

/// The observers of a scenario's network.
fn watchers<O: Observer>(scenario: &Scenario, observer: O) -> Watchers<O> {
    let tables: Vec<&NodeTable> = Roster::nodes(scenario).collect();
    let channel_of = |node: &&NodeTable| {
        let same = |other: &&NodeTable| other.channel() == node.channel();
        tables.iter().position(same).expect("a node is on its own channel")
    };
    let airtime = Airtime::new(tables.iter().map(channel_of).collect());
    ((airtime, AmpduSizes::new(tables.len())), observer)
}

impl<'a, O: Observer, A: Air> Simulation<'a, O, A> {
    fn of(scenario: &'a Scenario, seed: u64, built: Built<Watchers<O>, A>) -> Self {
        let Built { network, nodes, hosts, roster } = built;
        Self {
            scenario,
            seed,
            flows: plan(scenario, &roster),
            roster,
            network,
            nodes,
            hosts,
            begun: 0,
            before: vec![],
            queues: vec![],
        }
    }

    /// The air.
    pub fn air_mut(&mut self) -> &mut A {
        self.network.medium_mut()
    }

    /// Lets time pass until measuring begins.
    pub fn warm_up(&mut self) {
        let begin = self.begin();
        self.run_until(begin);
        self.before = self.nodes.iter().map(|&node| self.counters(node)).collect();
        for index in 0..self.flows.len() {
            self.flows[index].before = self.delivered(index);
        }
        let ((airtime, sizes), _) = self.network.observer_mut();
        airtime.forget_before(begin);
        sizes.clear();
        self.sample_queues();
    }

    /// Lets another stretch of what is measured pass. Whether there is more.
    pub fn step(&mut self) -> bool {
        let end = (self.network.now() + SAMPLE).min(self.end());
        if self.scenario.until_done {
            while self.network.now() < end && !self.is_done() {
                self.run_until((self.network.now() + PATIENCE).min(end));
            }
        } else {
            self.run_until(end);
        }
        self.sample_queues();
        end < self.end() && !(self.scenario.until_done && self.is_done())
    }

    /// How much of the time to be measured has passed, at most 1.
    pub fn progress(&self) -> f64 {
        self.measured().as_secs_f64() / self.scenario.duration.0.as_secs_f64()
    }

    /// How long it has been measured for.
    pub fn measured(&self) -> Duration {
        self.network.now().since(self.begin())
    }

    /// What all applications have got since measuring began.
    pub fn bytes_delivered(&self) -> u64 {
        let of = |flow: usize| self.delivered(flow) - self.flows[flow].before;
        (0..self.flows.len()).map(of).sum()
    }

    /// What came of it, and who watched.
    pub fn finish(self) -> (Outcome, Vec<QueueSample>, O) {
        let outcome = Outcome {
            seed: self.seed,
            measured_s: self.measured().as_secs_f64(),
            done: self.is_done(),
            goodput_mbps: (0..self.flows.len()).map(|index| self.goodput_mbps(index)).sum(),
            flows: self.flow_outcomes(),
            nodes: self.node_outcomes(),
            airtime: self.network.observer().0.0.shares(self.begin(), self.network.now()),
        };
        (outcome, self.queues, self.network.into_observer().1)
    }

    fn begin(&self) -> Instant {
        Instant::ZERO + self.scenario.warm_up.0
    }

    fn end(&self) -> Instant {
        self.begin() + self.scenario.duration.0
    }

    /// Lets time pass, and flows begin when it is time.
    fn run_until(&mut self, end: Instant) {
        while let Some(flow) = self.flows.get(self.begun) {
            let start = Instant::ZERO + flow.start;
            if start > end {
                break;
            }
            self.network.run_until(start);
            self.begin_flow(self.begun);
            self.begun += 1;
        }
        self.network.run_until(end);
    }

    fn begin_flow(&mut self, index: usize) {
        let Planned { kind, number, from, to, .. } = self.flows[index];
        let (sink_port, source_port) = (PORTS.0 + number as u16, PORTS.1 + number as u16);
        let source = SocketAddr::new(self.hosts[from].address, source_port);
        let sink = SocketAddr::new(self.hosts[to].address, sink_port);
        let now = self.network.now();
        let (receiver, sender) = match kind {
            Kind::Mptcp(table) => return self.begin_multipath(index, table, source, sink),
            Kind::Tcp(table) => {
                let listening = Connection::listen(table.config(Transfer::Nothing), sink);
                let config = table.config(table.transfer());
                let connecting = Connection::connect(config, source, sink, now);
                (Endpoint::Tcp(Box::new(listening)), Endpoint::Tcp(Box::new(connecting)))
            }
            Kind::Udp(table) => {
                let config = UdpConfig {
                    flow: Flow::new(source, sink),
                    payload_len: *table.payload_bytes.get_ref(),
                    interval: table.gap().expect("the scenario was checked"),
                    start: now,
                    stop: table.stop.map_or(Instant::FAR_FUTURE, |stop| Instant::ZERO + stop.0),
                };
                (Endpoint::UdpSink(UdpSink::new()), Endpoint::UdpSource(UdpSource::new(config)))
            }
        };
        let receiver = self.network.add_endpoint(self.hosts[to].id, sink_port, receiver);
        self.network.add_endpoint(self.hosts[from].id, source_port, sender);
        self.flows[index].sink = Some(receiver);
    }

    /// A multipath connection, which the client of several APs opens.
    fn begin_multipath(
        &mut self,
        index: usize,
        table: &MptcpTable,
        source: SocketAddr,
        sink: SocketAddr,
    ) {
        let Planned { from, to, .. } = self.flows[index];
        let upload = self.hosts[from].path.is_some();
        let (client, server, address) = if upload { (from, to, sink) } else { (to, from, source) };
        let machine = self.hosts[client].machine;
        let paths: Vec<&NamedHost> = self
            .hosts
            .iter()
            .filter(|host| host.path.is_some() && host.machine == machine)
            .collect();
        let ids: Vec<HostId> = paths.iter().map(|host| host.id).collect();
        let addresses = paths.iter().map(|host| host.address).collect();
        let sends = |yes| table.config(if yes { table.transfer() } else { Transfer::Nothing });
        let listening = mptcp::Endpoint::listen(sends(!upload), address);
        let listening = Endpoint::Multipath(Box::new(listening));
        let first = MULTIPATH_PORTS.start + MULTIPATH_PORTS.len() as u16 * index as u16;
        let ports = first..first + MULTIPATH_PORTS.len() as u16;
        let opening = mptcp::Endpoint::connect(sends(upload), addresses, ports.clone(), address);
        let opening = Endpoint::Multipath(Box::new(opening));
        let server = self.network.add_endpoint(self.hosts[server].id, address.port(), listening);
        let client = self.network.add_endpoint_of(&ids, ports, opening);
        self.flows[index].sink = Some(if upload { server } else { client });
    }

    /// What a node has counted.
    fn counters(&self, node: NodeId) -> Counted {
        let mac = self.network.single_mac(node);
        Counted {
            mac: self.network.counters(node),
            hack: mac.and_then(hack_stats),
            thinned: mac.map_or(0, thinned),
        }
    }

    fn delivered(&self, flow: usize) -> u64 {
        let sink = self.flows[flow].sink;
        sink.map_or(0, |sink| self.network.endpoint(sink).bytes_delivered())
    }

    fn is_done(&self) -> bool {
        self.flows.iter().enumerate().all(|(index, flow)| match flow.kind {
            Kind::Tcp(TcpTable { bytes: Some(bytes), .. })
            | Kind::Mptcp(MptcpTable { bytes: Some(bytes), .. }) => self.delivered(index) >= *bytes,
            _ => true,
        })
    }

    fn sample_queues(&mut self) {
        let at = self.network.now();
        for (number, &node) in self.nodes.iter().enumerate() {
            let packets = self.network.queued(node);
            self.queues.push(QueueSample { at, node: number, packets });
        }
    }

    fn goodput_mbps(&self, flow: usize) -> f64 {
        let bits = 8.0 * (self.delivered(flow) - self.flows[flow].before) as f64;
        bits / self.measured().as_secs_f64() / 1e6
    }

    fn flow_outcomes(&self) -> Vec<FlowOutcome> {
        let mut order: Vec<usize> = (0..self.flows.len()).collect();
        order.sort_by_key(|&index| self.flows[index].number);
        let outcome = |index: usize| {
            let Planned { from, to, .. } = self.flows[index];
            let station = if to < self.nodes.len() { to } else { from };
            let name = |host: usize| self.roster.name(host).to_owned();
            FlowOutcome {
                from: name(from),
                to: name(to),
                station: name(self.scenario.node_of(&self.roster, station)),
                goodput_mbps: self.goodput_mbps(index),
            }
        };
        order.into_iter().map(outcome).collect()
    }

    fn node_outcomes(&self) -> Vec<NodeOutcome> {
        let sources: Vec<usize> =
            self.flows.iter().map(|flow| self.scenario.node_of(&self.roster, flow.from)).collect();
        let sizes = &self.network.observer().0.1;
        let outcome = |(index, (&node, before)): (usize, (&NodeId, &Counted))| {
            let samples = self.queues.iter().filter(|sample| sample.node == index);
            let samples: Vec<usize> = samples.map(|sample| sample.packets).collect();
            let now = self.counters(node);
            let (name, is_source) = (self.roster.name(index), sources.contains(&index));
            NodeOutcome {
                queue_mean: samples.iter().sum::<usize>() as f64 / samples.len() as f64,
                queue_max: samples.iter().copied().max().unwrap_or(0),
                ampdu_sizes: sizes.of(index).clone(),
                hack: now.hack.zip(before.hack).map(|(now, then)| now.since(&then)),
                acks_thinned: now.thinned - before.thinned,
                ..NodeOutcome::between(name, is_source, &before.mac, &now.mac)
            }
        };
        self.nodes.iter().zip(&self.before).enumerate().map(outcome).collect()
    }
}

/// All flows, in the order in which they begin.
fn plan<'a>(scenario: &'a Scenario, roster: &Roster) -> Vec<Planned<'a>> {
    let tcp = scenario
        .tcp
        .iter()
        .map(|table| (Kind::Tcp(table), &table.from, &table.to, table.start, table.stagger));
    let udp = scenario
        .udp
        .iter()
        .map(|table| (Kind::Udp(table), &table.from, &table.to, table.start, table.stagger));
    let mptcp = scenario
        .mptcp
        .iter()
        .map(|table| (Kind::Mptcp(table), &table.from, &table.to, table.start, Time::default()));
    let mut flows = vec![];
    for (kind, from, to, start, stagger) in tcp.chain(udp).chain(mptcp) {
        let find = |name: &str| roster.find(name).expect("the scenario was checked");
        let (from, to) = (find(from.get_ref()), find(to.get_ref()));
        let pairs = from.flat_map(|from| to.clone().map(move |to| (from, to)));
        for ((from, to), later) in pairs.zip(0..) {
            let (start, number) = (start.0 + stagger.0 * later, flows.len());
            flows.push(Planned { kind, start, number, from, to, sink: None, before: 0 });
        }
    }
    flows.sort_by_key(|flow| flow.start);
    flows
}
