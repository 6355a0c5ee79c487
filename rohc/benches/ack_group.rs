//! The ACK group: ACKs a second through either end, in groups of 21 and single.
//!
//! `cargo bench -p rohc --bench ack_group`. The time for an ACK is 1000 / (Mitem/s) ns.

#[path = "../tests/common/stream.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod stream;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rohc::ack_group::{Compressor, Decompressor, Verdict};
use stream::{Dice, Flow, busy};

/// ACKs in a run.
const ACKS: usize = 4200;

fn main() {
    divan::main();
}

/// A stream, and its first ACKs, one a flow, which go natively.
fn stream(kind: &str) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let count = if kind == "ten busy flows" { 10 } else { 1 };
    let mut flows: Vec<Flow> = (0..count).map(|flow| Flow::new(40_000 + flow)).collect();
    flows[0].has_timestamps = kind != "steady without timestamps";
    let first = flows.iter_mut().map(Flow::packet).collect();
    let packets = if kind.ends_with("flows") || kind.starts_with("busy") {
        busy(&mut flows, ACKS, &mut Dice::new(1))
    } else {
        steady(&mut flows[0])
    };
    (first, packets)
}

/// Two segments at a time, a tick each fourth ACK.
fn steady(flow: &mut Flow) -> Vec<Vec<u8>> {
    (0..ACKS)
        .map(|at| {
            flow.ack = flow.ack.wrapping_add(2 * flow.mss());
            flow.tsval += u32::from(at % 4 == 0);
            flow.tsecr += u32::from(at % 23 == 0);
            flow.packet()
        })
        .collect()
}

const KINDS: [&str; 4] = ["steady", "steady without timestamps", "busy flow", "ten busy flows"];

fn compressor(first: &[Vec<u8>]) -> Compressor {
    let mut compressor = Compressor::new();
    for packet in first {
        assert!(matches!(compressor.compress(packet), Verdict::Native(_)));
        compressor.native_done(packet, true);
    }
    compressor
}

/// Compresses a stream, `group` ACKs a frame.
fn compress(
    compressor: &mut Compressor,
    packets: &[Vec<u8>],
    group: usize,
    mut take: impl FnMut(&[u8]),
) {
    for packets in packets.chunks(group) {
        for packet in packets {
            assert_eq!(compressor.compress(packet), Verdict::Ride);
        }
        let (frame, id) = compressor.frame(255).expect("there are ACKs");
        take(frame);
        compressor.confirm(id);
    }
}

#[divan::bench(args = KINDS, consts = [1, 21])]
fn compress_acks<const GROUP: usize>(bencher: Bencher, kind: &str) {
    let (first, packets) = stream(kind);
    bencher
        .counter(ItemsCount::new(packets.len()))
        .with_inputs(|| compressor(&first))
        .bench_local_refs(|compressor| {
            compress(compressor, &packets, GROUP, |frame| {
                black_box(frame);
            });
        });
}

#[divan::bench(args = KINDS, consts = [1, 21])]
fn decompress_acks<const GROUP: usize>(bencher: Bencher, kind: &str) {
    let (first, packets) = stream(kind);
    let mut frames = vec![];
    compress(&mut compressor(&first), &packets, GROUP, |frame| frames.push(frame.to_vec()));
    bencher
        .counter(ItemsCount::new(packets.len()))
        .with_inputs(|| {
            let mut decompressor = Decompressor::new();
            first.iter().for_each(|packet| {
                decompressor.native_seen(packet);
            });
            decompressor
        })
        .bench_local_refs(|decompressor| {
            for frame in &frames {
                let rides = decompressor.frame_received(frame).expect("nothing was lost");
                rides.for_each(|packet| {
                    black_box(packet);
                });
            }
        });
}
