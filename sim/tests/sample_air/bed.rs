//! A few nodes in sample-level air, and all that their PHYs say.

use std::time::Duration;

use bytes::Bytes;
use mac::{Instant, PhyIndication, RxPpdu, TxPpdu, fcs};
use phy80211::{
    Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate, TxVector,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::{Air, Channel, NodeConfig, NodeId, Position, SampleAir, SampleAirConfig};

/// What a PHY said, and when.
pub type Said = (Instant, NodeId, PhyIndication);

pub fn channel_36() -> Channel {
    Channel::undivided(5180, Bandwidth::Mhz20)
}

pub fn channel_38() -> Channel {
    Channel::mhz40(5190, Placement::Lower)
}

/// Nodes a metre from each other in a row, their oscillators a little off.
pub fn row(nodes: usize, channel: Channel, seed: u64) -> (SampleAir, Vec<NodeId>) {
    let config = SampleAirConfig { oscillator_ppm: 2.0, ..SampleAirConfig::new(channel) };
    let mut air = SampleAir::new(config, ChaCha8Rng::seed_from_u64(seed));
    let add = |i| air.add_node(NodeConfig::new(Position::new(f64::from(i), 0.0), channel));
    let ids = (0..nodes as u32).map(add).collect();
    (air, ids)
}

pub fn us(us: f64) -> Instant {
    Instant::from_nanos((us * 1e3).round() as u64)
}

pub fn mpdu(len: usize) -> Bytes {
    let mut mpdu: Vec<u8> = (0..len - fcs::LEN).map(|i| (i * 37) as u8).collect();
    fcs::append(&mut mpdu, 0);
    mpdu.into()
}

pub fn frame(start: Instant, rate: impl Into<Rate>, len: usize) -> TxPpdu {
    TxPpdu { start, txvector: TxVector::new(rate, 93), psdu: mpdu(len) }
}

pub fn legacy(start: Instant, len: usize) -> TxPpdu {
    frame(start, OfdmRate::Mbps24, len)
}

pub fn ht(mcs: usize, width: HtWidth) -> Rate {
    HtRate { mcs: Mcs::ALL[mcs], width, gi: GuardInterval::Long }.into()
}

/// Runs until nothing more happens.
pub fn listen(air: &mut impl Air) -> Vec<Said> {
    let mut all = vec![];
    while let Some(now) = air.next_event() {
        while let Some((node, said)) = air.poll(now) {
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

/// How many PPDUs came to a node undamaged.
pub fn right(node: NodeId, said: &[Said]) -> usize {
    received(node, said).iter().filter(|ppdu| fcs::is_right(&ppdu.psdu)).count()
}

/// How far two times are from each other.
pub fn apart(a: Instant, b: Instant) -> Duration {
    a.max(b).since(a.min(b))
}
