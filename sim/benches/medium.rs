//! The medium alone: an A-MPDU of 42 MPDUs at 150 Mbit/s and its Block Ack 16 us later, heard by
//! all nodes of a BSS. "Kitem/s" are PPDUs times nodes, sender included; four events each.
//!
//! `cargo bench -p sim --bench medium`

use std::time::Duration;

use bytes::Bytes;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mac::{AmpduBuilder, Instant, TxPpdu, fcs};
use phy80211::{GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate, TxVector};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position};

const MPDUS: usize = 42;
const SIFS: Duration = Duration::from_micros(16);

fn main() {
    divan::main();
}

/// An AP and its stations, ten metres around it.
fn bss(stations: usize, snr_db: Option<f64>) -> (Medium, Vec<NodeId>) {
    let rng = ChaCha8Rng::seed_from_u64(1);
    let mut medium = Medium::new(MediumConfig::default(), ErrorTable::ideal(), rng);
    let channel = Channel::mhz40(5190, Placement::Lower);
    let mut add = |x, y| medium.add_node(NodeConfig::new(Position::new(x, y), channel));
    let mut nodes = vec![add(0.0, 0.0)];
    for i in 0..stations {
        let angle = i as f64;
        nodes.push(add(10.0 * angle.cos(), 10.0 * angle.sin()));
    }
    if let Some(snr_db) = snr_db {
        for &station in &nodes[1..] {
            medium.set_snr_db(nodes[0], station, snr_db);
        }
    }
    (medium, nodes)
}

fn aggregate() -> Bytes {
    let mut mpdu = vec![0; 1534];
    fcs::append(&mut mpdu, 0);
    let mut psdu = Vec::new();
    let mut builder = AmpduBuilder::new(&mut psdu, 0);
    (0..MPDUS).for_each(|_| builder.push(&mpdu));
    psdu.into()
}

/// One exchange after the other.
fn exchanges(bencher: Bencher, stations: usize, snr_db: Option<f64>) {
    let fastest = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short };
    let data = TxVector { aggregation: true, ..TxVector::new(Rate::from(fastest), 1) };
    let answer = TxVector::new(OfdmRate::Mbps24, 1);
    let (aggregate, block_ack) = (aggregate(), Bytes::from_static(&[0; 32]));
    let (mut medium, nodes) = bss(stations, snr_db);
    let mut start = Instant::ZERO;
    bencher.counter(ItemsCount::new(2 * nodes.len())).bench_local(|| {
        for (node, txvector, psdu) in [(0, data, &aggregate), (1, answer, &block_ack)] {
            let ppdu = TxPpdu { start, txvector, psdu: psdu.clone() };
            start = medium.transmit(nodes[node], ppdu) + SIFS;
            while let Some(now) = medium.next_event() {
                while let Some(said) = medium.poll(now) {
                    black_box(said);
                }
            }
        }
    });
}

/// Nothing is lost.
#[divan::bench(args = [1, 10])]
fn clean(bencher: Bencher, stations: usize) {
    exchanges(bencher, stations, None);
}

/// A tenth of the MPDUs is lost at every station.
#[divan::bench(args = [1, 10])]
fn lossy(bencher: Bencher, stations: usize) {
    exchanges(bencher, stations, Some(19.65));
}
