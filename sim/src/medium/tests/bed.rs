//! A few nodes, and all that their PHYs say.

use std::time::Duration;

use bytes::Bytes;
use mac::{AmpduBuilder, AmpduItem, AmpduSubframes, Instant, PhyIndication, RxPpdu, TxPpdu, fcs};
use phy80211::{
    Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate, TxVector,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position};

/// What a PHY said, and when.
pub type Said = (Instant, NodeId, PhyIndication);

pub fn channel_36() -> Channel {
    Channel::undivided(5180, Bandwidth::Mhz20)
}

pub fn channel_38() -> Channel {
    Channel::mhz40(5190, Placement::Lower)
}

/// Nodes a metre from each other in a row.
pub fn row_of(
    nodes: usize,
    channel: Channel,
    config: MediumConfig,
    seed: u64,
) -> (Medium, Vec<NodeId>) {
    let mut medium = Medium::new(config, ErrorTable::ideal(), ChaCha8Rng::seed_from_u64(seed));
    let ids = (0..nodes)
        .map(|i| medium.add_node(NodeConfig::new(Position::new(i as f64, 0.0), channel)))
        .collect();
    (medium, ids)
}

pub fn row(nodes: usize, channel: Channel) -> (Medium, Vec<NodeId>) {
    row_of(nodes, channel, MediumConfig::default(), 1)
}

pub fn us(us: f64) -> Instant {
    Instant::from_nanos((us * 1e3).round() as u64)
}

pub fn after(start: Instant, us: f64) -> Instant {
    start + Duration::from_nanos((us * 1e3).round() as u64)
}

pub fn mpdu(len: usize) -> Vec<u8> {
    let mut mpdu = vec![0x5a; len - fcs::LEN];
    fcs::append(&mut mpdu, 0);
    mpdu
}

/// An MPDU at 54 Mbit/s.
pub fn legacy(start: Instant, len: usize) -> TxPpdu {
    let txvector = TxVector::new(OfdmRate::Mbps54, 1);
    TxPpdu { start, txvector, psdu: mpdu(len).into() }
}

pub fn ht(mcs: usize, width: HtWidth) -> Rate {
    HtRate { mcs: Mcs::ALL[mcs], width, gi: GuardInterval::Short }.into()
}

/// An A-MPDU of MCS 7 in 40 MHz.
pub fn aggregate(start: Instant, mpdus: usize) -> TxPpdu {
    let mut psdu = Vec::new();
    let mut builder = AmpduBuilder::new(&mut psdu, 0);
    (0..mpdus).for_each(|_| builder.push(&mpdu(1538)));
    let txvector = TxVector { aggregation: true, ..TxVector::new(ht(7, HtWidth::Mhz40), 1) };
    TxPpdu { start, txvector, psdu: psdu.into() }
}

/// Runs until nothing more happens.
pub fn listen(medium: &mut Medium) -> Vec<Said> {
    let mut all = Vec::new();
    while let Some(now) = medium.next_event() {
        while let Some((node, said)) = medium.poll(now) {
            all.push((now, node, said));
        }
    }
    all
}

/// What one node's PHY said.
pub fn of(node: NodeId, said: &[Said]) -> Vec<(Instant, PhyIndication)> {
    said.iter().filter(|(_, by, _)| *by == node).map(|(at, _, said)| (*at, said.clone())).collect()
}

pub fn received(node: NodeId, said: &[Said]) -> Vec<RxPpdu> {
    let ppdu = |(_, said)| if let PhyIndication::Rx(ppdu) = said { Some(ppdu) } else { None };
    of(node, said).into_iter().filter_map(ppdu).collect()
}

/// Whether each MPDU of an A-MPDU is whole.
pub fn whole(psdu: &Bytes) -> Vec<bool> {
    let mpdus = AmpduSubframes::new(psdu).map(|item| match item {
        AmpduItem::Mpdu { bytes, .. } => fcs::is_right(bytes),
        AmpduItem::Gap { .. } => panic!("delimiters are kept"),
    });
    mpdus.collect()
}
