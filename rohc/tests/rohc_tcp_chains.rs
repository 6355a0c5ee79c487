//! Chains of headers of every kind that the profile knows, with all of their fields changing, come
//! through a channel that loses packets.

mod made;
mod random;

use made::{checksum, ipv4, ipv6};
use proptest::prelude::*;
use random::Random;
use rohc::cid::CidSpace;
use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig};

/// A header between an IP header and the next one, or TCP.
#[derive(Debug, Clone)]
enum Extension {
    HopByHop(u8),
    Destination(u8),
    Routing(u8),
    Authentication { icv_words: u8 },
    Minimal { source: bool },
}

/// An IP header with what follows it up to the next.
#[derive(Debug, Clone)]
struct Layer {
    v6: bool,
    extensions: Vec<Extension>,
    /// Flags C, K and S of a GRE header to the next layer, if it has one.
    gre: Option<u8>,
}

fn layers() -> impl Strategy<Value = Vec<Layer>> {
    let extension = prop_oneof![
        (0u8..3).prop_map(Extension::HopByHop),
        (0u8..3).prop_map(Extension::Destination),
        (0u8..3).prop_map(Extension::Routing),
        (1u8..4).prop_map(|icv_words| Extension::Authentication { icv_words }),
        any::<bool>().prop_map(|source| Extension::Minimal { source }),
    ];
    let gre = prop::option::of((0u8..8).prop_map(|flags| (flags & 4) << 5 | (flags & 3) << 4));
    let layer = (any::<bool>(), prop::collection::vec(extension, 0..3), gre)
        .prop_map(|(v6, extensions, gre)| Layer { v6, extensions, gre });
    prop::collection::vec(layer, 1..4)
}

/// How much changes from packet to packet.
#[derive(Debug, Clone, Copy)]
struct Changes {
    tos: usize,
    ttl: usize,
    contents: usize,
    ip_id_step: u16,
}

fn changes() -> impl Strategy<Value = Changes> {
    (1usize..9, 1usize..9, 1usize..9, prop_oneof![Just(1u16), Just(256), Just(0), any::<u16>()])
        .prop_map(|(tos, ttl, contents, ip_id_step)| Changes { tos, ttl, contents, ip_id_step })
}

/// The packets of one flow.
struct Flow {
    layers: Vec<Layer>,
    changes: Changes,
    random: Random,
    number: u32,
    tos: u8,
    ttl: u8,
    content: u8,
    ip_id: u16,
}

impl Flow {
    fn next(&mut self) -> Vec<u8> {
        let rarely = |random: &mut Random, odds: usize| random.below(odds * 3) == 0;
        let random = &mut self.random;
        self.number += 1;
        self.ip_id = self.ip_id.wrapping_add(self.changes.ip_id_step);
        self.tos ^= if rarely(random, self.changes.tos) { 1 << random.below(8) } else { 0 };
        self.ttl ^= if rarely(random, self.changes.ttl) { 1 << random.below(8) } else { 0 };
        self.content ^= u8::from(rarely(random, self.changes.contents));
        let mut packet = self.tcp();
        let mut protocol = 6;
        for (depth, layer) in self.layers.clone().into_iter().enumerate() {
            if let Some(flags) = layer.gre.filter(|_| depth > 0) {
                packet = self.gre(flags, protocol, packet);
                protocol = 47;
            }
            for extension in &layer.extensions {
                (protocol, packet) = self.extension(extension, protocol, packet);
            }
            packet = if layer.v6 {
                let mut packet = ipv6(&packet, protocol, 3);
                packet[0] |= self.tos >> 4;
                packet[1] |= self.tos << 4;
                packet[7] = self.ttl;
                packet
            } else {
                let mut packet = ipv4(&packet, protocol, self.ip_id, 3);
                packet[1] = self.tos;
                packet[8] = self.ttl;
                packet[6] = self.content << 6;
                let sum = checksum(&packet[..20], 10);
                packet[10..12].copy_from_slice(&sum.to_be_bytes());
                packet
            };
            protocol = if layer.v6 { 41 } else { 4 };
        }
        packet
    }

    fn tcp(&mut self) -> Vec<u8> {
        let mut tcp = vec![0x9c, 0x40, 0x14, 0x51];
        tcp.extend((self.number * 60).to_be_bytes());
        tcp.extend((self.number * 2896).to_be_bytes());
        tcp.extend([
            0x50,
            0x10 | self.content << 3,
            0x10,
            self.content,
            self.random.octet(),
            9,
            0,
            0,
        ]);
        tcp.resize(tcp.len() + 60, 7);
        tcp
    }

    fn gre(&mut self, flags: u8, protocol: u8, payload: Vec<u8>) -> Vec<u8> {
        let mut gre = vec![flags, 0];
        gre.extend(if protocol == 4 { [0x08, 0x00] } else { [0x86, 0xdd] });
        if flags & 0x80 != 0 {
            gre.extend([self.random.octet(), 1, 0, 0]);
        }
        if flags & 0x20 != 0 {
            gre.extend([1, 2, 3, 4]);
        }
        if flags & 0x10 != 0 {
            gre.extend((self.number * 3).to_be_bytes());
        }
        gre.extend(payload);
        gre
    }

    fn extension(&mut self, extension: &Extension, next: u8, payload: Vec<u8>) -> (u8, Vec<u8>) {
        let options = |units: u8, content: u8| {
            let mut header = vec![next, units];
            header.resize(8 * (usize::from(units) + 1), content);
            header
        };
        let (protocol, mut header) = match *extension {
            Extension::HopByHop(units) => (0, options(units, self.content)),
            Extension::Destination(units) => (60, options(units, self.content)),
            Extension::Routing(units) => (43, options(units, 5)),
            Extension::Authentication { icv_words } => {
                let mut header = vec![next, icv_words + 1, 0, self.content, 1, 2, 3, 4];
                header.extend(self.number.to_be_bytes());
                header.resize(12 + 4 * usize::from(icv_words), self.random.octet());
                (51, header)
            }
            Extension::Minimal { source } => {
                let mut header = vec![next, u8::from(source) << 7, 0, 0, 10, 0, 0, 1];
                header.extend([10, 0, 0, 2].iter().filter(|_| source));
                let sum = checksum(&header, 2);
                header[2..4].copy_from_slice(&sum.to_be_bytes());
                (55, header)
            }
        };
        header.extend(payload);
        (protocol, header)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_chain_passes_a_channel_with_losses(
        layers in layers(),
        changes in changes(),
        seed: u64,
        large: bool,
    ) {
        let cids = if large { CidSpace::large(200) } else { CidSpace::small(3) };
        let mut compressor =
            Compressor::new(CompressorConfig { cids, ..CompressorConfig::default() });
        let mut decompressor = Decompressor::new(DecompressorConfig { cids, feedback: false });
        let (tos, ttl, content, ip_id) = (0, 64, 0, seed as u16);
        let mut flow = Flow { layers, changes, random: Random(seed), number: 0, tos, ttl, content, ip_id };
        let mut random = Random(seed ^ 1);
        let (mut wire, mut packet) = (vec![0; 2000], vec![0; 2000]);
        let mut burst = 0;
        for number in 0..60 {
            let source = flow.next();
            let compressed = compressor.compress(&source, &mut wire).unwrap();
            burst = if number > 0 && burst < 3 && random.below(3) == 0 { burst + 1 } else { 0 };
            if burst == 0 {
                let done = decompressor.decompress(&wire[..compressed.length], &mut packet);
                let done = done.map_err(|error| {
                    TestCaseError::fail(format!("packet {number}, {}: {error}", compressed.format))
                })?;
                prop_assert_eq!(&packet[..done.unwrap().length], &source[..], "packet {}, {}", number, compressed.format);
            }
        }
    }
}
