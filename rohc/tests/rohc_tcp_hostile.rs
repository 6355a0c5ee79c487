//! Bytes that no compressor made: nothing panics, and nothing is delivered whose CRC is wrong.
//!
//! `ROHC_FUZZ_CASES` sets how many mutated packets are tried.

mod made;
mod random;

use made::{ipv4, ipv6};
use random::Random;
use rohc::cid::CidSpace;
use rohc::crc::{CRC3, CRC7, CRC8};
use rohc::feedback::split_element;
use rohc::rohc_tcp::{
    Compressor, CompressorConfig, Decompressed, Decompressor, DecompressorConfig, Format,
};

const DEFAULT_CASES: u64 = 200_000;

/// A packet of one of a few flows, of all kinds: IPv4 and IPv6, tunnels, extension headers, options.
fn packet(random: &mut Random, time: u32) -> Vec<u8> {
    let flow = random.below(8) as u8;
    let mut tcp = vec![0x9c, flow, 0x14, 0x51];
    tcp.extend((time * 100).to_be_bytes());
    tcp.extend((time * 2896).to_be_bytes());
    let mut options = Vec::new();
    if flow & 1 != 0 {
        options.extend([1, 1, 8, 10]);
        options.extend((time / 3).to_be_bytes());
        options.extend((time / 4).to_be_bytes());
    }
    match random.below(12) {
        0 => {
            options.extend([1, 1, 5, 10]);
            options.extend((time * 2896 + 5000).to_be_bytes());
            options.extend((time * 2896 + 9000).to_be_bytes());
        }
        1 => options.extend([2, 4, 5, random.octet(), 3, 3, 7, 0]),
        2 => options.extend([30, 4, 7, random.octet() & 1]),
        _ => {}
    }
    tcp.push((20 + options.len()) as u8 / 4 * 16);
    tcp.push(if random.below(30) == 0 { random.octet() } else { 0x10 });
    tcp.extend([0x10, random.octet() & 1, random.octet(), random.octet()]);
    tcp.extend([0, 0]);
    tcp.extend(options);
    tcp.extend(std::iter::repeat_n(7, if random.below(3) == 0 { 100 } else { 0 }));
    let ip_id = match flow & 2 {
        0 => time as u16,
        _ => random.below(65536) as u16,
    };
    match flow >> 1 {
        0 => ipv4(&tcp, 6, ip_id, flow),
        1 => ipv6(&tcp, 6, flow),
        2 => ipv4(&ipv4(&tcp, 6, ip_id, flow), 4, 0, flow),
        _ => {
            let mut extended = vec![6, 0, 1, 4, 0, 0, 0, random.octet() & 1];
            extended.extend(tcp);
            ipv6(&ipv6(&extended, 60, flow), 41, flow)
        }
    }
}

/// Changes some bits, cuts, appends, or makes the packet up altogether.
fn mutate(random: &mut Random, wire: &mut Vec<u8>) {
    match random.below(8) {
        0..4 => {
            for _ in 0..=random.below(3) {
                let at = random.below(wire.len().min(40));
                wire[at] ^= 1 << random.below(8);
            }
        }
        4 => wire.truncate(random.below(wire.len() + 1)),
        5 => {
            let at = random.below(wire.len());
            wire[at] = random.octet();
        }
        6 => {
            let at = random.below(wire.len() + 1);
            wire.insert(at, random.octet());
        }
        _ => {
            let length = random.below(60);
            *wire = (0..length).map(|_| random.octet()).collect();
            if let Some(first) = wire.first_mut().filter(|_| random.below(2) == 0) {
                *first = [0xfd, 0xfc, 0xf8, 0xfa, 0xfb][random.below(5)];
            }
        }
    }
}

/// Octets of the headers of a packet, up to the payload of TCP.
fn header_length(packet: &[u8]) -> usize {
    let (mut at, mut protocol) = (0, if packet[0] >> 4 == 4 { 4 } else { 41 });
    loop {
        let header = &packet[at..];
        let (next, length) = match protocol {
            4 => (header[9], 20),
            41 => (header[6], 40),
            0 | 43 | 60 => (header[0], usize::from(header[1]) * 8 + 8),
            51 => (header[0], (usize::from(header[1]) * 4 + 8).max(12)),
            55 => (header[0], if header[1] & 0x80 == 0 { 8 } else { 12 }),
            47 => {
                let flags = u32::from(header[0] & 0xb0);
                (if header[2] == 8 { 4 } else { 41 }, 4 + 4 * flags.count_ones() as usize)
            }
            6 => return at + usize::from(header[12] >> 4) * 4,
            other => panic!("a packet with protocol {other} was delivered"),
        };
        at += length;
        protocol = next;
    }
}

/// The CRC in a compressed header of this format, by its place in the standard. `header` has no CID.
fn carried_crc(format: Format, header: &[u8]) -> u8 {
    use Format::*;
    match format {
        CoCommon => header[4] & 0x7f,
        Rnd8 => header[1] >> 1,
        Seq8 => header[1] & 0x7f,
        Rnd5 => header[1] >> 5,
        Rnd6 => header[0] >> 1 & 7,
        Rnd2 | Rnd4 | Seq4 => header[1] & 7,
        Rnd3 | Seq2 => header[2] & 7,
        Rnd1 | Seq1 | Seq3 => header[3] & 7,
        Seq6 => header[4] & 7,
        Rnd7 | Seq5 | Seq7 => header[5] & 7,
        Ir | IrDyn | IrCr | UncompressedIr | UncompressedNormal => unreachable!("not compressed"),
    }
}

/// Fails if a delivered packet is not what its CRC says.
fn check(wire: &[u8], packet: &[u8], done: Decompressed, large: bool) {
    let mut wire = wire;
    while let [0xe0, rest @ ..] = wire {
        wire = rest;
    }
    while let Some(element) = split_element(wire).expect("checked before") {
        wire = element.rest;
    }
    let mut header = wire.to_vec();
    let cid_length = match large {
        true if wire[1] & 0x80 != 0 => 2,
        true => 1,
        false => usize::from(wire[0] & 0xf0 == 0xe0),
    };
    header.drain(if large { 1..1 + cid_length } else { 0..cid_length });
    match done.format {
        Format::UncompressedIr | Format::UncompressedNormal => {}
        Format::Ir | Format::IrDyn | Format::IrCr => {
            let payload = packet.len() - header_length(packet);
            let mut covered = wire[..wire.len() - payload].to_vec();
            covered[cid_length + 2] = 0;
            assert_eq!(CRC8.of(&covered), header[2], "{done:?} of {wire:02x?}");
        }
        format => {
            let crc = if format.crc_bits() == 3 { &CRC3 } else { &CRC7 };
            let found = crc.of(&packet[..header_length(packet)]);
            assert_eq!(found, carried_crc(format, &header), "{done:?} of {wire:02x?}");
        }
    }
}

#[test]
fn mutated_packets_neither_panic_nor_pass_with_a_wrong_crc() {
    let cases = std::env::var("ROHC_FUZZ_CASES")
        .ok()
        .map_or(DEFAULT_CASES, |cases| cases.parse().expect("ROHC_FUZZ_CASES is a number"));
    let (mut tried, mut delivered, mut epoch) = (0, 0, 0);
    let mut buffer = vec![0; 4096];
    let mut wire = vec![0; 4096];
    while tried < cases {
        epoch += 1;
        let random = &mut Random(epoch);
        let large = epoch % 2 == 0;
        let cids = if large { CidSpace::large(300) } else { CidSpace::small(15) };
        let mut compressor =
            Compressor::new(CompressorConfig { cids, ..CompressorConfig::default() });
        let mut decompressor = Decompressor::new(DecompressorConfig { cids, feedback: true });
        for time in 0..400 {
            let source = packet(random, time);
            let Ok(compressed) = compressor.compress(&source, &mut wire) else { continue };
            let good = &wire[..compressed.length];
            // The victim takes one hostile packet after the other until its contexts are given up.
            let mut victim = decompressor.clone();
            for _ in 0..8 {
                let mut bad = good.to_vec();
                mutate(random, &mut bad);
                tried += 1;
                if let Ok(Some(done)) = victim.decompress(&bad, &mut buffer) {
                    delivered += 1;
                    check(&bad, &buffer[..done.length], done, large);
                }
                if random.below(16) == 0 {
                    let _ = compressor.feedback(&bad);
                }
            }
            let _ = decompressor.decompress(good, &mut buffer);
        }
    }
    println!("{tried} mutated packets, {delivered} delivered, each with a right CRC");
}

#[test]
fn mutated_ip_packets_do_not_panic_the_compressor() {
    let random = &mut Random(5);
    let mut compressor = Compressor::new(CompressorConfig::default());
    let mut decompressor = Decompressor::new(DecompressorConfig::default());
    let mut wire = vec![0; 4096];
    let mut buffer = vec![0; 4096];
    for time in 0..50_000 {
        let mut source = packet(random, time);
        if random.below(2) == 0 {
            mutate(random, &mut source);
        }
        if let Ok(compressed) = compressor.compress(&source, &mut wire) {
            let done = decompressor
                .decompress(&wire[..compressed.length], &mut buffer)
                .unwrap_or_else(|error| panic!("packet {time}: {error}: {source:02x?}"))
                .expect("a packet");
            assert_eq!(buffer[..done.length], source[..], "packet {time}");
        }
    }
}

#[test]
fn a_short_buffer_is_an_error_and_harms_nothing() {
    let random = &mut Random(6);
    let mut compressor = Compressor::new(CompressorConfig::default());
    let mut decompressor = Decompressor::new(DecompressorConfig::default());
    let mut wire = vec![0; 4096];
    let mut buffer = vec![0; 4096];
    for time in 0..5_000 {
        let source = packet(random, time);
        let short = random.below(60);
        if compressor.compress(&source, &mut wire[..short]).is_ok() {
            let length = (0..short).rev().find(|at| wire[*at] != 0).map_or(0, |at| at + 1);
            assert!(length <= short);
        }
        let Ok(compressed) = compressor.compress(&source, &mut wire) else { continue };
        let wire = &wire[..compressed.length];
        assert!(decompressor.decompress(wire, &mut buffer[..source.len() - 1]).is_err());
    }
}
