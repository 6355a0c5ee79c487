//! The yardstick: a download by the built-in TCP with CUBIC over the same network, in virtual time.

use std::net::SocketAddr;
use std::time::Duration;

use mac::Instant;
use sim::network::Endpoint;
use sim::tcp::{Config, Connection, Transfer};

use super::bss::{Bss, Built};

/// A port for each client, from here on.
const FIRST_PORT: u16 = 5001;

/// What all clients get together in so much time from `start` on, in Mbit/s.
pub fn goodput_mbps(bss: &Bss, start: Duration, duration: Duration) -> f64 {
    let Built { mut network, hosts } = bss.build();
    let start = Instant::ZERO + start;
    network.run_until(start);
    let (server, clients) = (hosts[0], &hosts[1..]);
    let downloads: Vec<_> = (1..=bss.clients)
        .zip(clients)
        .map(|(number, client)| {
            let from = SocketAddr::new(bss.host(0), FIRST_PORT + u16::from(number));
            let to = SocketAddr::new(bss.host(number), FIRST_PORT);
            let sends = Config { transfer: Transfer::Unlimited, ..Config::default() };
            let sender = Endpoint::Tcp(Box::new(Connection::listen(sends, from)));
            network.add_endpoint(server, from.port(), sender);
            let receiver = Connection::connect(Config::default(), to, from, start);
            network.add_endpoint(*client, to.port(), Endpoint::Tcp(Box::new(receiver)))
        })
        .collect();
    network.run_until(start + duration);
    let bytes: u64 =
        downloads.into_iter().map(|client| network.endpoint(client).bytes_delivered()).sum();
    8e-6 * bytes as f64 / duration.as_secs_f64()
}
