//! Time per ACK of compressor and decompressor, on streams that are made here, and on the ACK traces of
//! the shared folder if it is there: 4 Mitem/s are 250 ns. Allocations are counted: some for each flow,
//! none for a packet.

#[path = "../tests/captures/mod.rs"]
mod captures;
#[path = "../tests/made/mod.rs"]
mod made;
#[path = "../tests/random/mod.rs"]
mod random;

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use made::{ipv4, ipv6};
use random::Random;
use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig};

const ACKS: usize = 4096;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// What a stream of ACKs has beside acknowledgment numbers.
#[derive(Debug, Clone, Copy)]
enum Stream {
    /// No options, every second segment acknowledged.
    Plain,
    /// Timestamps that change now and then, a window that does, too.
    Timestamps,
    /// Likewise, over IPv6.
    Ipv6,
    /// Likewise in ten flows, each with a loss now and then: sixteen selective acknowledgments.
    TenFlows,
}

/// ACKs and where they are from.
struct Acks {
    name: String,
    packets: Vec<Vec<u8>>,
}

impl Display for Acks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn all_acks() -> Vec<Acks> {
    let streams = [Stream::Plain, Stream::Timestamps, Stream::Ipv6, Stream::TenFlows];
    let made = streams.map(|stream| Acks { name: format!("{stream:?}"), packets: acks(stream) });
    let trace = |path: PathBuf| {
        let mut packets = captures::ip_packets(&path);
        packets.truncate(ACKS);
        let name = path.file_name().map(|name| name.to_string_lossy().replace(".acks.pcap", ""));
        Acks { name: name.unwrap_or_default(), packets }
    };
    let folder = captures::vectors("ACK traces");
    let traces = folder.map(|folder| {
        let folder = folder.join("ack-traces");
        captures::files_named(&folder, |name| name.ends_with(".acks.pcap")).into_iter().map(trace)
    });
    made.into_iter().chain(traces.into_iter().flatten()).collect()
}

fn acks(stream: Stream) -> Vec<Vec<u8>> {
    let random = &mut Random(1);
    let flows = if matches!(stream, Stream::TenFlows) { 10 } else { 1 };
    let mut states = vec![(0x1000_0000u32, 4096u16, 1000u32, 1u16, 0u32); flows];
    let mut next = || {
        let flow = random.below(flows);
        let (ack, window, clock, ip_id, sacks) = &mut states[flow];
        let segments = match random.below(16) {
            _ if *sacks > 0 => 0,
            0 => 1,
            _ => 2,
        };
        *ack = ack.wrapping_add(1448 * segments);
        *ip_id = ip_id.wrapping_add(1);
        let mut options = Vec::new();
        if !matches!(stream, Stream::Plain) {
            *clock += u32::from(random.below(4) == 0);
            *window = window.wrapping_add(u16::from(random.below(40) == 0) * 7);
            options.extend([1, 1, 8, 10]);
            options.extend(clock.to_be_bytes());
            options.extend((*clock - random.below(2) as u32).to_be_bytes());
        }
        if matches!(stream, Stream::TenFlows) && *sacks == 0 && random.below(100) == 0 {
            *sacks = 16;
        }
        if *sacks > 0 {
            options.extend([1, 1, 5, 10]);
            options.extend((*ack + 1448).to_be_bytes());
            options.extend((*ack + 1448 * (18 - *sacks)).to_be_bytes());
            *sacks -= 1;
        }
        let mut tcp = Vec::new();
        tcp.extend((40000 + flow as u16).to_be_bytes());
        tcp.extend(5201u16.to_be_bytes());
        tcp.extend(77u32.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([((20 + options.len()) / 4 * 16) as u8, 0x10]);
        tcp.extend(window.to_be_bytes());
        tcp.extend([random.octet(), random.octet()]);
        tcp.extend([0, 0]);
        tcp.extend(options);
        if matches!(stream, Stream::Ipv6) { ipv6(&tcp, 6, 0) } else { ipv4(&tcp, 6, *ip_id, 2) }
    };
    (0..ACKS).map(|_| next()).collect()
}

fn config() -> CompressorConfig {
    CompressorConfig { ir_refresh: None, ir_dyn_refresh: None, ..CompressorConfig::default() }
}

#[divan::bench(args = all_acks())]
fn compress(bencher: Bencher<'_, '_>, acks: &Acks) {
    let mut wire = [0; 256];
    bencher
        .counter(ItemsCount::new(acks.packets.len()))
        .with_inputs(|| Compressor::new(config()))
        .bench_local_refs(|compressor| {
            for packet in &acks.packets {
                black_box(compressor.compress(black_box(packet), &mut wire).expect("compressible"));
            }
        });
}

#[divan::bench(args = all_acks())]
fn decompress(bencher: Bencher<'_, '_>, acks: &Acks) {
    let mut compressor = Compressor::new(config());
    let mut wire = [0; 256];
    let compress = |packet: &Vec<u8>| {
        let length = compressor.compress(packet, &mut wire).expect("compressible").length;
        wire[..length].to_vec()
    };
    let compressed: Vec<Vec<u8>> = acks.packets.iter().map(compress).collect();
    let mut packet = [0; 256];
    bencher
        .counter(ItemsCount::new(compressed.len()))
        .with_inputs(|| Decompressor::new(DecompressorConfig::default()))
        .bench_local_refs(|decompressor| {
            for wire in &compressed {
                black_box(decompressor.decompress(black_box(wire), &mut packet).expect("right"));
            }
        });
}
