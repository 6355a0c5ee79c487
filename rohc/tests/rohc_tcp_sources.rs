//! What we compress decompresses to its source, and is as short as what the reference library makes.

mod captures;
mod random;

use std::collections::BTreeMap;
use std::path::Path;

use random::Random;
use rohc::Native;
use rohc::cid::CidSpace;
use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig, Format};

/// Packets at the start of a trace that do not count for its size.
const WARM_UP: usize = 200;
/// The reference library's octets per ACK after the first 200: U-mode, four repetitions, no refreshes.
const REFERENCE: [(&str, f64); 10] = [
    ("dl1_nots", 4.15),
    ("dl1_ts", 10.97),
    ("dl1_ts_v6", 10.66),
    ("dl1_ts_loss", 15.71),
    ("dl10_ts", 15.19),
    ("dl1_ts_gro", 6.46),
    ("ampdu1_nots", 10.18),
    ("ampdu1_ts", 13.19),
    ("ampdu10_ts", 14.80),
    ("ampdu10_ts_loss", 16.66),
];

/// Which packets the channel loses.
#[derive(Debug)]
enum Losses {
    None,
    /// A third, but never more than three in a row, nor the first of a context.
    ThreeInARow(Random),
}

#[derive(Debug, Default)]
struct Tally {
    packets: usize,
    octets_when_warm: usize,
    packets_when_warm: usize,
    formats: BTreeMap<Format, usize>,
    natives: BTreeMap<String, usize>,
}

fn pass_all(
    name: &str,
    cids: CidSpace,
    sources: &[Vec<u8>],
    mut losses: Losses,
    tally: &mut Tally,
) {
    let config = CompressorConfig { cids, repetitions: 4, ir_refresh: None, ir_dyn_refresh: None };
    let mut compressor = Compressor::new(config);
    let mut decompressor = Decompressor::new(DecompressorConfig { cids, feedback: false });
    let mut wire = vec![0; 65536];
    let mut packet = vec![0; 65536];
    let mut in_a_row = vec![0; cids.contexts()];
    for (number, source) in sources.iter().enumerate() {
        tally.packets += 1;
        match compressor.compress(source, &mut wire) {
            Ok(compressed) => {
                let wire = &wire[..compressed.length];
                if let Losses::ThreeInARow(random) = &mut losses {
                    let lost = &mut in_a_row[usize::from(compressed.cid)];
                    if compressed.format != Format::Ir && *lost < 3 && random.octet() < 85 {
                        *lost += 1;
                        continue;
                    }
                    *lost = 0;
                }
                let done = decompressor
                    .decompress(wire, &mut packet)
                    .unwrap_or_else(|error| panic!("{name} packet {number}: {error}"))
                    .expect("a packet");
                assert_eq!(packet[..done.length], source[..], "{name} packet {number}");
                assert_eq!((done.cid, done.format), (compressed.cid, compressed.format));
                *tally.formats.entry(done.format).or_default() += 1;
                if number >= WARM_UP {
                    tally.octets_when_warm += wire.len();
                    tally.packets_when_warm += 1;
                }
            }
            Err(reason) => {
                assert_ne!(reason, Native::Room);
                *tally.natives.entry(reason.to_string()).or_default() += 1;
            }
        }
    }
}

#[test]
fn every_source_of_the_vectors_passes_in_every_setting() {
    let Some(folder) = captures::vectors("sources of the vectors") else { return };
    let mut tally = Tally::default();
    for source in captures::files_named(&folder.join("rfc6846"), |name| name == "source.pcap") {
        let sources = captures::ip_packets(&source);
        let short = source.strip_prefix(&folder).unwrap_or(Path::new("?")).display().to_string();
        for cids in
            [CidSpace::small(15), CidSpace::small(0), CidSpace::large(15), CidSpace::large(16383)]
        {
            pass_all(&short, cids, &sources, Losses::None, &mut tally);
            let losses = Losses::ThreeInARow(Random(7));
            pass_all(&short, cids, &sources, losses, &mut Tally::default());
        }
    }
    println!("{tally:#?}");
    assert!(tally.formats.len() > 15, "hardly a format was used");
}

#[test]
fn every_ack_trace_passes_and_is_no_longer_than_the_reference_librarys() {
    let Some(folder) = captures::vectors("ACK traces") else { return };
    let mut too_long = Vec::new();
    for trace in captures::files_named(&folder.join("ack-traces"), |name| name.ends_with(".pcap")) {
        let name = trace.file_name().expect("a file").to_string_lossy().replace(".acks.pcap", "");
        let mut tally = Tally::default();
        let (cids, packets) = (CidSpace::small(15), captures::ip_packets(&trace));
        pass_all(&name, cids, &packets, Losses::None, &mut tally);
        for seed in 0..3 {
            let losses = Losses::ThreeInARow(Random(seed));
            pass_all(&name, cids, &packets, losses, &mut Tally::default());
        }
        let size = tally.octets_when_warm as f64 / tally.packets_when_warm as f64;
        let reference = REFERENCE.iter().find(|(trace, _)| *trace == name).map(|(_, size)| *size);
        println!(
            "{name}: {size:.2} octets per ACK (reference library {reference:?}), {:?}",
            tally.formats
        );
        assert!(tally.natives.is_empty(), "{name}: {:?}", tally.natives);
        if reference.is_some_and(|reference| size > reference * 1.03) {
            too_long.push(name);
        }
    }
    assert!(too_long.is_empty(), "{too_long:?}");
}
