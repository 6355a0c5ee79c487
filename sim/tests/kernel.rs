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
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::ensure;
use bytes::Bytes;
use common::*;
use mac::Instant;
use namespace::*;
use nix::sys::socket::{setsockopt, sockopt::TcpCongestion};
use sim::{
    packet::{TcpOptions, TcpSegment},
    tcp::{Config, Connection, Transfer, pattern},
    wire::WireConfig,
};

/// How often a check may fail on a busy machine, which is one where a packet is so late.
const ATTEMPTS: u32 = 5;
const PUNCTUAL: Duration = Duration::from_millis(3);
/// Without a queue.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// 20 Mbit/s, 20 ms there and back: 33 packets fill the pipe.
fn link(queue_limit: usize) -> WireConfig {
    WireConfig { bits_per_second: 20_000_000, delay: ROUND_TRIP / 2, queue_limit }
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
    /// The most that the bottleneck was behind real time.
    lateness: Duration,
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

    /// The most segments that were unacknowledged at their sender between two times.
    fn flight(&self, sender: Sender, from: Instant, to: Instant) -> u32 {
        let ours: SocketAddr = OURS.parse().unwrap();
        let mut acknowledged = None;
        let mut most = 0;
        for (at, packet) in &self.packets {
            let (segment, payload) = TcpSegment::parse(packet).unwrap();
            let is_ours = segment.flow.source().ip() == ours.ip();
            if is_ours != (sender == Sender::Ours) {
                acknowledged = Some(segment.ack);
            } else if let Some(acknowledged) = acknowledged.filter(|_| (from..=to).contains(at)) {
                let end = segment.seq.wrapping_add(payload.len() as u32);
                most = most.max(end.wrapping_sub(acknowledged) / 1448);
            }
        }
        most
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
        let mut net = RealTime {
            ours: connection,
            to_kernel,
            from_kernel,
            watch,
            device,
            clock,
            lateness: Duration::ZERO,
        };
        net.run(Duration::from_secs(60))?;
        anyhow::ensure!(kernel.join().expect("no panic")? == bytes, "the kernel lost bytes");
        if sender == Sender::Kernel {
            assert_eq!(net.ours.stats().receiver.bytes_delivered, bytes);
        }
        let packets = packets.take();
        let seconds = packets.last().expect("packets").0.as_secs_f64();
        Ok(Run { seconds, lateness: net.lateness, packets })
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

/// Checks both directions, one test at a time. What fails although the bottleneck was in time has
/// failed; on a machine that is too busy for real time there is no saying.
fn in_real_time(
    run: impl Fn(Sender) -> anyhow::Result<Run>,
    check: impl Fn(Sender, &Run) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if let Some(reason) = unavailable() {
        eprintln!("skipped: {reason}");
        return Ok(());
    }
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for sender in [Sender::Kernel, Sender::Ours] {
        for attempt in 1..=ATTEMPTS {
            let run = run(sender)?;
            let Err(error) = check(sender, &run) else { break };
            eprintln!("{sender:?} sends, up to {:?} late: {error}", run.lateness);
            if run.lateness < PUNCTUAL {
                return Err(error);
            }
            if attempt == ATTEMPTS {
                eprintln!("skipped: the machine is too busy for real time");
            }
        }
    }
    Ok(())
}

/// The data packet with this number is lost.
fn lose_the_300th() -> Judge {
    Box::new(|number, _, _| if number == 300 { Fate::Drop } else { Fate::Pass })
}

#[test]
fn our_packets_look_like_the_kernels() -> anyhow::Result<()> {
    let one_loss = |sender| run(sender, 1_000_000, 1000, lose_the_300th);
    in_real_time(one_loss, |_, run| {
        // Every bit of the kernel's packets is one that we would set.
        for (_, packet) in &run.packets {
            let (segment, payload) = TcpSegment::parse(packet)?;
            ensure!(segment.emit(payload) == packet, "{segment:?}");
        }
        // SYN and SYN-ACK have the same options in the same places.
        let syn = |host| {
            let (_, syn, _) = run.segments(host).next().expect("a SYN");
            let TcpOptions { mss, sack_permitted, timestamps, window_scale, .. } = syn.options;
            let present = (timestamps.is_some(), window_scale.is_some());
            (mss, sack_permitted, present, syn.flags.ece, syn.ecn)
        };
        ensure!(syn(Sender::Kernel) == syn(Sender::Ours));
        // IP-IDs are zero in a SYN-ACK and count otherwise.
        for host in [Sender::Kernel, Sender::Ours] {
            let counted = run
                .segments(host)
                .filter(|(_, segment, _)| !(segment.flags.syn && segment.flags.ack));
            let ids: Vec<u16> = counted.map(|(_, segment, _)| segment.identification).collect();
            let ascend = ids.windows(2).all(|two| two[1] == two[0].wrapping_add(1));
            ensure!(ascend, "{host:?} {ids:?}");
        }
        Ok(())
    })
}

#[test]
fn one_loss_is_repaired_by_one_retransmission_and_costs_three_tenths() -> anyhow::Result<()> {
    let one_loss = |sender| run(sender, 1_500_000, 1000, lose_the_300th);
    in_real_time(one_loss, |sender, run| {
        ensure!(
            run.retransmissions(sender) == 1,
            "{} retransmissions",
            run.retransmissions(sender)
        );
        // The gap is told with one growing block, from the lost segment's end on.
        let acks: Vec<(Instant, TcpSegment)> =
            run.pure_acks(sender.other()).map(|(at, ack, _)| (at, ack)).collect();
        let telling: Vec<_> = acks.iter().filter(|(_, ack)| !ack.options.sack.is_empty()).collect();
        ensure!(telling.len() > 10, "{} ACKs with SACK", telling.len());
        let hole = telling[0].1.ack;
        for (_, ack) in &telling {
            let sack = &ack.options.sack;
            ensure!((ack.ack, sack.len()) == (hole, 1), "{ack:?}");
            ensure!(sack[0].0 == hole.wrapping_add(1448), "{ack:?}");
        }
        let (told, repaired) = (telling[0].0, telling[telling.len() - 1].0);
        let before = run.flight(sender, told - ROUND_TRIP, told);
        let after = run.flight(sender, repaired + ROUND_TRIP / 2, repaired + ROUND_TRIP * 3 / 2);
        println!(
            "{sender:?} sends: {} ACKs with SACK, flight {before}, then {after}",
            telling.len()
        );
        let ratio = f64::from(after) / f64::from(before);
        ensure!((0.6..0.8).contains(&ratio), "a flight of {before}, then {after}");
        Ok(())
    })
}

#[test]
fn both_acknowledge_every_second_segment() -> anyhow::Result<()> {
    let no_loss = |sender| run(sender, 4_000_000, 1000, pass);
    in_real_time(no_loss, |sender, run| {
        let acks: Vec<u32> = run.pure_acks(sender.other()).map(|(_, ack, _)| ack.ack).collect();
        let mut segments: Vec<u32> =
            acks.windows(2).map(|two| two[1].wrapping_sub(two[0]) / 1448).collect();
        segments.sort_unstable();
        let ones = segments.iter().filter(|&&segments| segments == 1).count();
        println!("{sender:?} sends: {} ACKs, {ones} of them for one segment", acks.len());
        // The kernel acknowledges single segments as well, while its receive buffer grows.
        let quantile = segments[segments.len() * 9 / 10];
        ensure!(quantile == 2, "{quantile} segments per ACK");
        Ok(())
    })
}

#[test]
fn both_are_as_fast_as_in_virtual_time() -> anyhow::Result<()> {
    const BYTES: u64 = 12_000_000;
    for queue_limit in [20, 60] {
        let expected = virtual_seconds(BYTES, queue_limit);
        let bottleneck = |sender| run(sender, BYTES, queue_limit, pass);
        in_real_time(bottleneck, |sender, run| {
            println!(
                "queue {queue_limit}, {sender:?} sends: {:.2} Mbit/s, in virtual time {:.2}; {} retransmissions",
                8e-6 * BYTES as f64 / run.seconds,
                8e-6 * BYTES as f64 / expected,
                run.retransmissions(sender),
            );
            let ratio = expected / run.seconds;
            ensure!((0.92..1.08).contains(&ratio), "{ratio} of the speed in virtual time");
            Ok(())
        })?;
    }
    Ok(())
}
