//! A server behind all APs, and a client of all of them: a TCP connection each way by each path.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use channel_switch::{Config, Membership, MultiStation, Policy, RiderFactory, Switching};
use hack::Hack;
use mac::{
    ApConfig, Instant, Mac, MacAddr, NoRider, QueueLimit, RateSelection, Rider, Role, Scan,
    StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::network::{Endpoint, EndpointId, HostId, Network};
use sim::tcp::{self, Connection, Transfer};
use sim::wire::WireConfig;
use sim::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position};

use crate::ledger::Ledger;
use crate::watch::Watch;

/// What a bench is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The channels of the APs.
    pub aps: Vec<u8>,
    pub ht: bool,
    pub hack: Option<hack::Policy>,
    pub policy: Policy,
    pub cycle: Duration,
    pub switching: Switching,
    pub membership: Membership,
    pub seed: u64,
}

impl Setup {
    pub fn new(aps: &[u8]) -> Self {
        Self {
            aps: aps.to_vec(),
            ht: true,
            hack: Some(hack::Policy::Adaptive),
            policy: Policy::Equal,
            cycle: Duration::from_millis(200),
            switching: Switching::default(),
            membership: Membership::default(),
            seed: 1,
        }
    }
}

pub struct Bench {
    pub network: Network<(Ledger, Watch)>,
    pub aps: Vec<NodeId>,
    pub client: NodeId,
    pub setup: Setup,
    pub server: HostId,
    pub paths: Vec<HostId>,
    /// Who receives, and how much is to come.
    sinks: Vec<(EndpointId, u64)>,
    next_port: u16,
}

pub const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

pub fn path_ip(ap: usize) -> IpAddr {
    [10, 0, 1, ap as u8 + 1].into()
}

pub fn rng(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

pub fn channel(number: u8) -> Channel {
    Channel::undivided(5000 + 5 * u32::from(number), Bandwidth::Mhz20)
}

pub fn ap_address(ap: usize) -> MacAddr {
    MacAddr([2, 0, 0, 0, 1, ap as u8 + 1])
}

/// What all MACs have in common: nothing is dropped that could be sent.
pub fn station(setup: &Setup, address: MacAddr, role: Role) -> mac::Config {
    let config = match setup.ht {
        false => mac::Config::dot11a(address, role, RateSelection::Fixed(OfdmRate::Mbps54.into())),
        true => {
            let rate = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz20, gi: GuardInterval::Long };
            let rate = RateSelection::Fixed(Rate::Ht(rate));
            mac::Config::dot11n(address, role, Bandwidth::Mhz20, rate)
        }
    };
    mac::Config {
        queue_limit: QueueLimit::Shared(5000),
        lifetime: None,
        reorder_release: Duration::from_secs(20),
        // Whoever collides seven times in a row would give up, wherever the radio is.
        retry_limit: 60,
        ..config
    }
}

fn rider(policy: Option<hack::Policy>) -> Box<dyn Rider> {
    match policy {
        Some(policy) => Box::new(Hack::new(hack::Config { policy, ..hack::Config::default() })),
        None => Box::new(NoRider),
    }
}

pub fn ap_mac(setup: &Setup, ap: usize, now: Instant) -> Mac {
    let role = Role::Ap(ApConfig {
        ssid: b"lab".to_vec(),
        channel: setup.aps[ap],
        beacon_interval: TimeUnits(100),
        first_beacon: Duration::from_millis(7 * ap as u64 + 1),
        dtim_period: 2,
        inactivity: Duration::from_secs(300),
    });
    let config = station(setup, ap_address(ap), role);
    Mac::new(now, config, rider(setup.hack), rng(setup.seed, ap as u64))
}

pub fn client(setup: &Setup) -> (Config, RiderFactory) {
    let scan = Scan::Passive { listen: Duration::from_millis(10) };
    let role = StationConfig { ssid: b"lab".to_vec(), bssid: None, scan, beacon_loss: 10 };
    let station = station(setup, MacAddr([2, 0, 0, 0, 2, 1]), Role::Station(role));
    let mut channels = setup.aps.clone();
    channels.sort_unstable();
    channels.dedup();
    let config = Config {
        policy: setup.policy,
        cycle: setup.cycle,
        min_slot: setup.cycle / 20,
        switching: setup.switching,
        membership: setup.membership,
        ..Config::new(station, channels)
    };
    let policy = setup.hack;
    (config, Box::new(move || rider(policy)))
}

impl Bench {
    /// A network that begins now.
    pub fn new(setup: &Setup) -> Self {
        let medium =
            Medium::new(MediumConfig::default(), ErrorTable::ideal(), rng(setup.seed, 1000));
        let mut network = Network::new(medium, Default::default());
        let aps: Vec<NodeId> = (0..setup.aps.len())
            .map(|ap| {
                let place = Position::new(3.0 * ap as f64, 0.0);
                let radio = NodeConfig::new(place, channel(setup.aps[ap]));
                network.add_node(radio, ap_mac(setup, ap, Instant::ZERO))
            })
            .collect();
        let (config, riders) = client(setup);
        let channels: Vec<Channel> = config.channels.iter().copied().map(channel).collect();
        let radios: Vec<NodeConfig> = channels
            .iter()
            .take(if config.policy == Policy::Wideband { channels.len() } else { 1 })
            .map(|channel| NodeConfig::new(Position::new(1.0, 1.0), *channel))
            .collect();
        let station = MultiStation::new(Instant::ZERO, config, riders, rng(setup.seed, 500));
        let client = network.add_client(&radios, channels, station);
        let server = network.add_wired_host(SERVER, aps[0], WireConfig::ns3());
        for ap in &aps[1..] {
            network.add_cable(server, *ap, WireConfig::ns3());
        }
        let paths =
            (0..aps.len()).map(|ap| network.add_path(path_ip(ap), client, aps[ap])).collect();
        let (setup, sinks, next_port) = (setup.clone(), vec![], 5001);
        Self { network, aps, client, setup, server, paths, sinks, next_port }
    }

    /// A transfer by way of an AP, from the server or to it.
    pub fn transfer(&mut self, ap: usize, bytes: u64, download: bool) {
        let host = tcp::Config { receive_buffer: 128 << 10, ..tcp::Config::default() };
        let source = tcp::Config { transfer: Transfer::Bytes(bytes), ..host.clone() };
        let (ours, theirs) = if download { (host, source) } else { (source, host) };
        let port = self.next_port;
        self.next_port += 1;
        let (local, remote) = (SocketAddr::new(path_ip(ap), port), SocketAddr::new(SERVER, port));
        let listening = Endpoint::Tcp(Box::new(Connection::listen(theirs, remote)));
        let theirs = self.network.add_endpoint(self.server, port, listening);
        let connection = Connection::connect(ours, local, remote, self.network.now());
        let opening = Endpoint::Tcp(Box::new(connection));
        let ours = self.network.add_endpoint(self.paths[ap], port, opening);
        self.sinks.push((if download { ours } else { theirs }, bytes));
    }

    pub fn run(&mut self, time: Duration) {
        self.network.run_until(self.network.now() + time);
    }

    pub fn ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// Lets all APs be joined.
    ///
    /// # Panics
    /// If that takes longer than a second.
    pub fn joined(mut self) -> Self {
        self.ms(1000);
        assert_eq!(self.associations(), self.aps.len());
        self
    }

    pub fn associations(&self) -> usize {
        self.network.client(self.client).expect("it is one").associations().count()
    }

    pub fn delivered(&self) -> u64 {
        let sinks = self.sinks.iter();
        sinks.map(|(sink, _)| self.network.endpoint(*sink).bytes_delivered()).sum()
    }

    /// Lets all transfers end.
    ///
    /// # Panics
    /// If one does not, or what was lost on the way was not told.
    pub fn finish(&mut self) {
        let all: u64 = self.sinks.iter().map(|(_, bytes)| bytes).sum();
        let limit = self.network.now() + Duration::from_secs(60);
        while self.delivered() < all {
            let now = self.network.now();
            assert!(now < limit, "{} of {all} bytes at {now}, {:?}", self.delivered(), self.setup);
            self.ms(20);
        }
        self.ms(500);
    }

    pub fn ledger(&self) -> &Ledger {
        &self.network.observer().0
    }

    pub fn watch(&self) -> &Watch {
        &self.network.observer().1
    }

    /// Packets that MACs have given up.
    pub fn dropped(&self) -> u64 {
        let nodes = self.aps.iter().chain([&self.client]);
        let dropped = nodes.map(|node| {
            let counters = self.network.counters(*node);
            counters.dropped_retry_limit + counters.dropped_lifetime + counters.dropped_other
        });
        dropped.sum()
    }
}
