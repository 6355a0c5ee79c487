//! The stream of a connection, at both ends: what has been sent and acknowledged, what has come.

use std::collections::{BTreeMap, VecDeque};

use crate::tcp::Transfer;

/// A part of the stream that goes by a subflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where in the subflow, from 0 on.
    pub(super) subflow: u64,
    /// Where in the stream.
    pub(super) data: u64,
    pub(super) len: u64,
}

impl Chunk {
    pub(super) fn data_end(&self) -> u64 {
        self.data + self.len
    }
}

/// The number with these low 32 bits that is nearest to one.
pub(super) fn nearest(near: u64, wire: u32) -> u64 {
    let ahead = wire.wrapping_sub(near as u32).cast_signed();
    near.saturating_add_signed(ahead.into())
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Outbound {
    /// All before this has arrived.
    pub(super) una: u64,
    /// The next that has not been sent by any subflow.
    pub(super) next: u64,
    /// How far the other side's window reaches.
    pub(super) edge: u64,
    end: u64,
    buffer: u64,
    /// What is to be sent once more.
    again: VecDeque<(u64, u64)>,
}

impl Outbound {
    pub(super) fn new(transfer: Transfer, buffer: u64) -> Self {
        let end = match transfer {
            Transfer::Nothing => 0,
            Transfer::Bytes(bytes) => bytes,
            Transfer::Unlimited | Transfer::Fed => u64::MAX,
        };
        // Until the first data ACK, as much as any host takes.
        Self { una: 0, next: 0, edge: 65_536, end, buffer, again: VecDeque::new() }
    }

    /// The connection's data ACK and window.
    pub(super) fn acknowledged(&mut self, data_ack: u64, window: u64) {
        if data_ack > self.next {
            return;
        }
        self.una = self.una.max(data_ack);
        self.edge = self.edge.max(data_ack + window);
        while self.again.front().is_some_and(|(data, len)| data + len <= self.una) {
            self.again.pop_front();
        }
    }

    /// A part is to be sent once more.
    pub(super) fn resend(&mut self, data: u64, len: u64) {
        let known = self.again.iter().any(|(other, _)| *other == data);
        if data + len > self.una && !known {
            let after = self.again.iter().position(|(other, _)| *other > data);
            self.again.insert(after.unwrap_or(self.again.len()), (data, len));
        }
    }

    /// The next part that is to be sent once more.
    pub(super) fn take_again(&mut self) -> Option<(u64, u64)> {
        loop {
            let (data, len) = self.again.pop_front()?;
            if data + len > self.una {
                return Some((data, len));
            }
        }
    }

    /// The next new part, a segment at most, if buffer and window have room for it.
    pub(super) fn take_new(&mut self, smss: u64) -> Option<(u64, u64)> {
        let len = smss.min(self.end - self.next);
        let limit = self.edge.min(self.una + self.buffer);
        if len == 0 || self.next + len > limit {
            return None;
        }
        let data = self.next;
        self.next += len;
        Some((data, len))
    }

    /// Whether there is more to send, but no room for it.
    pub(super) fn is_blocked(&self) -> bool {
        self.next < self.end && self.next > self.una
    }
}

/// What comes.
#[derive(Debug)]
pub(super) struct Inbound {
    /// All before this has come.
    pub(super) next: u64,
    /// Parts beyond that: start and end.
    beyond: BTreeMap<u64, u64>,
    buffer: u64,
    /// Bytes that came more than once.
    pub(super) duplicate: u64,
}

impl Inbound {
    pub(super) fn new(buffer: u64) -> Self {
        Self { next: 0, beyond: BTreeMap::new(), buffer, duplicate: 0 }
    }

    /// A part has come. What is beyond the window is dropped.
    pub(super) fn insert(&mut self, data: u64, len: u64) {
        let (start, end) = (data.max(self.next), data + len);
        self.duplicate += start.min(end) - data;
        if start >= end || end > self.next + self.buffer {
            return;
        }
        let overlap = self.beyond.range(..=start).next_back().map_or(0, |(_, known)| *known);
        if overlap >= end {
            self.duplicate += end - start;
            return;
        }
        self.beyond.insert(start, end);
        while let Some((&start, &end)) = self.beyond.first_key_value()
            && start <= self.next
        {
            self.next = self.next.max(end);
            self.beyond.pop_first();
        }
    }

    /// How much more may be sent from `next` on.
    pub(super) fn window(&self) -> u64 {
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_in_any_order_and_more_than_once_make_the_stream(
            order in prop::collection::vec(0u64..20, 0..200),
        ) {
            let mut inbound = Inbound::new(1 << 20);
            let mut came = [false; 20];
            for part in order {
                inbound.insert(1000 * part, 1000);
                came[part as usize] = true;
                let whole = came.iter().take_while(|came| **came).count() as u64;
                prop_assert_eq!(inbound.next, 1000 * whole);
            }
        }
    }

    #[test]
    fn the_window_limits_what_is_sent() {
        let mut out = Outbound::new(Transfer::Unlimited, 10_000);
        out.acknowledged(0, 1 << 20);
        let sent: Vec<_> = std::iter::from_fn(|| out.take_new(3000)).collect();
        assert_eq!(sent, [(0, 3000), (3000, 3000), (6000, 3000)]);
        assert!(out.is_blocked());
        out.acknowledged(3000, 1 << 20);
        assert_eq!(out.take_new(3000), Some((9000, 3000)));
    }

    #[test]
    fn what_is_sent_again_is_the_oldest_that_has_not_arrived() {
        let mut out = Outbound::new(Transfer::Bytes(9000), 1 << 20);
        assert!((0..3).all(|_| out.take_new(3000).is_some()));
        out.resend(6000, 3000);
        out.resend(0, 3000);
        out.resend(3000, 3000);
        out.acknowledged(3000, 1 << 20);
        assert_eq!(out.take_again(), Some((3000, 3000)));
        assert_eq!(out.take_again(), Some((6000, 3000)));
        assert_eq!((out.take_again(), out.take_new(3000)), (None, None));
    }

    #[test]
    fn numbers_of_32_bits_are_taken_for_the_nearest() {
        assert_eq!(nearest(5, 7), 7);
        assert_eq!(nearest((1 << 32) - 1, 3), (1 << 32) + 3);
        assert_eq!(nearest((1 << 32) + 3, u32::MAX), (1 << 32) - 1);
    }
}
