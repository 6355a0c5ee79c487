//! A server behind an AP and a client at its station, in sample-level air.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hack::{Hack, Stats};
use mac::{
    ApConfig, Config, Instant, Mac, MacAddr, RateSelection, Role, Scan, StationConfig, TimeUnits,
    TxPpdu,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, Placement};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::network::{Endpoint, EndpointId, Network, Observer};
use sim::tcp::{self, Connection, Transfer};
use sim::wire::WireConfig;
use sim::{Channel, NodeConfig, NodeId, Position, SampleAir, SampleAirConfig};

/// When the station has joined and the connection begins.
const START: Instant = Instant::from_nanos(200_000_000);
/// By then it must have ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// A PPDU that was on the air.
pub struct Sent {
    pub node: usize,
    pub end: Instant,
    pub ppdu: TxPpdu,
}

/// All PPDUs, in the order in which they were asked for.
#[derive(Default)]
pub struct Log(pub Vec<Sent>);

impl Observer for Log {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        self.0.push(Sent { node, end, ppdu: ppdu.clone() });
    }
}

pub struct Link {
    pub network: Network<Log, SampleAir>,
    ap: NodeId,
    station: NodeId,
    sink: EndpointId,
    bytes: u64,
}

impl Link {
    /// A link with noise, echoes and oscillators that are off, when a download of so many bytes is
    /// about to begin.
    pub fn new(bandwidth: Bandwidth, bytes: u64, seed: u64) -> Self {
        let channel = match bandwidth {
            Bandwidth::Mhz40 => Channel::mhz40(5190, Placement::Lower),
            _ => Channel::undivided(5180, bandwidth),
        };
        let config = SampleAirConfig {
            oscillator_ppm: 5.0,
            multipath_rms_ns: Some(50.0),
            ..SampleAirConfig::new(channel)
        };
        let air = SampleAir::new(config, rng(seed, 0));
        let mut network = Network::new(air, Log::default());
        let mut add = |number: u8, x| {
            let radio = NodeConfig::new(Position::new(x, 0.0), channel);
            network.add_node(radio, mac(number, bandwidth, seed))
        };
        let (ap, station) = (add(0, 0.0), add(1, 6.0));
        network.medium_mut().set_snr_db(ap, station, 28.0);

        let cable = WireConfig {
            bits_per_second: 1_000_000_000,
            delay: Duration::from_millis(2),
            queue_limit: 1000,
        };
        let server = network.add_wired_host(ip(1), ap, cable);
        let client = network.add_host(ip(2), station);
        network.run_until(START);
        let (remote, local) = (SocketAddr::new(ip(1), 5001), SocketAddr::new(ip(2), 40_000));
        let source = tcp::Config { transfer: Transfer::Bytes(bytes), ..tcp::Config::default() };
        let listening = Connection::listen(source, remote);
        network.add_endpoint(server, remote.port(), Endpoint::Tcp(Box::new(listening)));
        let opening = Connection::connect(tcp::Config::default(), local, remote, network.now());
        let sink = network.add_endpoint(client, local.port(), Endpoint::Tcp(Box::new(opening)));
        Self { network, ap, station, sink, bytes }
    }

    /// Lets the download end, and looks at what happened meanwhile every few milliseconds.
    ///
    /// # Panics
    /// If it does not end.
    pub fn finish(&mut self, mut look: impl FnMut(&mut Network<Log, SampleAir>)) {
        let limit = self.network.now() + PATIENCE;
        while self.delivered() < self.bytes {
            assert!(self.network.now() < limit, "{} of {}", self.delivered(), self.bytes);
            self.run(Duration::from_millis(5));
            look(&mut self.network);
        }
        // What is still held back.
        self.run(Duration::from_millis(50));
        look(&mut self.network);
    }

    fn run(&mut self, time: Duration) {
        self.network.run_until(self.network.now() + time);
    }

    pub fn delivered(&self) -> u64 {
        self.network.endpoint(self.sink).bytes_delivered()
    }

    /// What HACK has counted at the AP and at the station.
    pub fn stats(&self) -> [Stats; 2] {
        [self.ap, self.station].map(|node| {
            let rider: &dyn Any = self.network.mac(node).rider();
            *rider.downcast_ref::<Hack>().expect("all have HACK").stats()
        })
    }

    /// How long the download has taken so far.
    pub fn lasted(&self) -> Duration {
        self.network.now().since(START)
    }
}

fn rng(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn ip(number: u8) -> IpAddr {
    [10, 0, 0, number].into()
}

/// The AP is number nought.
fn mac(number: u8, bandwidth: Bandwidth, seed: u64) -> Mac {
    let ssid = b"samples".to_vec();
    let role = if number == 0 {
        Role::Ap(ApConfig {
            ssid,
            channel: 36,
            beacon_interval: TimeUnits(100),
            first_beacon: Duration::from_millis(5),
            dtim_period: 1,
            inactivity: Duration::from_secs(60),
        })
    } else {
        let scan = Scan::Passive { listen: Duration::from_millis(20) };
        Role::Station(StationConfig { ssid, bssid: None, scan, beacon_loss: 10 })
    };
    let width = if bandwidth == Bandwidth::Mhz40 { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
    let rate = HtRate { mcs: Mcs::ALL[4], width, gi: GuardInterval::Short };
    let address = MacAddr([2, 0, 0, 0, 0, number]);
    let config = Config::dot11n(address, role, bandwidth, RateSelection::Fixed(rate.into()));
    let rider = Box::new(Hack::new(hack::Config::default()));
    Mac::new(Instant::ZERO, config, rider, rng(seed, 1 + u64::from(number)))
}
