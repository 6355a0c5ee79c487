//! What is to happen, in the order of time; at the same time, in the order in which it was
//! planned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mac::Instant;

use super::NodeId;
use super::flight::FlightId;

/// Something about a PPDU that happens to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) node: NodeId,
    pub(super) flight: FlightId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Its transmitter begins.
    TxBegin,
    /// Its transmitter ends.
    TxEnd,
    /// The first sample arrives.
    Arrival,
    /// aCCATime later: is there a preamble, is the medium busy?
    Decision,
    /// A node whose carrier sense is late notices that the medium is busy.
    LateBusy,
    /// The header has arrived.
    Header,
    /// The last sample has arrived.
    End,
}

/// The order of the first two fields is that of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    at: Instant,
    number: u64,
    event: Event,
}

#[derive(Debug, Default)]
pub(super) struct EventQueue {
    heap: BinaryHeap<Reverse<Planned>>,
    planned: u64,
}

impl EventQueue {
    pub(super) fn plan(&mut self, at: Instant, event: Event) {
        self.heap.push(Reverse(Planned { at, number: self.planned, event }));
        self.planned += 1;
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(next)| next.at)
    }

    /// The next event, if it is not after `now`.
    pub(super) fn pop_until(&mut self, now: Instant) -> Option<(Instant, Event)> {
        let due = self.next_at()? <= now;
        let Reverse(next) = due.then(|| self.heap.pop()).flatten()?;
        Some((next.at, next.event))
    }
}
