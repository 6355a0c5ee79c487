//! Our TCP and the kernel's, over the same bottleneck: what each says, and how fast it is.
//!
//! Needs root and `/dev/net/tun`, and says so where it skips. The kernel has its TCP in a network
//! namespace of its own; the bottleneck is ours, in real time.

mod common;
#[path = "common/namespace.rs"]
mod namespace;

use std::{
    cell::RefCell,
    ffi::OsString,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    rc::Rc,
    thread,
    time::Duration,
};

use bytes::Bytes;
use common::*;
use mac::Instant;
use namespace::*;
use nix::sys::socket::{setsockopt, sockopt::TcpCongestion};
use sim::{
    packet::TcpSegment,
    tcp::{Config, Connection, Stats, Transfer, pattern},
    wire::WireConfig,
};

/// 20 Mbit/s, 20 ms there and back: 33 packets fill the pipe.
fn link(queue_limit: usize) -> WireConfig {
    WireConfig { bits_per_second: 20_000_000, delay: Duration::from_millis(10), queue_limit }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Kernel,
    Ours,
}

impl Sender {
    fn other(self) -> Sender {
        match self {
            Sender::Kernel => Sender::Ours,
            Sender::Ours => Sender::Kernel,
        }
    }
}

/// What was seen of a transfer.
#[derive(Debug)]
struct Run {
    seconds: f64,
    /// Of our endpoint.
    stats: Stats,
    /// All packets, as they left their host.
    packets: Vec<(Instant, Bytes)>,
}

impl Run {
    /// Segments with payload, from one host or the other.
    fn segments(&self, sender: Sender) -> impl Iterator<Item = (Instant, TcpSegment, usize)> {
        let ours: SocketAddr = OURS.parse().unwrap();
        self.packets.iter().filter_map(move |(at, packet)| {
            let (segment, payload) = TcpSegment::parse(packet).unwrap();
            let is_ours = segment.flow.source().ip() == ours.ip();
            (is_ours == (sender == Sender::Ours)).then_some((*at, segment, payload.len()))
        })
    }

    fn data(&self, sender: Sender) -> impl Iterator<Item = (Instant, TcpSegment, usize)> {
        self.segments(sender).filter(|(_, _, len)| *len > 0)
    }

    fn pure_acks(&self, sender: Sender) -> impl Iterator<Item = (Instant, TcpSegment, usize)> {
        self.segments(sender).filter(|(_, segment, len)| *len == 0 && !segment.flags.syn)
    }

    fn retransmissions(&self, sender: Sender) -> usize {
        let mut highest = None;
        self.data(sender)
            .filter(|(_, segment, _)| {
                let again = highest.is_some_and(|highest: u32| {
                    segment.seq.wrapping_sub(highest).cast_signed() <= 0
                });
                if !again {
                    highest = Some(segment.seq);
                }
                again
            })
            .count()
    }
}

/// Sends `bytes` through a bottleneck and `judge`, which sees the data's direction.
fn run(
    sender: Sender,
    bytes: u64,
    queue_limit: usize,
    judge: fn() -> Judge,
) -> anyhow::Result<Run> {
    in_namespace(move |device| {
        let (ours, kernels): (SocketAddr, SocketAddr) = (OURS.parse()?, KERNELS.parse()?);
        let clock = std::time::Instant::now();
        let (connection, kernel) = match sender {
            Sender::Ours => {
                let listener = TcpListener::bind(kernels)?;
                let config = Config { transfer: Transfer::Bytes(bytes), ..Config::default() };
                let connection = Connection::connect(config, ours, kernels, Instant::ZERO);
                (connection, thread::spawn(move || receive(&listener.accept()?.0)))
            }
            Sender::Kernel => {
                let connection = Connection::listen(Config::default(), ours);
                (connection, thread::spawn(move || send(&TcpStream::connect(ours)?, bytes)))
            }
        };
        let ack_path = Path::new(link(100_000), pass());
        let data_path = Path::new(link(queue_limit), judge());
        let (to_kernel, from_kernel) = match sender {
            Sender::Ours => (data_path, ack_path),
            Sender::Kernel => (ack_path, data_path),
        };
        let packets = Rc::new(RefCell::new(vec![]));
        let seen = Rc::clone(&packets);
        let watch =
            Box::new(move |at, packet: &Bytes| seen.borrow_mut().push((at, packet.clone())));
        let mut net = RealTime { ours: connection, to_kernel, from_kernel, watch, device, clock };
        net.run(Duration::from_secs(60))?;
        anyhow::ensure!(kernel.join().expect("no panic")? == bytes, "the kernel lost bytes");
        let stats = net.ours.stats();
        if sender == Sender::Kernel {
            assert_eq!(stats.receiver.bytes_delivered, bytes);
        }
        let packets = packets.take();
        let seconds = packets.last().expect("packets").0.as_secs_f64();
        Ok(Run { seconds, stats, packets })
    })
}

/// The kernel's application that sends, with CUBIC whatever the machine's default is.
fn send(mut stream: &TcpStream, bytes: u64) -> std::io::Result<u64> {
    setsockopt(stream, TcpCongestion, &OsString::from("cubic"))?;
    let mut sent = 0;
    while sent < bytes {
        let len = (bytes - sent).min(50_000) as usize;
        stream.write_all(pattern(sent, len))?;
        sent += len as u64;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    // Until the other side has closed as well.
    stream.read_to_end(&mut vec![])?;
    Ok(sent)
}

/// The kernel's application that receives, and compares every byte.
fn receive(mut stream: &TcpStream) -> std::io::Result<u64> {
    let mut buffer = [0; 50_000];
    let mut received = 0;
    loop {
        let len = stream.read(&mut buffer)?;
        if len == 0 {
            return Ok(received);
        }
        assert_eq!(buffer[..len], *pattern(received, len));
        received += len as u64;
    }
}

/// The same transfer, our endpoint at both ends, in virtual time.
fn virtual_seconds(bytes: u64, queue_limit: usize) -> f64 {
    let config = Config { trace: true, ..Config::default() };
    let mut net = Dumbbell::new(config, Transfer::Bytes(bytes), link(queue_limit));
    net.run(secs(60.0));
    net.assert_delivered(bytes);
    net.now.as_secs_f64()
}

fn skip() -> bool {
    let reason = unavailable();
    if let Some(reason) = reason {
        eprintln!("skipped: {reason}");
    }
    reason.is_some()
}

/// The data packet with this number is lost.
fn lose_the_300th() -> Judge {
    Box::new(|number, _, _| if number == 300 { Fate::Drop } else { Fate::Pass })
}

#[test]
fn our_packets_look_like_the_kernels() -> anyhow::Result<()> {
    if skip() {
        return Ok(());
    }
    for sender in [Sender::Kernel, Sender::Ours] {
        let run = run(sender, 1_000_000, 1000, lose_the_300th)?;
        // Every bit of the kernel's packets is one that we would set.
        for (_, packet) in &run.packets {
            let (segment, payload) = TcpSegment::parse(packet)?;
            assert_eq!(segment.emit(payload), packet, "{segment:?}");
        }
        // SYN and SYN-ACK have the same options in the same places.
        let options = |sender| {
            let (_, mut syn, _) = run.segments(sender).next().expect("a SYN");
            syn.options.timestamps =
                syn.options.timestamps.map(|_| sim::packet::Timestamps { value: 0, echo_reply: 0 });
            syn.options.window_scale = syn.options.window_scale.map(|_| 0);
            (syn.options, syn.flags.ece, syn.ecn)
        };
        assert_eq!(options(Sender::Kernel), options(Sender::Ours));
        // IP-IDs are zero in a SYN-ACK and count otherwise.
        for host in [Sender::Kernel, Sender::Ours] {
            let ids: Vec<u16> = run
                .segments(host)
                .filter(|(_, segment, _)| !(segment.flags.syn && segment.flags.ack))
                .map(|(_, segment, _)| segment.identification)
                .collect();
            assert!(ids.windows(2).all(|two| two[1] == two[0].wrapping_add(1)), "{host:?} {ids:?}");
        }
    }
    Ok(())
}

#[test]
fn one_loss_is_repaired_by_one_retransmission_from_either() -> anyhow::Result<()> {
    if skip() {
        return Ok(());
    }
    for sender in [Sender::Kernel, Sender::Ours] {
        let run = run(sender, 1_500_000, 1000, lose_the_300th)?;
        assert_eq!(run.retransmissions(sender), 1, "{sender:?}");
        // The gap is told with one growing block, from the lost segment's end on.
        let blocks: Vec<_> = run
            .pure_acks(sender.other())
            .filter(|(_, ack, _)| !ack.options.sack.is_empty())
            .map(|(_, ack, _)| (ack.ack, ack.options.sack))
            .collect();
        assert!(blocks.len() > 10, "{sender:?} {}", blocks.len());
        let (hole, first) = &blocks[0];
        for (ack, sack) in &blocks {
            assert_eq!((ack, sack.len(), sack[0].0), (hole, 1, first[0].0));
        }
        assert_eq!(first[0].0.wrapping_sub(*hole), 1448);
        println!("{sender:?} sends, one loss: {} ACKs with SACK", blocks.len());
    }
    Ok(())
}

#[test]
fn both_acknowledge_every_second_segment() -> anyhow::Result<()> {
    if skip() {
        return Ok(());
    }
    for sender in [Sender::Kernel, Sender::Ours] {
        let run = run(sender, 4_000_000, 1000, pass)?;
        let acks: Vec<u32> = run.pure_acks(sender.other()).map(|(_, ack, _)| ack.ack).collect();
        let mut segments: Vec<u32> =
            acks.windows(2).map(|two| two[1].wrapping_sub(two[0]) / 1448).collect();
        segments.sort_unstable();
        let ones = segments.iter().filter(|&&segments| segments == 1).count();
        println!("{sender:?} sends: {} ACKs, {ones} of them for one segment", acks.len());
        // The kernel acknowledges single segments as well, while its receive buffer grows.
        assert_eq!(segments[segments.len() * 3 / 4], 2, "{sender:?}");
        assert!(sender == Sender::Ours || ones < acks.len() / 20, "{sender:?}: {ones}");
    }
    Ok(())
}

#[test]
fn both_are_as_fast_as_in_virtual_time() -> anyhow::Result<()> {
    if skip() {
        return Ok(());
    }
    const BYTES: u64 = 12_000_000;
    for queue_limit in [20, 60] {
        let expected = virtual_seconds(BYTES, queue_limit);
        for sender in [Sender::Kernel, Sender::Ours] {
            let run = run(sender, BYTES, queue_limit, pass)?;
            let ratio = expected / run.seconds;
            println!(
                "queue {queue_limit}, {sender:?} sends: {:.2} Mbit/s, in virtual time {:.2}, {} retransmissions, {:?} timeouts",
                8e-6 * BYTES as f64 / run.seconds,
                8e-6 * BYTES as f64 / expected,
                run.retransmissions(sender),
                run.stats.sender.timeouts,
            );
            assert!((0.9..1.1).contains(&ratio), "{sender:?}, queue {queue_limit}: {ratio}");
        }
    }
    Ok(())
}
