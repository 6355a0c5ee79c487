//! A server behind an AP, and its clients: TCP connections whose ACKs may ride.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hack::{Hack, Policy, Stats};
use mac::{
    ApConfig, Config, Instant, Mac, MacAddr, NoRider, QueueLimit, RateSelection, Rider, Role, Scan,
    StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::network::{Endpoint, EndpointId, HostId, Network};
use sim::tcp::{self, Connection, Transfer};
use sim::wire::WireConfig;
use sim::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position};

use crate::capture::Capture;
use crate::ledger::Ledger;

/// All policies that let ACKs ride.
pub const POLICIES: [Policy; 4] = [
    Policy::Timer(Duration::from_millis(10)),
    Policy::Opportunistic,
    Policy::MoreData,
    Policy::Adaptive,
];

/// The AP is the network's first node, and its clients follow.
pub const AP: usize = 0;

/// When all stations have joined and the connections begin.
pub const START: Instant = Instant::from_nanos(500_000_000);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    Dot11a,
    Dot11n,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Download,
    Upload,
    /// Connections from even ports download, those from odd ones upload.
    Both,
}

impl Direction {
    fn of(self, port: u16) -> Self {
        match self {
            Self::Both if port.is_multiple_of(2) => Self::Download,
            Self::Both => Self::Upload,
            one => one,
        }
    }
}

/// What a bench is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    pub standard: Standard,
    pub direction: Direction,
    /// Of each client; without, it has never heard of HACK.
    pub clients: Vec<Option<Policy>>,
    pub ap: Option<Policy>,
    /// Client ports of the connections that each client opens at the start.
    pub ports: Vec<u16>,
    /// What each of them transfers.
    pub bytes: u64,
    pub seed: u64,
}

impl Setup {
    /// One client that downloads with 802.11n.
    pub fn download(policy: Policy) -> Self {
        Self {
            standard: Standard::Dot11n,
            direction: Direction::Download,
            clients: vec![Some(policy)],
            ap: Some(policy),
            ports: vec![40_000],
            bytes: 6_000_000,
            seed: 1,
        }
    }

    /// The same without HACK.
    pub fn natively(&self) -> Self {
        Self { clients: vec![None; self.clients.len()], ap: None, ..self.clone() }
    }
}

pub struct Bench {
    pub network: Network<(Ledger, Capture)>,
    pub nodes: Vec<NodeId>,
    setup: Setup,
    server: HostId,
    hosts: Vec<HostId>,
    /// Those who receive.
    sinks: Vec<EndpointId>,
    next_server_port: u16,
}

impl Bench {
    /// A network whose stations have joined, when the connections are about to begin.
    pub fn new(setup: &Setup) -> Self {
        let medium =
            Medium::new(MediumConfig::default(), ErrorTable::ideal(), rng(setup.seed, 1000));
        let mut network = Network::new(medium, Default::default());
        let channel = match setup.standard {
            Standard::Dot11a => Channel::undivided(5180, Bandwidth::Mhz20),
            Standard::Dot11n => Channel::mhz40(5190, Placement::Lower),
        };
        let nodes: Vec<NodeId> = (0..=setup.clients.len())
            .map(|node| {
                let place = Position::new(node as f64, 0.0);
                network.add_node(NodeConfig::new(place, channel), mac(setup, node, Instant::ZERO))
            })
            .collect();
        let server = network.add_wired_host(server_ip(), nodes[AP], WireConfig::ns3());
        let hosts =
            (1..nodes.len()).map(|node| network.add_host(client_ip(node), nodes[node])).collect();
        let (setup, sinks) = (setup.clone(), vec![]);
        let mut bench =
            Self { network, nodes, setup, server, hosts, sinks, next_server_port: 5001 };
        bench.network.run_until(START);
        for client in 0..bench.hosts.len() {
            for port in bench.setup.ports.clone() {
                bench.connect(client, port);
            }
        }
        bench
    }

    /// A client opens a connection.
    pub fn connect(&mut self, client: usize, port: u16) {
        let Self { network, setup, server, hosts, .. } = self;
        let source = tcp::Config { transfer: Transfer::Bytes(setup.bytes), ..host() };
        let is_download = setup.direction.of(port) == Direction::Download;
        let (ours, theirs) = if is_download { (host(), source) } else { (source, host()) };
        let local = SocketAddr::new(client_ip(client + 1), port);
        let remote = SocketAddr::new(server_ip(), self.next_server_port);
        self.next_server_port += 1;
        let listening = Endpoint::Tcp(Box::new(Connection::listen(theirs, remote)));
        let theirs = network.add_endpoint(*server, remote.port(), listening);
        let connection = Connection::connect(ours, local, remote, network.now());
        let opening = Endpoint::Tcp(Box::new(connection));
        let ours = network.add_endpoint(hosts[client], port, opening);
        self.sinks.push(if is_download { ours } else { theirs });
    }

    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        self.network.run_until(self.network.now() + time);
    }

    /// Lets all transfers end, and what is still held back be sent.
    ///
    /// # Panics
    /// If one does not come to its end.
    pub fn finish(&mut self) {
        let limit = self.network.now() + Duration::from_secs(60);
        while !self.is_finished() {
            assert!(
                self.network.now() < limit,
                "only {:?} of {:?}, {:?}",
                self.delivered(),
                self.setup,
                self.network.now()
            );
            self.run(Duration::from_millis(100));
        }
        self.run(Duration::from_secs(1));
    }

    fn is_finished(&self) -> bool {
        self.delivered().iter().all(|bytes| *bytes == self.setup.bytes)
    }

    /// What came to each end that receives.
    pub fn delivered(&self) -> Vec<u64> {
        self.sinks.iter().map(|sink| self.network.endpoint(*sink).bytes_delivered()).collect()
    }

    /// What a node's HACK has counted.
    pub fn stats(&self, node: usize) -> Stats {
        let rider: &dyn Any = self.network.mac(self.nodes[node]).rider();
        rider.downcast_ref::<Hack>().map(|hack| *hack.stats()).unwrap_or_default()
    }

    /// A node loses all that it knows.
    pub fn restart(&mut self, node: usize) {
        let mac = mac(&self.setup, node, self.network.now());
        self.network.replace_mac(self.nodes[node], mac);
    }

    pub fn ledger(&self) -> &Ledger {
        &self.network.observer().0
    }

    pub fn capture(&self) -> &Capture {
        &self.network.observer().1
    }
}

fn rng(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn server_ip() -> IpAddr {
    [10, 0, 0, 1].into()
}

fn client_ip(node: usize) -> IpAddr {
    [10, 0, 1, node as u8].into()
}

pub fn address(node: usize) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, node as u8 + 1])
}

/// A Linux host whose window fills the queue of the AP and no more, so that nothing is lost there.
fn host() -> tcp::Config {
    tcp::Config { receive_buffer: 256 << 10, ..tcp::Config::default() }
}

fn mac(setup: &Setup, node: usize, now: Instant) -> Mac {
    let ssid = b"hack".to_vec();
    let (role, policy) = if node == AP {
        let role = Role::Ap(ApConfig {
            ssid,
            channel: 36,
            beacon_interval: TimeUnits(100),
            first_beacon: Duration::from_millis(10),
            dtim_period: 2,
            inactivity: Duration::from_secs(300),
        });
        (role, setup.ap)
    } else {
        let listen = Duration::from_millis(120);
        let scan = Scan::Passive { listen };
        let role = StationConfig { ssid, bssid: None, scan, beacon_loss: 10 };
        (Role::Station(role), setup.clients[node - 1])
    };
    let config = match setup.standard {
        Standard::Dot11a => {
            Config::dot11a(address(node), role, RateSelection::Fixed(OfdmRate::Mbps54.into()))
        }
        Standard::Dot11n => {
            let rate = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short };
            let rate = RateSelection::Fixed(Rate::Ht(rate));
            Config::dot11n(address(node), role, Bandwidth::Mhz40, rate)
        }
    };
    // What a MAC drops it tells: nothing goes up before what is missing has been given up.
    let config = Config {
        queue_limit: QueueLimit::Shared(5000),
        lifetime: None,
        reorder_release: Duration::from_secs(20),
        ..config
    };
    let rider: Box<dyn Rider> = match policy {
        Some(policy) => Box::new(Hack::new(hack::Config { policy, ..hack::Config::default() })),
        None => Box::new(NoRider),
    };
    Mac::new(now, config, rider, rng(setup.seed, node as u64))
}
