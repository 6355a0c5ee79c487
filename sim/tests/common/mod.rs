//! Two endpoints and a bottleneck in virtual time.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use bytes::Bytes;
use mac::Instant;
use sim::{
    packet::TcpSegment,
    tcp::{Config, Connection, Reader, Transfer, pattern},
    wire::{Wire, WireConfig},
};

/// What happens to a packet behind its wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Pass,
    Drop,
    Twice,
    Late(Duration),
    /// A router marks it: congestion experienced.
    Mark,
}

/// Decides a packet's fate from its number on this wire, and its segment.
pub type Judge = Box<dyn FnMut(u64, &TcpSegment, &[u8]) -> Fate>;

pub fn pass() -> Judge {
    Box::new(|_, _, _| Fate::Pass)
}

/// One direction.
pub struct Path {
    pub wire: Wire,
    pub judge: Judge,
    pub packets: u64,
    delayed: BTreeMap<(Instant, u64), Bytes>,
}

impl Path {
    pub fn new(config: WireConfig, judge: Judge) -> Path {
        Path { wire: Wire::new(config), judge, packets: 0, delayed: BTreeMap::new() }
    }

    pub fn next_arrival(&self) -> Option<Instant> {
        let delayed = self.delayed.first_key_value().map(|((at, _), _)| *at);
        self.wire.next_arrival().into_iter().chain(delayed).min()
    }

    pub fn poll_arrival(&mut self, now: Instant) -> Option<Bytes> {
        while let Some(packet) = self.wire.poll_arrival(now) {
            let (segment, payload) = TcpSegment::parse(&packet).expect("endpoints send segments");
            let fate = (self.judge)(self.packets, &segment, payload);
            self.packets += 1;
            let key = (now, self.packets);
            match fate {
                Fate::Pass => {
                    self.delayed.insert(key, packet);
                }
                Fate::Drop => {}
                Fate::Twice => {
                    self.delayed.insert(key, packet.clone());
                    self.delayed.insert((now + Duration::from_micros(1), self.packets), packet);
                }
                Fate::Late(by) => {
                    self.delayed.insert((now + by, self.packets), packet);
                }
                Fate::Mark => {
                    let marked =
                        TcpSegment { ecn: sim::packet::Ecn::CongestionExperienced, ..segment };
                    self.delayed.insert(key, marked.emit(payload));
                }
            }
        }
        let first = self.delayed.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

/// A server that sends to a client through a bottleneck.
pub struct Dumbbell {
    pub now: Instant,
    pub server: Connection,
    pub client: Connection,
    /// Data.
    pub down: Path,
    /// ACKs.
    pub up: Path,
    /// What the client has read.
    pub read: u64,
    /// It does not read for now.
    pub stalled: bool,
}

pub const MSS: u64 = 1460;

pub fn server_address() -> SocketAddr {
    "10.0.0.1:5001".parse().unwrap()
}

pub fn client_address() -> SocketAddr {
    "10.0.0.2:40000".parse().unwrap()
}

/// 10 Mbit/s, 20 ms there and back: 17 segments of 1500 bytes fill the pipe.
pub fn bottleneck(queue_limit: usize) -> WireConfig {
    WireConfig { bits_per_second: 10_000_000, delay: Duration::from_millis(10), queue_limit }
}

pub fn secs(s: f64) -> Duration {
    Duration::from_secs_f64(s)
}

/// Small enough to see single segments: no timestamps, so that a segment is 1460 bytes.
pub fn config() -> Config {
    Config { timestamps: false, trace: true, ..Config::default() }
}

impl Dumbbell {
    /// The server sends `transfer`; both have the same `config` otherwise.
    pub fn new(config: Config, transfer: Transfer, bottleneck: WireConfig) -> Dumbbell {
        let now = Instant::ZERO;
        let sender = Config { transfer, ..config.clone() };
        let receiver =
            Config { transfer: Transfer::Nothing, reader: Reader::Keep, iss: 77, ..config };
        let back = WireConfig { queue_limit: 100_000, ..bottleneck };
        Dumbbell {
            now,
            server: Connection::listen(sender, server_address()),
            client: Connection::connect(receiver, client_address(), server_address(), now),
            down: Path::new(bottleneck, pass()),
            up: Path::new(back, pass()),
            read: 0,
            stalled: false,
        }
    }

    /// Until nothing happens any more, or for so long.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        self.read();
        loop {
            self.transmit();
            let next = [
                self.client.next_timeout(),
                self.server.next_timeout(),
                self.down.next_arrival(),
                self.up.next_arrival(),
            ];
            match next.into_iter().flatten().min() {
                Some(next) if next <= end => self.now = self.now.max(next),
                _ => break,
            }
            while let Some(packet) = self.down.poll_arrival(self.now) {
                self.client.handle_packet(self.now, &packet).expect("nothing is damaged");
                self.read();
            }
            while let Some(packet) = self.up.poll_arrival(self.now) {
                self.server.handle_packet(self.now, &packet).expect("nothing is damaged");
            }
            for host in [&mut self.client, &mut self.server] {
                if host.next_timeout().is_some_and(|deadline| deadline <= self.now) {
                    host.handle_timeout(self.now);
                }
            }
            if self.client.is_closed() && self.server.is_closed() {
                break;
            }
        }
    }

    fn transmit(&mut self) {
        while let Some(packet) = self.client.poll_transmit(self.now) {
            self.up.wire.enqueue(self.now, packet);
        }
        while let Some(packet) = self.server.poll_transmit(self.now) {
            self.down.wire.enqueue(self.now, packet);
        }
    }

    /// Every byte is the one that was sent.
    fn read(&mut self) {
        while let Some(chunk) = (!self.stalled).then(|| self.client.read(self.now)).flatten() {
            assert_eq!(chunk, pattern(self.read, chunk.len()), "at byte {}", self.read);
            self.read += chunk.len() as u64;
        }
    }

    /// Delivered to the application, in bits per second of `duration`.
    pub fn goodput(&mut self, duration: Duration) -> f64 {
        let before = self.read;
        self.run(duration);
        8.0 * (self.read - before) as f64 / duration.as_secs_f64()
    }

    pub fn assert_delivered(&self, bytes: u64) {
        assert_eq!(self.read, bytes, "{:?} {:?}", self.server.stats(), self.client.stats());
        assert!(self.client.is_closed() && self.server.is_closed(), "{:?}", self.server);
        assert_eq!(self.client.stats().receiver.bytes_delivered, bytes);
        assert_eq!(self.server.stats().sender.bytes_acknowledged, bytes);
    }
}
