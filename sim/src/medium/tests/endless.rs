//! Whatever is sent, nothing gets stuck.

use std::collections::BTreeMap;

use mac::Instant;
use mac::PhyIndication::{CcaBusy, CcaIdle, Rx, RxError, RxStart};
use proptest::prelude::*;

use super::bed::*;
use crate::{MediumConfig, NodeId, ReceiverConfig};

/// Node, pause since its last PPDU in ns, bytes.
fn traffic() -> impl Strategy<Value = Vec<(usize, u64, usize)>> {
    prop::collection::vec((0..4usize, 0..300_000u64, 10..2000usize), 1..60)
}

proptest! {
    #[test]
    fn busy_and_idle_alternate_and_all_is_over_at_the_end(
        ppdus in traffic(),
        losses_db in prop::collection::vec(50.0..120.0f64, 6),
        capture_db in prop::option::of(0.0..20.0f64),
    ) {
        let receiver = ReceiverConfig { capture_db, ..ReceiverConfig::default() };
        let config = MediumConfig { receiver, ..MediumConfig::default() };
        let (mut medium, nodes) = row_of(4, channel_36(), config, 1);
        let pairs = (0..4).flat_map(|a| (0..a).map(move |b| (a, b)));
        for ((a, b), loss_db) in pairs.zip(losses_db) {
            medium.set_loss_db(nodes[a], nodes[b], Some(loss_db));
        }
        let mut free = [Instant::ZERO; 4];
        let mut sent: BTreeMap<NodeId, Vec<(Instant, Instant)>> = BTreeMap::new();
        for (node, pause_ns, len) in ppdus {
            let start = free[node] + std::time::Duration::from_nanos(pause_ns);
            free[node] = medium.transmit(nodes[node], legacy(start, len));
            sent.entry(nodes[node]).or_default().push((start, free[node]));
        }
        let said = listen(&mut medium);
        prop_assert!(medium.is_silent());
        for node in nodes {
            let (mut busy, mut now) = (false, Instant::ZERO);
            for (at, said) in of(node, &said) {
                prop_assert!(now <= at);
                now = at;
                let spans = sent.get(&node).map_or(&[][..], |spans| spans);
                let sends = spans.iter().any(|&(start, end)| start < at && at < end);
                prop_assert!(!sends, "{said:?} at {at}, while it sends");
                // The end of a transmission tells the state, changed or not.
                let tells = spans.iter().any(|&(_, end)| end == at);
                match said {
                    CcaBusy => {
                        prop_assert!(tells || !busy);
                        busy = true;
                    }
                    CcaIdle => {
                        prop_assert!(tells || busy);
                        busy = false;
                    }
                    RxStart { until } => prop_assert!(busy && until > at),
                    Rx(_) | RxError => prop_assert!(busy),
                }
            }
            prop_assert!(!busy);
        }
    }
}
