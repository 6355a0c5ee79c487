//! How many MPDUs PPDUs have.

use std::collections::BTreeMap;

use mac::{AmpduItem, AmpduSubframes, FrameControl, FrameKind, Instant, TxPpdu};

use crate::network::Observer;

/// Counts the data PPDUs of each node by the number of their MPDUs.
#[derive(Debug)]
pub struct AmpduSizes {
    nodes: Vec<BTreeMap<usize, u64>>,
}

impl AmpduSizes {
    /// For so many nodes.
    pub fn new(nodes: usize) -> Self {
        Self { nodes: vec![BTreeMap::new(); nodes] }
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.nodes.iter_mut().for_each(BTreeMap::clear);
    }

    /// How many PPDUs of a node had so many MPDUs, by that number.
    pub fn of(&self, node: usize) -> &BTreeMap<usize, u64> {
        &self.nodes[node]
    }
}

/// MPDUs of a PPDU with data; none of others.
fn mpdus(ppdu: &TxPpdu) -> usize {
    if ppdu.txvector.aggregation {
        let items = AmpduSubframes::new(&ppdu.psdu);
        return items.filter(|item| matches!(item, AmpduItem::Mpdu { .. })).count();
    }
    let kind = FrameControl::parse(&ppdu.psdu).map(FrameControl::kind);
    let data = matches!(kind, Ok(FrameKind::Data(subtype)) if subtype.carries_data());
    usize::from(data)
}

impl Observer for AmpduSizes {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, _end: Instant) {
        let mpdus = mpdus(ppdu);
        if mpdus > 0 {
            *self.nodes[node].entry(mpdus).or_default() += 1;
        }
    }
}
