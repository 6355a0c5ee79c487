//! Multipath connections over two paths of their own rates, delays and losses.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use mac::Instant;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sim::mptcp::{Config, Endpoint};
use sim::packet::{destination_address, source_address};
use sim::tcp::{self, Transfer};

const SERVER: &str = "10.0.0.1:5001";

fn path_address(path: usize) -> IpAddr {
    [10, 0, 1, path as u8 + 1].into()
}

/// One path: a rate each way, a delay, a drop-tail queue to the client, and loss.
struct Path {
    packet_time: Duration,
    delay: Duration,
    loss: f64,
    up: bool,
    free_at: Instant,
    /// Packets on their way: when they arrive, and whether at the client.
    flying: VecDeque<(Instant, bool, Bytes)>,
    carried: u64,
}

struct Bed {
    now: Instant,
    client: Endpoint,
    server: Endpoint,
    paths: Vec<Path>,
    rng: ChaCha8Rng,
}

impl Bed {
    fn new(bytes: u64, config: fn(tcp::Config, Transfer) -> Config, ms: &[u64]) -> Self {
        let tcp = tcp::Config { timestamps: false, ..tcp::Config::default() };
        let remote: SocketAddr = SERVER.parse().unwrap();
        let addresses = (0..ms.len()).map(path_address).collect();
        let nothing = config(tcp.clone(), Transfer::Nothing);
        let path = |&ms: &u64| Path {
            packet_time: Duration::from_micros(1000 * ms),
            delay: Duration::from_millis(5),
            loss: 0.0,
            up: true,
            free_at: Instant::ZERO,
            flying: VecDeque::new(),
            carried: 0,
        };
        let mut bed = Self {
            now: Instant::ZERO,
            client: Endpoint::connect(nothing, addresses, 10_000..10_100, remote),
            server: Endpoint::listen(config(tcp, Transfer::Bytes(bytes)), remote),
            paths: ms.iter().map(path).collect(),
            rng: ChaCha8Rng::seed_from_u64(1),
        };
        (0..ms.len()).for_each(|path| bed.client.path_up(Instant::ZERO, path_address(path)));
        bed
    }

    fn delivered(&self) -> u64 {
        self.client.stats().bytes_delivered
    }

    /// Lets time pass until so much has come, at most so long. Whether it has.
    fn run(&mut self, bytes: u64, most: Duration) -> bool {
        let end = self.now + most;
        while self.delivered() < bytes && self.now < end {
            while let Some(packet) = self.client.poll_transmit(self.now) {
                self.send(packet, false);
            }
            while let Some(packet) = self.server.poll_transmit(self.now) {
                self.send(packet, true);
            }
            let flying = self.paths.iter().filter_map(|path| path.flying.front().map(|f| f.0));
            let timers = [self.client.next_timeout(), self.server.next_timeout()];
            let next = flying.chain(timers.into_iter().flatten()).min().unwrap_or(end).min(end);
            self.now = self.now.max(next);
            for path in &mut self.paths {
                while path.flying.front().is_some_and(|(at, ..)| *at <= self.now) {
                    let (_, to_client, packet) = path.flying.pop_front().unwrap();
                    let to = if to_client { &mut self.client } else { &mut self.server };
                    to.handle_packet(self.now, &packet).unwrap();
                }
            }
            self.client.handle_timeout(self.now);
            self.server.handle_timeout(self.now);
        }
        self.delivered() >= bytes
    }

    fn send(&mut self, packet: Bytes, to_client: bool) {
        let address =
            if to_client { destination_address(&packet) } else { source_address(&packet) };
        let path = (0..self.paths.len()).find(|path| Some(path_address(*path)) == address);
        let path = &mut self.paths[path.expect("of one of the paths")];
        if !path.up || self.rng.random_bool(path.loss) {
            return;
        }
        let at = if to_client {
            if path.free_at > self.now + 50 * path.packet_time {
                return;
            }
            path.free_at = path.free_at.max(self.now) + path.packet_time;
            path.carried += 1;
            path.free_at + path.delay
        } else {
            self.now + path.delay
        };
        let behind = path.flying.iter().position(|(other, ..)| *other > at);
        path.flying.insert(behind.unwrap_or(path.flying.len()), (at, to_client, packet));
    }
}

const KERNELS: [fn(tcp::Config, Transfer) -> Config; 2] = [Config::linux, Config::coupled];

#[test]
fn two_paths_carry_what_both_can() {
    for kernel in KERNELS {
        let mut bed = Bed::new(8_000_000, kernel, &[1, 1]);
        assert!(bed.run(8_000_000, Duration::from_secs(60)));
        // A packet of 1440 bytes a millisecond by each: 23 Mbit/s.
        let mbps = 64.0 / bed.now.as_secs_f64();
        assert!((19.0..23.1).contains(&mbps), "{mbps}");
    }
}

#[test]
fn what_is_lost_arrives_all_the_same() {
    for kernel in KERNELS {
        let mut bed = Bed::new(1_000_000, kernel, &[1, 2]);
        bed.paths.iter_mut().for_each(|path| path.loss = 0.03);
        assert!(bed.run(1_000_000, Duration::from_secs(60)), "{:?}", bed.client.stats());
    }
}

#[test]
fn a_path_that_is_withdrawn_is_replaced_at_once() {
    for kernel in KERNELS {
        let mut bed = Bed::new(10_000_000, kernel, &[1, 1]);
        assert!(bed.run(2_000_000, Duration::from_secs(10)));
        bed.paths[0].up = false;
        bed.client.path_down(bed.now, path_address(0));
        let (then, before) = (bed.now, bed.delivered());
        assert!(bed.run(before + 500_000, Duration::from_secs(2)));
        assert!(bed.now.since(then) < Duration::from_secs(1), "{:?}", bed.now.since(then));
        assert_eq!(bed.server.stats().subflows.len(), 1);
        bed.paths[0].up = true;
        bed.client.path_up(bed.now, path_address(0));
        let carried = bed.paths[0].carried;
        bed.run(u64::MAX, Duration::from_millis(100));
        assert!(bed.paths[0].carried > carried, "a healed path carries data in under 100 ms");
        assert!(bed.run(10_000_000, Duration::from_secs(60)));
    }
}

#[test]
fn a_path_that_falls_silent_is_reinjected_after_its_timeout() {
    for kernel in KERNELS {
        let mut bed = Bed::new(10_000_000, kernel, &[1, 1]);
        assert!(bed.run(2_000_000, Duration::from_secs(10)));
        bed.paths[1].up = false;
        assert!(bed.run(10_000_000, Duration::from_secs(30)));
        assert!(bed.server.stats().reinjected > 0);
    }
}

#[test]
fn a_backup_carries_nothing_while_there_is_another() {
    for kernel in KERNELS {
        let mut bed = Bed::new(20_000_000, kernel, &[1, 1]);
        bed.client.path_backup(bed.now, path_address(1), true);
        assert!(bed.run(1_000_000, Duration::from_secs(10)));
        let carried = bed.paths[1].carried;
        assert!(bed.run(4_000_000, Duration::from_secs(10)));
        assert!(bed.paths[1].carried < carried + 5);
        bed.client.path_down(bed.now, path_address(0));
        let before = bed.delivered();
        assert!(bed.run(before + 1_000_000, Duration::from_secs(5)), "now it does");
    }
}

#[test]
fn the_kernel_of_2014_does_not_wait_for_the_slow_path() {
    let goodput = |kernel: fn(tcp::Config, Transfer) -> Config| {
        // The slow path has a queue of two seconds, more than the send buffer bridges.
        let mut bed = Bed::new(u64::MAX, kernel, &[1, 40]);
        bed.run(u64::MAX, Duration::from_secs(40));
        bed.delivered() as f64 * 8e-6 / 40.0
    };
    let [today, then] = KERNELS.map(goodput);
    assert!(then > 10.0 && then > today, "{today} {then}");
}
