//! The network that the hosts are in: a server, a cable, an access point, and clients around it.
//!
//! 802.11n at 150 Mbit/s, as the ns-3 baseline has it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use mac::{
    AcParameters, AccessCategory, ApConfig, Config, EdcaRecords, Instant, Mac, MacAddr, NoRider,
    QueueLimit, RateSelection, Role, Scan, StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, Placement, Rate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use sim::network::{HostId, Network};
use sim::wire::WireConfig;
use sim::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position};

/// The network of all addresses.
pub const PREFIX: u8 = 24;
/// More would have no address.
pub const MOST_CLIENTS: u8 = 200;
/// How far clients are from the access point at most, in metres.
const RADIUS: f64 = 10.0;

/// What can be said about it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Bss {
    pub clients: u8,
    /// Packets that the access point may have queued for each client.
    pub queue: usize,
    pub seed: u64,
}

/// The network and its hosts: the server, then the clients.
pub struct Built {
    pub network: Network,
    pub hosts: Vec<HostId>,
}

impl Bss {
    /// The address of the server, which has number 0, or a client, from 1 on.
    pub fn host(&self, number: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, 1 + number).into()
    }

    pub fn build(&self) -> Built {
        let mut config = MediumConfig::default();
        config.receiver.energy_detection_dbm = -65.0;
        let medium = Medium::new(config, ErrorTable::ideal(), self.random(0));
        let mut network = Network::new(medium, ());
        let ap = self.add_node(&mut network, 0, Position::new(0.0, 0.0));
        let server = network.add_wired_host(self.host(0), ap, WireConfig::ns3());
        let clients = (1..=self.clients).map(|number| {
            let position = self.position(number);
            let node = self.add_node(&mut network, number, position);
            network.add_host(self.host(number), node)
        });
        let clients: Vec<HostId> = clients.collect();
        Built { network, hosts: [vec![server], clients].concat() }
    }

    /// Of the access point, which has number 0, or a client.
    fn add_node(&self, network: &mut Network, number: u8, position: Position) -> NodeId {
        let rate = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short };
        let mut config = Config::dot11n(
            MacAddr([2, 0, 0, 0, 0, number]),
            if number == 0 { access_point() } else { station() },
            Bandwidth::Mhz40,
            RateSelection::Fixed(Rate::Ht(rate)),
        );
        let queue = if number == 0 { self.queue * usize::from(self.clients) } else { 2000 };
        config.queue_limit = QueueLimit::Shared(queue);
        config.lifetime = None;
        config.edca = Some(without_txop_limit());
        let stream = 1 + u64::from(number);
        let mac = Mac::new(Instant::ZERO, config, Box::new(NoRider), self.random(stream));
        let channel = Channel::mhz40(5190, Placement::Lower);
        network.add_node(NodeConfig::new(position, channel), mac)
    }

    /// Somewhere in a disc around the access point.
    fn position(&self, client: u8) -> Position {
        let mut random = self.random(1000 + u64::from(client));
        let radius = RADIUS * random.random::<f64>().sqrt();
        let angle = random.random_range(0.0..std::f64::consts::TAU);
        Position::new(radius * angle.cos(), radius * angle.sin())
    }

    fn random(&self, stream: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(stream);
        random
    }
}

fn access_point() -> Role {
    Role::Ap(ApConfig {
        ssid: b"ackride".to_vec(),
        channel: 36,
        beacon_interval: TimeUnits(100),
        first_beacon: Duration::from_millis(10),
        dtim_period: 2,
        inactivity: Duration::from_secs(300),
    })
}

fn station() -> Role {
    Role::Station(StationConfig {
        ssid: b"ackride".to_vec(),
        bssid: None,
        scan: Scan::Passive { listen: Duration::from_millis(120) },
        beacon_loss: 10,
    })
}

/// As in ns-3: an A-MPDU is sent alone.
fn without_txop_limit() -> EdcaRecords {
    EdcaRecords([
        AcParameters::new(AccessCategory::BestEffort, 3, 4, 10, 0),
        AcParameters::new(AccessCategory::Background, 7, 4, 10, 0),
        AcParameters::new(AccessCategory::Video, 2, 3, 4, 0),
        AcParameters::new(AccessCategory::Voice, 2, 2, 3, 0),
    ])
}
