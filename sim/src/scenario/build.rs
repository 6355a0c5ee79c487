//! The network of a scenario at its beginning: nodes, cables and hosts, without the traffic.

use std::f64::consts::TAU;
use std::net::{IpAddr, Ipv4Addr};

use channel_switch::{MultiStation, Policy, RiderFactory};
use mac::{Instant, Mac, MacAddr};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::roster::{Path, Roster};
use super::{LinkTable, NodeTable, RoleName, Scenario, Time};
use crate::network::{HostId, Network, Observer, Walk};
use crate::{Air, Channel, ErrorTable, Medium, NodeConfig, NodeId, Position, SampleAir};

/// Streams of the medium; of places and MACs they are those of the node after these.
const MEDIUM: u64 = 0;
const PLACES: u64 = 1 << 32;
const MACS: u64 = 1;

/// A network as a scenario says it.
pub struct Built<O: Observer, A: Air = Medium> {
    /// The network.
    pub network: Network<O, A>,
    pub(super) nodes: Vec<NodeId>,
    pub(super) hosts: Vec<NamedHost>,
    pub(super) roster: Roster,
}

/// A host of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedHost {
    /// What the scenario calls it.
    pub name: String,
    /// Its address, all of which are in 10.0.0.0/16.
    pub address: IpAddr,
    /// Which it is.
    pub id: HostId,
    /// The AP by which it is reached, if it is a client of several: its name.
    pub path: Option<String>,
    /// Number of the first host of the same machine: a client of several APs has an address, and
    /// is a host, for each of them.
    pub machine: usize,
}

impl Scenario {
    /// The network at its beginning.
    ///
    /// # Panics
    /// If the scenario does not pass its [`check`](Scenario::check).
    pub fn build<O: Observer>(&self, table: ErrorTable, seed: u64, observer: O) -> Built<O> {
        let medium = Medium::new(self.medium.config(), table, stream(seed, MEDIUM));
        self.build_in(medium, seed, observer)
    }

    /// The same in the air of samples.
    ///
    /// # Panics
    /// If the scenario does not pass its [`check`](Scenario::check) and
    /// [`check_samples`](Scenario::check_samples).
    pub fn build_on_samples<O: Observer>(&self, seed: u64, observer: O) -> Built<O, SampleAir> {
        let air = SampleAir::new(self.sample_air(), stream(seed, MEDIUM));
        self.build_in(air, seed, observer)
    }

    fn build_in<O: Observer, A: Air>(&self, air: A, seed: u64, observer: O) -> Built<O, A> {
        let roster = Roster::new(self);
        let mut network = Network::new(air, observer);
        let mut nodes = vec![];
        for (node, number) in Roster::nodes(self).zip(0..) {
            let position = place(node, &mut stream(seed, PLACES + number));
            let config = node.mac(address(number));
            let rng = stream(seed, MACS + number);
            nodes.push(match node.role {
                RoleName::MultiStation => {
                    self.add_client(&mut network, node, position, config, rng)
                }
                RoleName::Ap | RoleName::Station | RoleName::Ibss => {
                    let mac = Mac::new(Instant::ZERO, config, node.rider(), rng);
                    network.add_node(node.radio(position), mac)
                }
            });
        }
        for (node, &id) in Roster::nodes(self).zip(&nodes) {
            if !node.walk_m.is_empty() {
                let points = std::iter::once(&node.position_m).chain(&node.walk_m);
                let points = points.map(|&[x, y]| Position::new(x, y)).collect();
                let begin = Instant::ZERO + node.walk_from.0;
                network.walk(id, Walk { points, speed: node.speed_m_s, begin });
            }
        }
        let mut hosts = vec![];
        let paths = Roster::paths(self);
        for (index, &node) in nodes.iter().enumerate() {
            hosts.push(match paths.iter().find(|path| path.node == index) {
                Some(path) => network.add_path(ip(index), node, nodes[path.ap]),
                None => network.add_host(ip(index), node),
            });
        }
        for wire in &self.wires {
            let find = |name: &str| roster.find(name).expect("the scenario was checked").start;
            let (host, node) = (find(wire.host.get_ref()), nodes[find(wire.node.get_ref())]);
            match hosts.get(host) {
                Some(&host) => network.add_cable(host, node, wire.wire()),
                None => hosts.push(network.add_wired_host(ip(host), node, wire.wire())),
            }
        }
        let further = Roster::further_paths(self);
        let first_further = hosts.len();
        for &Path { node, ap } in &further {
            hosts.push(network.add_path(ip(hosts.len()), nodes[node], nodes[ap]));
        }
        let named = |(index, id): (usize, HostId)| {
            let path = match index.checked_sub(first_further) {
                Some(further_path) => further.get(further_path),
                None => paths.iter().find(|path| path.node == index),
            };
            let machine = path.map_or(index, |path| path.node);
            let path = path.map(|path| roster.name(path.ap).to_owned());
            NamedHost { name: roster.name(index).to_owned(), address: ip(index), id, path, machine }
        };
        let hosts = hosts.into_iter().enumerate().map(named).collect();
        let mut built = Built { network, nodes, hosts, roster };
        self.links.iter().for_each(|link| built.settle(link));
        built
    }
}

impl Scenario {
    fn add_client<O: Observer, A: Air>(
        &self,
        network: &mut Network<O, A>,
        node: &NodeTable,
        position: Position,
        station: mac::Config,
        rng: ChaCha8Rng,
    ) -> NodeId {
        let aps = self.nodes.iter().filter(|ap| node.is_client_of(ap));
        let mut channels: Vec<(u8, Channel)> = aps.map(|ap| (ap.channel, ap.channel())).collect();
        channels.sort_by_key(|(number, _)| *number);
        channels.dedup();
        let (numbers, channels): (Vec<u8>, Vec<Channel>) = channels.into_iter().unzip();
        let table = node.client.as_ref().map(|client| client.get_ref().clone());
        let config = table.unwrap_or_default().config(station, numbers);
        let tuned = |channel: &Channel| NodeConfig { channel: *channel, ..node.radio(position) };
        let radios: Vec<NodeConfig> = match config.policy {
            Policy::Wideband => channels.iter().map(tuned).collect(),
            _ => channels.iter().take(1).map(tuned).collect(),
        };
        let alike = node.clone();
        let riders: RiderFactory = Box::new(move || alike.rider());
        let client = MultiStation::new(Instant::ZERO, config, riders, rng);
        network.add_client(&radios, channels, client)
    }
}

impl<O: Observer, A: Air> Built<O, A> {
    /// All nodes.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// All hosts.
    pub fn hosts(&self) -> &[NamedHost] {
        &self.hosts
    }

    /// The numbers of the hosts that a name means: one, or several that are alike.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn find(&self, name: &str) -> Result<std::ops::Range<usize>, String> {
        let unknown = || format!("there is no host '{name}', but {}", self.roster.known());
        self.roster.find(name).ok_or_else(unknown)
    }

    fn settle(&mut self, link: &LinkTable) {
        let [a, b] = link.between.get_ref();
        let find = |name: &str| self.roster.find(name).expect("the scenario was checked");
        let (a, b) = (find(a.get_ref()), find(b.get_ref()));
        let pairs = a.flat_map(|a| b.clone().map(move |b| (a, b))).filter(|(a, b)| a != b);
        // A client that hears several channels at once has a radio for each.
        let radios = |node: usize| self.network.radios(self.nodes[node]).to_vec();
        let pairs: Vec<(NodeId, NodeId)> = pairs
            .map(|(a, b)| (radios(a), radios(b)))
            .flat_map(|(a, b)| {
                a.into_iter().flat_map(move |a| b.clone().into_iter().map(move |b| (a, b)))
            })
            .collect();
        for (a, b) in pairs {
            let medium = self.network.medium_mut();
            match link.snr_db {
                Some(snr_db) => medium.set_snr_db(a, b, snr_db),
                None if link.hidden || link.loss_db.is_some() => {
                    medium.set_loss_db(a, b, link.loss_db.or(Some(f64::INFINITY)));
                }
                None => {}
            }
            if let Some(Time(coherence)) = link.coherence {
                medium.set_fading(a, b, coherence);
            }
        }
    }
}

/// One generator for everything that is random by itself.
fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// Where a node is: at its position or, with equal chances, anywhere within a distance of it.
fn place(node: &NodeTable, rng: &mut ChaCha8Rng) -> Position {
    let [x, y] = node.position_m;
    let radius = node.within_m.unwrap_or(0.0) * rng.random::<f64>().sqrt();
    let angle = TAU * rng.random::<f64>();
    Position::new(x + radius * angle.cos(), y + radius * angle.sin())
}

/// Addresses of the n-th node and host.
fn address(number: u64) -> MacAddr {
    let [.., high, low] = (number + 1).to_be_bytes();
    MacAddr([2, 0, 0, 0, high, low])
}

fn ip(index: usize) -> IpAddr {
    let [.., high, low] = (index + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, 0, high, low))
}
