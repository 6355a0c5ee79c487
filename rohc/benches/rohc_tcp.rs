//! Time per ACK of compressor and decompressor, on streams that are made here: 4 Mitem/s are 250 ns.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig};

const ACKS: usize = 4096;

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
    /// Likewise in ten flows, with a selective acknowledgment now and then.
    TenFlows,
}

const STREAMS: [Stream; 4] =
    [Stream::Plain, Stream::Timestamps, Stream::Ipv6, Stream::TenFlows];

/// A small generator of pseudo-random numbers (PCG), always with the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as u32) % bound
    }
}

fn acks(stream: Stream) -> Vec<Vec<u8>> {
    let random = &mut Random(1);
    let flows = if matches!(stream, Stream::TenFlows) { 10 } else { 1 };
    let mut states = vec![(0x1000_0000u32, 4096u16, 1000u32, 1u16); flows];
    let mut next = || {
        let flow = random.below(flows as u32) as usize;
        let (ack, window, clock, ip_id) = &mut states[flow];
        let segments = if random.below(16) == 0 { 1 } else { 2 };
        *ack = ack.wrapping_add(1448 * segments);
        *ip_id = ip_id.wrapping_add(1);
        let mut options = Vec::new();
        if !matches!(stream, Stream::Plain) {
            *clock += u32::from(random.below(4) == 0);
            *window = window.wrapping_add(u16::from(random.below(40) == 0) * 7);
            options.extend([1, 1, 8, 10]);
            options.extend(clock.to_be_bytes());
            options.extend((*clock - random.below(2)).to_be_bytes());
        }
        if matches!(stream, Stream::TenFlows) && random.below(8) == 0 {
            options.extend([1, 1, 5, 10]);
            options.extend((*ack + 1448 * 3).to_be_bytes());
            options.extend((*ack + 1448 * 5).to_be_bytes());
        }
        let mut tcp = Vec::new();
        tcp.extend((40000 + flow as u16).to_be_bytes());
        tcp.extend(5201u16.to_be_bytes());
        tcp.extend(77u32.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([((20 + options.len()) / 4 * 16) as u8, 0x10]);
        tcp.extend(window.to_be_bytes());
        tcp.extend((random.below(65536) as u16).to_be_bytes());
        tcp.extend([0, 0]);
        tcp.extend(options);
        let mut packet = if matches!(stream, Stream::Ipv6) {
            ipv6(tcp.len() as u16)
        } else {
            ipv4(tcp.len() as u16, *ip_id)
        };
        packet.extend(tcp);
        packet
    };
    (0..ACKS).map(|_| next()).collect()
}

fn ipv4(payload: u16, ip_id: u16) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend((20 + payload).to_be_bytes());
    header.extend(ip_id.to_be_bytes());
    header.extend([0x40, 0, 64, 6, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1]);
    let words = header.chunks(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !((folded & 0xffff) + (folded >> 16)) as u16;
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    header
}

fn ipv6(payload: u16) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0];
    header.extend(payload.to_be_bytes());
    header.extend([6, 64]);
    header.extend([[0xfd; 16], [0xfe; 16]].concat());
    header
}

fn config() -> CompressorConfig {
    CompressorConfig { ir_refresh: None, ir_dyn_refresh: None, ..CompressorConfig::default() }
}

#[divan::bench(args = STREAMS)]
fn compress(bencher: Bencher<'_, '_>, stream: Stream) {
    let packets = acks(stream);
    let mut wire = [0; 256];
    bencher.counter(ItemsCount::new(ACKS)).with_inputs(|| Compressor::new(config())).bench_local_refs(
        |compressor| {
            for packet in &packets {
                black_box(compressor.compress(black_box(packet), &mut wire).expect("compressible"));
            }
        },
    );
}

#[divan::bench(args = STREAMS)]
fn decompress(bencher: Bencher<'_, '_>, stream: Stream) {
    let mut compressor = Compressor::new(config());
    let mut wire = [0; 256];
    let compressed: Vec<Vec<u8>> = acks(stream)
        .iter()
        .map(|packet| {
            let length = compressor.compress(packet, &mut wire).expect("compressible").length;
            wire[..length].to_vec()
        })
        .collect();
    let mut packet = [0; 256];
    bencher
        .counter(ItemsCount::new(ACKS))
        .with_inputs(|| Decompressor::new(DecompressorConfig::default()))
        .bench_local_refs(|decompressor| {
            for wire in &compressed {
                black_box(decompressor.decompress(black_box(wire), &mut packet).expect("right"));
            }
        });
}
