//! A network in virtual time: nodes with their MACs in one [`Air`], hosts at nodes or at the end
//! of cables, and what sends and receives at the hosts. The air is that of packets, [`Medium`], or
//! that of samples, [`SampleAir`](crate::SampleAir).
//!
//! [`Network::run_until`] lets time pass from event to event. What happens at the same time is in a
//! fixed order (the medium, cables, MACs, endpoints, each as they were added), so that the same
//! network with the same seeds does the same to the last bit.
//!
//! Nodes are routers: a packet goes by air to the node that its host is at or has its cable to,
//! whose address everybody knows without ARP.

mod agenda;
mod host;
mod observer;

use std::net::IpAddr;

use bytes::Bytes;
use mac::{Command, Event, Instant, Mac, Msdu, Output, PhyIndication};

use crate::packet::{destination_address, ethertype};
use crate::wire::{Wire, WireConfig};
use crate::{Air, Medium, NodeConfig, NodeId};
use agenda::Agenda;
pub use host::Endpoint;
use host::{Attachment, Host, HostKind};
pub use observer::Observer;

/// A host of a [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(usize);

/// An endpoint of a [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(usize);

/// What comes between the air and the nodes: it is given what a node's PHY would tell its MAC, and
/// gives back what it tells instead.
pub type Faults = Box<dyn FnMut(Instant, usize, PhyIndication) -> PhyIndication + Send>;

/// Nodes, hosts, cables, and the time.
pub struct Network<O: Observer = (), A: Air = Medium> {
    now: Instant,
    medium: A,
    nodes: Vec<Node>,
    wires: Vec<Cable>,
    hosts: Vec<Host>,
    endpoints: Vec<Attached>,
    agenda: Agenda,
    /// Who is who in the agenda.
    members: Vec<Member>,
    /// Endpoints that have received something, and may have something to send once all that came
    /// at the same time is there.
    stirred: Vec<usize>,
    faults: Option<Faults>,
    observer: O,
}

#[derive(Debug, Clone, Copy)]
enum Member {
    Medium,
    Wire(usize),
    Node(usize),
    Endpoint(usize),
}

/// The medium is the first member.
const MEDIUM: usize = 0;

struct Node {
    id: NodeId,
    mac: Mac,
    member: usize,
}

struct Cable {
    wire: Wire,
    to: CableEnd,
    member: usize,
}

#[derive(Debug, Clone, Copy)]
enum CableEnd {
    Host(usize),
    Node(usize),
}

struct Attached {
    endpoint: Endpoint,
    host: usize,
    member: usize,
    is_stirred: bool,
}

impl<O: Observer, A: Air> Network<O, A> {
    /// A network without nodes.
    pub fn new(medium: A, observer: O) -> Self {
        let mut agenda = Agenda::default();
        agenda.add();
        Self {
            now: Instant::ZERO,
            medium,
            nodes: vec![],
            wires: vec![],
            hosts: vec![],
            endpoints: vec![],
            agenda,
            members: vec![Member::Medium],
            stirred: vec![],
            faults: None,
            observer,
        }
    }

    fn join(&mut self, member: Member) -> usize {
        self.members.push(member);
        self.agenda.add()
    }

    /// Adds a node: its radio and its MAC.
    pub fn add_node(&mut self, radio: NodeConfig, mac: Mac) -> NodeId {
        let id = self.medium.add_node(radio);
        let index = self.nodes.len();
        let member = self.join(Member::Node(index));
        self.nodes.push(Node { id, mac, member });
        self.node_touched(index);
        id
    }

    /// Adds a host to a node.
    pub fn add_host(&mut self, address: IpAddr, node: NodeId) -> HostId {
        self.push_host(address, Attachment::Node(node.index()))
    }

    /// Adds a host at the other end of a cable from a node.
    pub fn add_wired_host(&mut self, address: IpAddr, node: NodeId, cable: WireConfig) -> HostId {
        let host = self.hosts.len();
        let from_host = self.add_wire(cable, CableEnd::Node(node.index()));
        let to_host = self.add_wire(cable, CableEnd::Host(host));
        let attachment = Attachment::Cable { node: node.index(), from_host, to_host };
        self.push_host(address, attachment)
    }

    fn add_wire(&mut self, config: WireConfig, to: CableEnd) -> usize {
        let index = self.wires.len();
        let member = self.join(Member::Wire(index));
        self.wires.push(Cable { wire: Wire::new(config), to, member });
        index
    }

    fn push_host(&mut self, address: IpAddr, attachment: Attachment) -> HostId {
        let kind = HostKind::Inside(vec![]);
        self.hosts.push(Host { address, attachment, kind });
        HostId(self.hosts.len() - 1)
    }

    /// Lets somebody outside answer for a host: see [`take`](Self::take) and
    /// [`inject`](Self::inject).
    pub fn open_host(&mut self, host: HostId) {
        self.hosts[host.0].kind = HostKind::Outside(Default::default());
    }

    /// The next packet that has come to a host that somebody outside answers for.
    pub fn take(&mut self, host: HostId) -> Option<Bytes> {
        match &mut self.hosts[host.0].kind {
            HostKind::Inside(_) => None,
            HostKind::Outside(arrived) => arrived.pop_front(),
        }
    }

    /// A host sends a packet now.
    pub fn inject(&mut self, host: HostId, packet: Bytes) {
        self.send(host.0, packet);
    }

    /// Adds what sends or receives at a host under a port of its own.
    ///
    /// # Panics
    /// If somebody outside answers for the host.
    pub fn add_endpoint(&mut self, host: HostId, port: u16, endpoint: Endpoint) -> EndpointId {
        let index = self.endpoints.len();
        let HostKind::Inside(ports) = &mut self.hosts[host.0].kind else {
            panic!("somebody outside answers for host {}", host.0)
        };
        ports.push((port, index));
        let member = self.join(Member::Endpoint(index));
        self.endpoints.push(Attached { endpoint, host: host.0, member, is_stirred: false });
        self.stir(index);
        EndpointId(index)
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// An endpoint, for its counters.
    pub fn endpoint(&self, endpoint: EndpointId) -> &Endpoint {
        &self.endpoints[endpoint.0].endpoint
    }

    /// A node's MAC, for its counters.
    pub fn mac(&self, node: NodeId) -> &Mac {
        &self.nodes[node.index()].mac
    }

    /// From now on the nodes hear what this makes of the air.
    pub fn set_faults(
        &mut self,
        faults: impl FnMut(Instant, usize, PhyIndication) -> PhyIndication + Send + 'static,
    ) {
        self.faults = Some(Box::new(faults));
    }

    /// The host of a node asks its MAC to do something.
    pub fn command(&mut self, node: NodeId, command: Command) {
        self.nodes[node.index()].mac.handle(self.now, Event::Command(command));
        self.node_touched(node.index());
    }

    /// A node begins anew with another MAC, as after a restart.
    pub fn replace_mac(&mut self, node: NodeId, mac: Mac) {
        self.nodes[node.index()].mac = mac;
        self.node_touched(node.index());
    }

    /// The air, to move nodes in it.
    pub fn medium_mut(&mut self) -> &mut A {
        &mut self.medium
    }

    /// Who watches.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// Who watches.
    pub fn observer_mut(&mut self) -> &mut O {
        &mut self.observer
    }

    /// Who watched.
    pub fn into_observer(self) -> O {
        self.observer
    }

    /// When something happens next.
    pub fn next_event(&self) -> Option<Instant> {
        if self.stirred.is_empty() {
            self.agenda.next().map(|(at, _)| at.max(self.now))
        } else {
            Some(self.now)
        }
    }

    /// Lets all happen that does until a time, and that time come.
    pub fn run_until(&mut self, end: Instant) {
        loop {
            self.settle();
            let Some((at, member)) = self.agenda.next().filter(|(at, _)| *at <= end) else { break };
            self.now = self.now.max(at);
            match self.members[member] {
                Member::Medium => self.medium_speaks(),
                Member::Wire(wire) => self.wire_delivers(wire),
                Member::Node(node) => {
                    self.nodes[node].mac.handle_timeout(self.now);
                    self.node_touched(node);
                }
                Member::Endpoint(index) => {
                    self.endpoints[index].endpoint.handle_timeout(self.now);
                    self.stir(index);
                }
            }
        }
        self.now = self.now.max(end);
    }

    /// Endpoints answer what they have received, once all of it is there.
    fn settle(&mut self) {
        while let Some(index) = self.stirred.pop() {
            let attached = &mut self.endpoints[index];
            attached.is_stirred = false;
            let host = attached.host;
            while let Some(packet) = self.endpoints[index].endpoint.poll_transmit(self.now) {
                self.send(host, packet);
            }
            let attached = &self.endpoints[index];
            self.agenda.set(attached.member, attached.endpoint.next_timeout());
        }
    }

    fn stir(&mut self, endpoint: usize) {
        let attached = &mut self.endpoints[endpoint];
        if !std::mem::replace(&mut attached.is_stirred, true) {
            self.stirred.push(endpoint);
        }
    }

    /// The PHYs tell their MACs what they hear.
    fn medium_speaks(&mut self) {
        while let Some((node, mut indication)) = self.medium.poll(self.now) {
            if let Some(faults) = &mut self.faults {
                indication = faults(self.now, node.index(), indication);
            }
            if let PhyIndication::Rx(ppdu) = &indication {
                self.observer.receives(node.index(), ppdu);
            }
            self.nodes[node.index()].mac.handle(self.now, Event::Phy(indication));
            self.node_touched(node.index());
        }
        self.agenda.set(MEDIUM, self.medium.next_event());
    }

    fn wire_delivers(&mut self, index: usize) {
        while let Some(packet) = self.wires[index].wire.poll_arrival(self.now) {
            match self.wires[index].to {
                CableEnd::Host(host) => self.arrive(host, packet),
                CableEnd::Node(node) => self.send_by_air(node, packet),
            }
        }
        let Cable { wire, member, .. } = &self.wires[index];
        self.agenda.set(*member, wire.next_arrival());
    }

    /// A host sends a packet.
    fn send(&mut self, host: usize, packet: Bytes) {
        match self.hosts[host].attachment {
            Attachment::Node(node) => self.send_by_air(node, packet),
            Attachment::Cable { from_host, .. } => self.send_by_wire(from_host, packet),
        }
    }

    fn send_by_wire(&mut self, index: usize, packet: Bytes) {
        let Cable { wire, member, .. } = &mut self.wires[index];
        wire.enqueue(self.now, packet);
        self.agenda.set(*member, wire.next_arrival());
    }

    /// A node's MAC gets a packet to send. Those to addresses that nobody has are dropped.
    fn send_by_air(&mut self, node: usize, packet: Bytes) {
        let (Some(host), Some(ethertype)) = (self.host_of(&packet), ethertype(&packet)) else {
            return;
        };
        let destination = self.nodes[self.hosts[host].node()].mac.config().address;
        let source = self.nodes[node].mac.config().address;
        let msdu = Msdu { destination, source, priority: 0, ethertype, payload: packet };
        self.observer.accepts(self.now, node, &msdu);
        self.nodes[node].mac.handle(self.now, Event::Msdu(msdu));
        self.node_touched(node);
    }

    /// Does what a node's MAC wants done.
    fn node_touched(&mut self, index: usize) {
        while let Some(output) = self.nodes[index].mac.poll() {
            match output {
                Output::Transmit(ppdu) => {
                    let watched = ppdu.clone();
                    let end = self.medium.transmit(self.nodes[index].id, ppdu);
                    self.observer.sends(index, &watched, end);
                    self.agenda.set(MEDIUM, self.medium.next_event());
                }
                Output::Deliver(msdu) => {
                    self.observer.delivers(self.now, index, &msdu);
                    self.route(index, msdu.payload);
                }
                Output::Notify(notice) => self.observer.notices(self.now, index, &notice),
            }
        }
        let Node { mac, member, .. } = &self.nodes[index];
        self.agenda.set(*member, mac.next_timeout());
    }

    /// A packet has come to a node: for its own host, or for one behind a cable.
    fn route(&mut self, node: usize, packet: Bytes) {
        let Some(host) = self.host_of(&packet) else { return };
        match self.hosts[host].attachment {
            Attachment::Node(at) if at == node => self.arrive(host, packet),
            Attachment::Cable { node: at, to_host, .. } if at == node => {
                self.send_by_wire(to_host, packet);
            }
            Attachment::Node(_) | Attachment::Cable { .. } => {}
        }
    }

    fn host_of(&self, packet: &[u8]) -> Option<usize> {
        let address = destination_address(packet)?;
        self.hosts.iter().position(|host| host.address == address)
    }

    fn arrive(&mut self, index: usize, packet: Bytes) {
        let host = &mut self.hosts[index];
        if let HostKind::Outside(arrived) = &mut host.kind {
            arrived.push_back(packet);
        } else if let Some(endpoint) = host.endpoint_for(&packet) {
            self.endpoints[endpoint].endpoint.receive(self.now, &packet);
            self.stir(endpoint);
        }
    }
}
