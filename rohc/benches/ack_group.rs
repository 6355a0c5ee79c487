//! The ACK group: ACKs a second through either end, on streams that are made here, and on the ACK
//! traces of the shared folder if it is there. Frames have one ACK or 21; of the `ampdu` traces
//! those of one capture time instead of 21.
//!
//! `cargo bench -p rohc --bench ack_group`. The time for an ACK is 1000 / (Mitem/s) ns.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/stream.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod stream;

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use common::{read, traces};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rohc::ack_group::{Compressor, Decompressor, Verdict};
use stream::{Dice, Flow, busy};

/// ACKs in a run at most.
const ACKS: usize = 8400;
/// ACKs in a frame, where the capture does not tell.
const GROUP: usize = 21;
/// Bytes of a frame at most.
const BUDGET: usize = 1000;

fn main() {
    divan::main();
}

/// ACKs, one vector a frame, and where they are from.
struct Acks {
    name: String,
    groups: Vec<Vec<Vec<u8>>>,
}

impl Display for Acks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn all_acks() -> Vec<Acks> {
    const MADE: [&str; 4] = ["steady", "steady without timestamps", "busy flow", "ten busy flows"];
    const TRACES: [&str; 10] = [
        "dl1_nots",
        "dl1_ts",
        "dl1_ts_v6",
        "dl1_ts_loss",
        "dl10_ts",
        "dl1_ts_gro",
        "ampdu1_nots",
        "ampdu1_ts",
        "ampdu10_ts",
        "ampdu10_ts_loss",
    ];
    let mut all = Vec::from(MADE.map(made));
    if let Some(folder) = traces() {
        all.extend(TRACES.map(|name| trace(&folder, name)));
    }
    all
}

/// A stream of ACKs, each flow's first one in front.
fn made(kind: &str) -> Acks {
    let count = if kind == "ten busy flows" { 10 } else { 1 };
    let mut flows: Vec<Flow> = (0..count).map(|flow| Flow::new(40_000 + flow)).collect();
    flows[0].has_timestamps = kind != "steady without timestamps";
    let mut packets: Vec<_> = flows.iter_mut().map(Flow::packet).collect();
    if kind.starts_with("steady") {
        packets.extend(steady(&mut flows[0]));
    } else {
        packets.extend(busy(&mut flows, ACKS, &mut Dice::new(1)));
    }
    let groups = packets.chunks(GROUP).map(<[_]>::to_vec).collect();
    Acks { name: kind.to_owned(), groups }
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

/// A trace's first ACKs.
fn trace(folder: &Path, name: &str) -> Acks {
    let mut packets = read(folder, name);
    packets.truncate(ACKS);
    let by_time = name.starts_with("ampdu");
    let groups = if by_time {
        packets.chunk_by(|packet, next| packet.0 == next.0).collect()
    } else {
        packets.chunks(GROUP).collect::<Vec<_>>()
    };
    let bytes = |group: &[common::Timed]| group.iter().map(|packet| packet.1.clone()).collect();
    Acks { name: name.to_owned(), groups: groups.into_iter().map(bytes).collect() }
}

impl Acks {
    fn count(&self) -> ItemsCount {
        ItemsCount::new(self.groups.iter().map(Vec::len).sum::<usize>())
    }

    /// The same, one ACK a frame.
    fn single(self) -> Self {
        Self { groups: self.groups.into_iter().flatten().map(|ack| vec![ack]).collect(), ..self }
    }
}

fn all_singles() -> Vec<Acks> {
    all_acks().into_iter().map(Acks::single).collect()
}

/// How ACKs went out.
enum Way<'a> {
    Natively(&'a [u8]),
    InFrame(&'a [u8]),
}

/// Compresses a stream. Each packet and each frame arrives.
fn compress(compressor: &mut Compressor, acks: &Acks, mut take: impl FnMut(Way<'_>)) {
    for group in &acks.groups {
        for packet in group {
            match compressor.compress(packet) {
                Verdict::Ride => {}
                Verdict::Native(_) => {
                    take(Way::Natively(packet));
                    compressor.native_done(packet, true);
                }
                Verdict::DrainFirst(reason) => panic!("{acks} need a drain: {reason:?}"),
            }
        }
        if let Some((frame, id)) = compressor.frame(BUDGET) {
            take(Way::InFrame(frame));
            compressor.confirm(id);
        }
    }
}

fn bench_compress(bencher: Bencher<'_, '_>, acks: &Acks) {
    bencher.counter(acks.count()).with_inputs(Compressor::new).bench_local_refs(|compressor| {
        compress(compressor, acks, |way| match way {
            Way::Natively(bytes) | Way::InFrame(bytes) => {
                black_box(bytes);
            }
        });
    });
}

fn bench_decompress(bencher: Bencher<'_, '_>, acks: &Acks) {
    let mut ways = vec![];
    compress(&mut Compressor::new(), acks, |way| {
        ways.push(match way {
            Way::Natively(packet) => (true, packet.to_vec()),
            Way::InFrame(frame) => (false, frame.to_vec()),
        });
    });
    bencher.counter(acks.count()).with_inputs(Decompressor::new).bench_local_refs(|decompressor| {
        for (is_native, bytes) in &ways {
            if *is_native {
                black_box(decompressor.native_seen(bytes));
                continue;
            }
            let rides = decompressor.frame_received(bytes).expect("nothing was lost");
            rides.for_each(|packet| {
                black_box(packet);
            });
        }
    });
}

#[divan::bench(args = all_acks())]
fn compress_groups(bencher: Bencher<'_, '_>, acks: &Acks) {
    bench_compress(bencher, acks);
}

#[divan::bench(args = all_singles())]
fn compress_singles(bencher: Bencher<'_, '_>, acks: &Acks) {
    bench_compress(bencher, acks);
}

#[divan::bench(args = all_acks())]
fn decompress_groups(bencher: Bencher<'_, '_>, acks: &Acks) {
    bench_decompress(bencher, acks);
}

#[divan::bench(args = all_singles())]
fn decompress_singles(bencher: Bencher<'_, '_>, acks: &Acks) {
    bench_decompress(bencher, acks);
}
