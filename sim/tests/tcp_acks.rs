//! What the receiving side says, and when.

mod common;

use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use common::*;
use mac::Instant;
use sim::{
    packet::TcpSegment,
    tcp::{Config, Connection, Transfer},
};

/// Both ends after the handshake, without a network between them.
fn open(server: Config, client: Config) -> (Connection, Connection) {
    let now = Instant::ZERO;
    let mut server = Connection::listen(server, server_address());
    let mut client = Connection::connect(client, client_address(), server_address(), now);
    let syn = client.poll_transmit(now).expect("a SYN");
    server.handle_packet(now, &syn).unwrap();
    let syn_ack = server.poll_transmit(now).expect("a SYN-ACK");
    client.handle_packet(now, &syn_ack).unwrap();
    let ack = client.poll_transmit(now).expect("an ACK");
    server.handle_packet(now, &ack).unwrap();
    assert!(server.is_open() && client.is_open());
    (server, client)
}

fn sent(connection: &mut Connection, now: Instant) -> Vec<Bytes> {
    std::iter::from_fn(|| connection.poll_transmit(now)).collect()
}

fn acks(packets: &[Bytes]) -> Vec<TcpSegment> {
    packets.iter().map(|packet| TcpSegment::parse(packet).unwrap().0).collect()
}

fn unlimited() -> Config {
    Config { transfer: Transfer::Unlimited, ..config() }
}

/// The first flight of ten segments, and the client that is to receive it.
fn flight(client: Config) -> (Vec<Bytes>, Connection, u32) {
    let (mut server, client) = open(unlimited(), client);
    let flight = sent(&mut server, Instant::ZERO);
    assert_eq!(flight.len(), 10);
    let first = TcpSegment::parse(&flight[0]).unwrap().0.seq;
    (flight, client, first)
}

#[test]
fn every_second_segment_gets_an_ack() {
    let (flight, mut client, first) = flight(config());
    for packet in &flight[..5] {
        client.handle_packet(Instant::ZERO, packet).unwrap();
    }
    let acks = acks(&sent(&mut client, Instant::ZERO));
    let numbers: Vec<u32> = acks.iter().map(|ack| (ack.ack - first) / MSS as u32).collect();
    assert_eq!(numbers, [2, 4]);
    // The fifth waits for the timer.
    let deadline = client.next_timeout().expect("a delayed ACK");
    assert_eq!(deadline, Instant::ZERO + config().ack_delay);
    client.handle_timeout(deadline);
    assert_eq!(client.poll_transmit(deadline).map(|ack| acks_number(&ack, first)), Some(5));
    assert_eq!(client.next_timeout(), None);
}

fn acks_number(packet: &Bytes, first: u32) -> u32 {
    (TcpSegment::parse(packet).unwrap().0.ack - first) / MSS as u32
}

#[test]
fn with_receive_offload_a_burst_gets_one_ack() {
    let (flight, mut client, first) = flight(Config { receive_offload: true, ..config() });
    for packet in &flight {
        client.handle_packet(Instant::ZERO, packet).unwrap();
    }
    let acks = sent(&mut client, Instant::ZERO);
    assert_eq!(acks.iter().map(|ack| acks_number(ack, first)).collect::<Vec<_>>(), [10]);
}

#[test]
fn with_receive_offload_single_segments_get_an_ack_for_every_second() {
    let (flight, mut client, first) = flight(Config { receive_offload: true, ..config() });
    let mut numbers = vec![];
    for packet in &flight[..4] {
        client.handle_packet(Instant::ZERO, packet).unwrap();
        numbers.extend(sent(&mut client, Instant::ZERO).iter().map(|ack| acks_number(ack, first)));
    }
    assert_eq!(numbers, [2, 4]);
}

/// 44 segments are the most that fit into 64 KB.
#[test]
fn a_burst_is_64_kilobytes_at_most() {
    let server = Config { initial_window: 100, ..unlimited() };
    let (mut server, mut client) = open(server, Config { receive_offload: true, ..config() });
    let flight = sent(&mut server, Instant::ZERO);
    let first = TcpSegment::parse(&flight[0]).unwrap().0.seq;
    for packet in &flight {
        client.handle_packet(Instant::ZERO, packet).unwrap();
    }
    let acks = sent(&mut client, Instant::ZERO);
    assert_eq!(acks.iter().map(|ack| acks_number(ack, first)).collect::<Vec<_>>(), [44, 88, 100]);
}

#[test]
fn a_gap_is_told_at_once_and_block_by_block() {
    for receive_offload in [false, true] {
        let (flight, mut client, first) = flight(Config { receive_offload, ..config() });
        let mut told = vec![];
        // 0 and 1 in order, 3, 5 and 6 beyond gaps, 3 once more, then 2 and 4.
        for at in [0, 1, 3, 5, 6, 3, 2, 4] {
            client.handle_packet(Instant::ZERO, &flight[at]).unwrap();
            for ack in acks(&sent(&mut client, Instant::ZERO)) {
                let segments = |seq: u32| (seq - first) / MSS as u32;
                let sack =
                    ack.options.sack.iter().map(|&(start, end)| (segments(start), segments(end)));
                told.push((segments(ack.ack), sack.collect::<Vec<_>>()));
            }
        }
        assert_eq!(
            told,
            [
                (2, vec![]),
                (2, vec![(3, 4)]),
                (2, vec![(5, 6), (3, 4)]),
                (2, vec![(5, 7), (3, 4)]),
                // RFC 2883: the duplicate first, then the block that holds it.
                (2, vec![(3, 4), (3, 4), (5, 7)]),
                (4, vec![(5, 7)]),
                (7, vec![]),
            ]
        );
    }
}

#[test]
fn the_handshake_agrees_on_what_both_can_do() {
    for (server_can, client_can) in [(true, true), (true, false), (false, true), (false, false)] {
        let with = |can| Config {
            sack: can,
            timestamps: can,
            window_scaling: can,
            ecn: can,
            ..unlimited()
        };
        let (mut server, _) = open(with(server_can), with(client_can));
        let both = server_can && client_can;
        let (segment, payload) = {
            let packet = server.poll_transmit(Instant::ZERO).unwrap();
            let (segment, payload) = TcpSegment::parse(&packet).unwrap();
            (segment, payload.len())
        };
        assert_eq!(segment.options.timestamps.is_some(), both);
        assert_eq!(payload, if both { 1448 } else { 1460 });
        assert_eq!(segment.ecn == sim::packet::Ecn::Ect0, both);
        let window = u32::from(segment.window) << if both { 7 } else { 0 };
        assert_eq!(window, if both { 4 << 20 } else { 65_535 });
    }
}

/// RFC 7323 section 5: a segment from before the sequence numbers wrapped has an old timestamp.
#[test]
fn a_segment_with_an_old_timestamp_is_refused() {
    let with = |transfer| Config { timestamps: true, transfer, ..config() };
    let (mut server, mut client) = open(with(Transfer::Unlimited), with(Transfer::Nothing));
    let later = Instant::ZERO + secs(1.0);
    let flight = sent(&mut server, later);
    client.handle_packet(later, &flight[0]).unwrap();
    let (mut old, payload) = TcpSegment::parse(&flight[1]).unwrap();
    let timestamps = old.options.timestamps.as_mut().unwrap();
    timestamps.value = timestamps.value.wrapping_sub(500);
    client.handle_packet(later, &old.emit(payload)).unwrap();
    assert_eq!(client.stats().receiver.bytes_delivered, 1448);
    client.handle_packet(later, &flight[1]).unwrap();
    assert_eq!(client.stats().receiver.bytes_delivered, 2 * 1448);
}

#[test]
fn a_closed_window_is_probed_until_it_opens() {
    let config = Config { receive_buffer: 20_000, ..config() };
    let mut net = Dumbbell::new(config, Transfer::Bytes(50_000), bottleneck(100));
    // The window update is lost, and so are the first two answers to probes.
    let closed = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&closed);
    net.up.judge = Box::new(move |_, segment, _| {
        let mut seen = seen.borrow_mut();
        if segment.window == 0 && !segment.flags.syn {
            *seen += 1;
        }
        if *seen > 0 && segment.window > 0 && *seen < 3 {
            *seen += 1;
            return Fate::Drop;
        }
        Fate::Pass
    });
    net.stalled = true;
    net.run(secs(2.0));
    assert_eq!(net.read, 0);
    net.stalled = false;
    net.run(secs(60.0));
    net.assert_delivered(50_000);
    assert!(*closed.borrow() > 0, "the window was never closed");
}

#[test]
fn a_refused_connection_is_reset() {
    let now = Instant::ZERO;
    let mut client = Connection::connect(config(), client_address(), server_address(), now);
    let syn = client.poll_transmit(now).unwrap();
    let (mut reset, _) = TcpSegment::parse(&syn).unwrap();
    (reset.ack, reset.seq) = (reset.seq.wrapping_add(1), 0);
    reset.flow = reset.flow.reverse();
    reset.options = Default::default();
    reset.flags = sim::packet::Flags { rst: true, ack: true, ..Default::default() };
    client.handle_packet(now, &reset.emit(&[])).unwrap();
    assert!(client.is_reset());
    assert_eq!((client.next_timeout(), client.poll_transmit(now)), (None, None));
}
