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
mod node;
mod observer;
mod walk;

use std::net::IpAddr;
use std::ops::Range;

use bytes::Bytes;
use channel_switch::{MultiStation, Notice};
use mac::{Command, Counters, Event, Instant, Mac, MacAddr, Msdu, PhyIndication, TxPpdu};

use crate::packet::{destination_address, ethertype, source_address};
use crate::wire::{Wire, WireConfig};
use crate::{Air, Channel, Medium, NodeConfig, NodeId};
use agenda::Agenda;
pub use host::Endpoint;
use host::{Attachment, Cable, Host, HostKind};
use node::{Brain, Node};
pub use observer::Observer;
pub use walk::Walk;

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
    /// The node of each radio of the medium, and which of its radios that is.
    owners: Vec<(usize, usize)>,
    wires: Vec<Strand>,
    hosts: Vec<Host>,
    endpoints: Vec<Attached>,
    agenda: Agenda,
    /// Nodes on their way, with their places in the agenda.
    walks: Vec<(usize, Walk, usize)>,
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
    Walk(usize),
}

/// The medium is the first member.
const MEDIUM: usize = 0;

/// One direction of a cable.
struct Strand {
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
            owners: vec![],
            wires: vec![],
            hosts: vec![],
            endpoints: vec![],
            walks: vec![],
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
        self.push_node(&[radio], Brain::Mac(Box::new(mac)))
    }

    /// Adds a client with a station for each AP: its radios, and where the channels in its
    /// configuration are. By the first radio the node is known.
    pub fn add_client(
        &mut self,
        radios: &[NodeConfig],
        channels: Vec<Channel>,
        client: MultiStation,
    ) -> NodeId {
        self.push_node(radios, Brain::Client { client: Box::new(client), channels })
    }

    fn push_node(&mut self, radios: &[NodeConfig], brain: Brain) -> NodeId {
        let index = self.nodes.len();
        let member = self.join(Member::Node(index));
        let radios: Vec<NodeId> = radios.iter().map(|radio| self.medium.add_node(*radio)).collect();
        self.owners.extend((0..radios.len()).map(|radio| (index, radio)));
        let id = radios[0];
        self.nodes.push(Node { radios, brain, member });
        self.node_touched(index);
        id
    }

    fn index(&self, node: NodeId) -> usize {
        self.owners[node.index()].0
    }

    /// Adds a host to a node.
    pub fn add_host(&mut self, address: IpAddr, node: NodeId) -> HostId {
        self.push_host(address, Attachment::Node(self.index(node)))
    }

    /// Adds a host to a client of several APs, which is reached by its association with one of
    /// them.
    pub fn add_path(&mut self, address: IpAddr, node: NodeId, ap: NodeId) -> HostId {
        let ap = self.mac(ap).config().address;
        self.push_host(address, Attachment::Path { node: self.index(node), ap })
    }

    /// Adds a host at the other end of a cable from a node.
    pub fn add_wired_host(&mut self, address: IpAddr, node: NodeId, cable: WireConfig) -> HostId {
        let host = self.push_host(address, Attachment::Cables(vec![]));
        self.add_cable(host, node, cable);
        host
    }

    /// Adds a cable from a host to another node. What the host has for a client of several APs goes
    /// by the cable to the AP in question, all else by the first.
    ///
    /// # Panics
    /// If the host is that of a node.
    pub fn add_cable(&mut self, host: HostId, node: NodeId, cable: WireConfig) {
        let node = self.index(node);
        let from_host = self.add_wire(cable, CableEnd::Node(node));
        let to_host = self.add_wire(cable, CableEnd::Host(host.0));
        let Attachment::Cables(cables) = &mut self.hosts[host.0].attachment else {
            panic!("host {} is at a node", host.0)
        };
        cables.push(Cable { node, from_host, to_host });
    }

    fn add_wire(&mut self, config: WireConfig, to: CableEnd) -> usize {
        let index = self.wires.len();
        let member = self.join(Member::Wire(index));
        self.wires.push(Strand { wire: Wire::new(config), to, member });
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
        self.add_endpoint_of(&[host], port..port + 1, endpoint)
    }

    /// Adds what sends or receives at several hosts, which are addresses of one machine, under
    /// ports of its own. A multipath endpoint is told which of them there is a path to.
    ///
    /// # Panics
    /// If somebody outside answers for a host.
    pub fn add_endpoint_of(
        &mut self,
        hosts: &[HostId],
        ports: Range<u16>,
        endpoint: Endpoint,
    ) -> EndpointId {
        let index = self.endpoints.len();
        let member = self.join(Member::Endpoint(index));
        let host = hosts[0].0;
        self.endpoints.push(Attached { endpoint, host, member, is_stirred: false });
        for &HostId(host) in hosts {
            let HostKind::Inside(known) = &mut self.hosts[host].kind else {
                panic!("somebody outside answers for host {host}")
            };
            known.push((ports.clone(), index));
            if let Endpoint::Multipath(endpoint) = &mut self.endpoints[index].endpoint
                && match self.hosts[host].attachment {
                    Attachment::Path { node, ap } => self.nodes[node].address(Some(ap)).is_some(),
                    Attachment::Node(_) | Attachment::Cables(_) => true,
                }
            {
                endpoint.path_up(self.now, self.hosts[host].address);
            }
        }
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

    /// A node's MAC.
    ///
    /// # Panics
    /// If it is a client of several APs.
    pub fn mac(&self, node: NodeId) -> &Mac {
        self.single_mac(node).expect("a client of several APs has several MACs")
    }

    /// A node's MAC, unless it is a client of several APs.
    pub fn single_mac(&self, node: NodeId) -> Option<&Mac> {
        self.nodes[self.index(node)].mac()
    }

    /// The radios of a node in the medium: one, but for clients that hear several channels at once.
    pub fn radios(&self, node: NodeId) -> &[NodeId] {
        &self.nodes[self.index(node)].radios
    }

    /// A client of several APs, if the node is one.
    pub fn client(&self, node: NodeId) -> Option<&MultiStation> {
        self.nodes[self.index(node)].client()
    }

    /// What a node has done.
    pub fn counters(&self, node: NodeId) -> Counters {
        self.nodes[self.index(node)].counters()
    }

    /// Packets that a node has to send.
    pub fn queued(&self, node: NodeId) -> usize {
        self.nodes[self.index(node)].queued()
    }

    /// From now on the nodes hear what this makes of the air.
    pub fn set_faults(
        &mut self,
        faults: impl FnMut(Instant, usize, PhyIndication) -> PhyIndication + Send + 'static,
    ) {
        self.faults = Some(Box::new(faults));
    }

    /// The host of a node asks its MAC to do something.
    ///
    /// # Panics
    /// If it is a client of several APs.
    pub fn command(&mut self, node: NodeId, command: Command) {
        let index = self.index(node);
        let Brain::Mac(mac) = &mut self.nodes[index].brain else {
            panic!("a client of several APs decides by itself")
        };
        mac.handle(self.now, Event::Command(command));
        self.node_touched(index);
    }

    /// A node begins anew with another MAC, as after a restart.
    pub fn replace_mac(&mut self, node: NodeId, mac: Mac) {
        let index = self.index(node);
        self.nodes[index].brain = Brain::Mac(Box::new(mac));
        self.node_touched(index);
    }

    /// Sends a node on its way.
    pub fn walk(&mut self, node: NodeId, walk: Walk) {
        let index = self.walks.len();
        let member = self.join(Member::Walk(index));
        self.walks.push((self.index(node), walk, member));
        self.walk_on(index);
    }

    fn walk_on(&mut self, index: usize) {
        let (node, walk, member) = &self.walks[index];
        let place = walk.at(self.now);
        for radio in &self.nodes[*node].radios {
            self.medium.move_node(*radio, place);
        }
        self.agenda.set(*member, walk.next_step(self.now));
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
                    self.nodes[node].handle_timeout(self.now);
                    self.node_touched(node);
                }
                Member::Walk(index) => self.walk_on(index),
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
                // Of several addresses it is by that which the packet comes from.
                let from = source_address(&packet);
                let from = self.hosts.iter().position(|host| Some(host.address) == from);
                self.send(from.unwrap_or(host), packet);
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
        while let Some((heard, mut indication)) = self.medium.poll(self.now) {
            let (node, radio) = self.owners[heard.index()];
            if let Some(faults) = &mut self.faults {
                indication = faults(self.now, node, indication);
            }
            if let PhyIndication::Rx(ppdu) = &indication {
                self.observer.receives(node, ppdu);
            }
            self.nodes[node].hears(self.now, radio, indication);
            self.node_touched(node);
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
        let Strand { wire, member, .. } = &self.wires[index];
        self.agenda.set(*member, wire.next_arrival());
    }

    /// A host sends a packet.
    fn send(&mut self, host: usize, packet: Bytes) {
        match &self.hosts[host].attachment {
            Attachment::Node(node) => self.send_by_air(*node, packet),
            &Attachment::Path { node, ap } => self.send_by_path(node, ap, packet),
            Attachment::Cables(cables) => {
                let to = self.host_of(&packet).map(|host| &self.hosts[host].attachment);
                let leads = |cable: &&Cable| {
                    let address = self.nodes[cable.node].address(None);
                    matches!(to, Some(Attachment::Path { ap, .. }) if Some(*ap) == address)
                };
                let cable = cables.iter().find(leads).or(cables.first());
                if let Some(&Cable { from_host, .. }) = cable {
                    self.send_by_wire(from_host, packet);
                }
            }
        }
    }

    fn send_by_wire(&mut self, index: usize, packet: Bytes) {
        let Strand { wire, member, .. } = &mut self.wires[index];
        wire.enqueue(self.now, packet);
        self.agenda.set(*member, wire.next_arrival());
    }

    /// A node's MAC gets a packet to send. Those to addresses that nobody has are dropped.
    fn send_by_air(&mut self, node: usize, packet: Bytes) {
        let own = self.nodes[node].address(None);
        let (Some(destination), Some(source)) = (self.station_of(&packet, own), own) else {
            return;
        };
        let Some(msdu) = msdu(source, destination, packet) else { return };
        self.observer.accepts(self.now, node, &msdu);
        if let Brain::Mac(mac) = &mut self.nodes[node].brain {
            mac.handle(self.now, Event::Msdu(msdu));
        }
        self.node_touched(node);
    }

    /// A client gets a packet to send by one of its associations.
    fn send_by_path(&mut self, node: usize, ap: MacAddr, packet: Bytes) {
        let Some(source) = self.nodes[node].address(Some(ap)) else { return };
        let destination = self.station_of(&packet, Some(ap)).unwrap_or(ap);
        let Some(msdu) = msdu(source, destination, packet) else { return };
        self.observer.accepts(self.now, node, &msdu);
        if let Brain::Client { client, .. } = &mut self.nodes[node].brain {
            client.send(self.now, ap, msdu);
        }
        self.node_touched(node);
    }

    /// The station that a packet goes to by air, from an AP or by way of it.
    fn station_of(&self, packet: &[u8], ap: Option<MacAddr>) -> Option<MacAddr> {
        match &self.hosts[self.host_of(packet)?].attachment {
            Attachment::Node(node) => self.nodes[*node].address(None),
            Attachment::Path { node, .. } => self.nodes[*node].address(ap),
            Attachment::Cables(cables) => {
                let addresses = || cables.iter().map(|cable| self.nodes[cable.node].address(None));
                addresses().find(|address| *address == ap).or(addresses().next())?
            }
        }
    }

    /// Does what a node wants done.
    fn node_touched(&mut self, index: usize) {
        loop {
            match &mut self.nodes[index].brain {
                Brain::Mac(mac) => match mac.poll() {
                    Some(mac::Output::Transmit(ppdu)) => self.transmit(index, 0, ppdu),
                    Some(mac::Output::Deliver(msdu)) => self.deliver(index, msdu),
                    Some(mac::Output::Notify(notice)) => {
                        self.observer.notices(self.now, index, &notice);
                    }
                    None => break,
                },
                Brain::Client { client, channels } => match client.poll() {
                    Some(channel_switch::Output::Transmit { radio, ppdu }) => {
                        self.transmit(index, radio, ppdu);
                    }
                    Some(channel_switch::Output::Retune { radio, channel }) => {
                        let known = client.config().channels.iter().zip(&*channels);
                        let wanted = known.clone().find(|(number, _)| **number == channel);
                        let (_, &channel) = wanted.expect("it is one of its own");
                        let radio = self.nodes[index].radios[radio];
                        self.medium.retune(self.now, radio, channel);
                        self.agenda.set(MEDIUM, self.medium.next_event());
                    }
                    Some(channel_switch::Output::Deliver { msdu, .. }) => self.deliver(index, msdu),
                    Some(channel_switch::Output::Notify(notice)) => {
                        self.path_changes(index, &notice)
                    }
                    None => break,
                },
            }
        }
        let Node { member, .. } = self.nodes[index];
        self.agenda.set(member, self.nodes[index].next_timeout());
    }

    fn transmit(&mut self, node: usize, radio: usize, ppdu: TxPpdu) {
        let watched = ppdu.clone();
        let end = self.medium.transmit(self.nodes[node].radios[radio], ppdu);
        self.observer.sends(node, &watched, end);
        self.agenda.set(MEDIUM, self.medium.next_event());
    }

    fn deliver(&mut self, node: usize, msdu: Msdu) {
        self.observer.delivers(self.now, node, &msdu);
        self.route(node, msdu.payload);
    }

    fn path_changes(&mut self, node: usize, notice: &Notice) {
        match notice {
            Notice::Mac { notice, .. } => self.observer.notices(self.now, node, notice),
            notice => self.observer.paths(self.now, node, notice),
        }
        let (Notice::Joined { ap, .. } | Notice::Lost { ap, .. } | Notice::Priority { ap, .. }) =
            notice
        else {
            return;
        };
        let path = Attachment::Path { node, ap: *ap };
        let Some(host) = self.hosts.iter().find(|host| host.attachment == path) else { return };
        let HostKind::Inside(ports) = &host.kind else { return };
        let address = host.address;
        let there: Vec<usize> = ports.iter().map(|(_, index)| *index).collect();
        for index in there {
            let Endpoint::Multipath(endpoint) = &mut self.endpoints[index].endpoint else {
                continue;
            };
            match notice {
                Notice::Joined { .. } => endpoint.path_up(self.now, address),
                Notice::Lost { .. } => endpoint.path_down(self.now, address),
                Notice::Priority { backup, .. } => endpoint.path_backup(self.now, address, *backup),
                _ => {}
            }
            self.stir(index);
        }
    }

    /// A packet has come to a node: for its own host, or for one behind a cable.
    fn route(&mut self, node: usize, packet: Bytes) {
        let Some(host) = self.host_of(&packet) else { return };
        match &self.hosts[host].attachment {
            Attachment::Node(at) | Attachment::Path { node: at, .. } if *at == node => {
                self.arrive(host, packet);
            }
            Attachment::Node(_) | Attachment::Path { .. } => {}
            Attachment::Cables(_) => {
                if let Some(Cable { to_host, .. }) = self.hosts[host].cable_to(node) {
                    self.send_by_wire(to_host, packet);
                }
            }
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

/// A packet between two stations, if it is one.
fn msdu(source: MacAddr, destination: MacAddr, packet: Bytes) -> Option<Msdu> {
    let ethertype = ethertype(&packet)?;
    Some(Msdu { destination, source, priority: 0, ethertype, payload: packet })
}
