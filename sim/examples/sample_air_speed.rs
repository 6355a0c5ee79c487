//! CPU time of a busy 802.11n link in sample-level air: an AP sends datagrams to its station as
//! fast as the air takes them, with echoes and oscillators that are off, or without.
//!
//! `cargo run --release -p sim --example sample_air_speed`

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cpu_time::ProcessTime;
use mac::{
    ApConfig, Config, Instant, Mac, MacAddr, NoRider, RateSelection, Role, Scan, StationConfig,
    TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, Placement};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::network::{Endpoint, Network};
use sim::packet::Flow;
use sim::udp::{UdpConfig, UdpSink, UdpSource};
use sim::{Channel, NodeConfig, Position, SampleAir, SampleAirConfig};

const WARM_UP: Duration = Duration::from_millis(200);
const SIMULATED: Duration = Duration::from_secs(1);

fn main() {
    println!("{:38} {:>8} {:>14}", "", "Mbit/s", "CPU-s/air-s");
    let mhz20 = Channel::undivided(5180, Bandwidth::Mhz20);
    let mhz40 = Channel::mhz40(5190, Placement::Lower);
    let clean = SampleAirConfig::new(mhz20);
    let echoes = SampleAirConfig { multipath_rms_ns: Some(50.0), ..clean.clone() };
    measure("idle but for beacons, 20 MHz", &clean, Duration::from_secs(1));
    let busy = Duration::from_micros(100);
    measure("busy, 20 MHz", &clean, busy);
    measure("busy, 20 MHz, echoes of 50 ns", &echoes, busy);
    let off = SampleAirConfig { oscillator_ppm: 5.0, ..echoes };
    measure("busy, 20 MHz, echoes, oscillators off", &off, busy);
    measure("busy, 40 MHz", &SampleAirConfig::new(mhz40), Duration::from_micros(50));
}

fn measure(name: &str, config: &SampleAirConfig, interval: Duration) {
    let channel = config.channel;
    let air = SampleAir::new(config.clone(), ChaCha8Rng::seed_from_u64(1));
    let mut network = Network::new(air, ());
    let mut add = |number: u8| {
        let radio = NodeConfig::new(Position::new(5.0 * f64::from(number), 0.0), channel);
        network.add_node(radio, mac(number, channel.bandwidth))
    };
    let (ap, station) = (add(0), add(1));
    let ip = |number| IpAddr::from([10, 0, 0, number]);
    let (server, client) = (network.add_host(ip(1), ap), network.add_host(ip(2), station));
    let start = Instant::ZERO + WARM_UP;
    network.run_until(start);

    let flow = Flow::new(SocketAddr::new(ip(1), 5001), SocketAddr::new(ip(2), 40_000));
    let stop = Instant::FAR_FUTURE;
    let source = UdpSource::new(UdpConfig { flow, payload_len: 1472, interval, start, stop });
    let sink = network.add_endpoint(client, 40_000, Endpoint::UdpSink(UdpSink::new()));
    network.add_endpoint(server, 5001, Endpoint::UdpSource(source));
    let began = ProcessTime::now();
    network.run_until(start + SIMULATED);
    let cpu_s = began.elapsed().as_secs_f64() / SIMULATED.as_secs_f64();
    let bits = 8.0 * network.endpoint(sink).bytes_delivered() as f64;
    println!("{name:38} {:8.1} {cpu_s:14.2}", 1e-6 * bits / SIMULATED.as_secs_f64());
}

/// The AP is number nought.
fn mac(number: u8, bandwidth: Bandwidth) -> Mac {
    let ssid = b"speed".to_vec();
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
    let rate = HtRate { mcs: Mcs::ALL[7], width, gi: GuardInterval::Short };
    let address = MacAddr([2, 0, 0, 0, 0, number]);
    let config = Config::dot11n(address, role, bandwidth, RateSelection::Fixed(rate.into()));
    let rng = ChaCha8Rng::seed_from_u64(u64::from(number));
    Mac::new(Instant::ZERO, config, Box::new(NoRider), rng)
}
