//! CPU time of a TCP transfer over two wires in virtual time, per packet: both endpoints, checksums
//! written and verified, and the queues between them.
//!
//! `cargo run --release -p sim --example tcp_speed`

use std::time::Duration;

use mac::Instant;
use sim::{
    tcp::{Algorithm, Config, Connection, Transfer},
    wire::{Wire, WireConfig},
};

const SIMULATED: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    let base = Config::default();
    let cases = [
        ("New Reno as ns-3's", Config::ns3()),
        ("CUBIC, timestamps", base.clone()),
        ("CUBIC, no SACK", Config { sack: false, ..base.clone() }),
        ("New Reno, timestamps", Config { algorithm: Algorithm::NewReno, ..base }),
    ];
    println!("{:22} {:>8} {:>10} {:>6} {:>10}", "", "Mbit/s", "packets", "lost", "ns/packet");
    for (name, config) in cases {
        measure(name, config)?;
    }
    Ok(())
}

/// 150 Mbit/s, 4 ms there and back, a queue of 126 packets.
fn measure(name: &str, config: Config) -> anyhow::Result<()> {
    let server_address = "10.0.0.1:5001".parse()?;
    let client_address = "10.0.0.2:40000".parse()?;
    let mut now = Instant::ZERO;
    let end = now + SIMULATED;
    let sender = Config { transfer: Transfer::Unlimited, ..config.clone() };
    let mut server = Connection::listen(sender, server_address);
    let mut client = Connection::connect(config, client_address, server_address, now);
    let link = WireConfig {
        bits_per_second: 150_000_000,
        delay: Duration::from_millis(2),
        queue_limit: 126,
    };
    let mut down = Wire::new(link);
    let mut up = Wire::new(link);
    let mut packets = 0u64;

    let start = std::time::Instant::now();
    loop {
        while let Some(packet) = client.poll_transmit(now) {
            up.enqueue(now, packet);
        }
        while let Some(packet) = server.poll_transmit(now) {
            down.enqueue(now, packet);
        }
        let next =
            [down.next_arrival(), up.next_arrival(), client.next_timeout(), server.next_timeout()];
        now = next.into_iter().flatten().min().expect("a transfer without end");
        if now > end {
            break;
        }
        while let Some(packet) = down.poll_arrival(now) {
            client.handle_packet(now, &packet)?;
            packets += 1;
        }
        while let Some(packet) = up.poll_arrival(now) {
            server.handle_packet(now, &packet)?;
            packets += 1;
        }
        client.handle_timeout(now);
        server.handle_timeout(now);
    }
    let elapsed = start.elapsed();

    let delivered = client.stats().receiver.bytes_delivered;
    println!(
        "{name:22} {:8.1} {packets:10} {:6} {:10.0}",
        8e-6 * delivered as f64 / SIMULATED.as_secs_f64(),
        down.dropped(),
        elapsed.as_nanos() as f64 / packets as f64,
    );
    Ok(())
}
