//! The receive buffer: bytes in order for the application, and blocks beyond a gap, of which SACK
//! tells the sender (RFC 2018 section 4).

use std::collections::VecDeque;

use arrayvec::ArrayVec;
use bytes::{Buf, Bytes};

use crate::tcp::seq::Seq;

/// A part of the stream beyond a gap.
#[derive(Debug)]
struct Block {
    start: Seq,
    end: Seq,
    /// When it last grew, counted in segments.
    grown: u64,
    chunks: VecDeque<Bytes>,
}

/// What became of a segment's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is next in order.
    InOrder,
    /// It is next in order, and there are blocks beyond it.
    FillsGap,
    /// It is beyond a gap.
    OutOfOrder,
    /// All of it was here already.
    Duplicate,
}

#[derive(Debug)]
pub(super) struct Reassembly {
    /// RCV.NXT.
    nxt: Seq,
    /// In order of sequence numbers, with gaps between them.
    blocks: Vec<Block>,
    /// In order, for the application to read; none if nobody wants to.
    readable: Option<VecDeque<Bytes>>,
    unread: u64,
    segments: u64,
}

impl Reassembly {
    /// `nxt` is expected first. Without `keep`, bytes are counted and forgotten.
    pub fn new(nxt: Seq, keep: bool) -> Reassembly {
        Reassembly {
            nxt,
            blocks: vec![],
            readable: keep.then(VecDeque::new),
            unread: 0,
            segments: 0,
        }
    }

    pub fn nxt(&self) -> Seq {
        self.nxt
    }

    /// Bytes that wait for the application.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    pub fn read(&mut self) -> Option<Bytes> {
        let chunk = self.readable.as_mut()?.pop_front()?;
        self.unread -= chunk.len() as u64;
        Some(chunk)
    }

    /// Takes the bytes from `seq` to `end`, which are within the window. `chunk` gives them if
    /// they are wanted.
    pub fn insert(&mut self, seq: Seq, end: Seq, chunk: impl FnOnce() -> Bytes) -> Arrival {
        self.segments += 1;
        if end <= self.nxt {
            return Arrival::Duplicate;
        }
        let mut chunk = if self.readable.is_some() { chunk() } else { Bytes::new() };
        if seq > self.nxt {
            return self.insert_block(seq, end, chunk);
        }
        chunk.advance((self.nxt.since(seq) as usize).min(chunk.len()));
        self.deliver(end, chunk);
        if self.blocks.is_empty() {
            return Arrival::InOrder;
        }
        while self.blocks.first().is_some_and(|block| block.start <= self.nxt) {
            let block = self.blocks.remove(0);
            let mut known = self.nxt.since(block.start) as usize;
            for mut chunk in block.chunks {
                let skipped = known.min(chunk.len());
                known -= skipped;
                chunk.advance(skipped);
                let end = self.nxt + chunk.len() as u64;
                self.deliver(end, chunk);
            }
            self.nxt = self.nxt.max(block.end);
        }
        Arrival::FillsGap
    }

    fn deliver(&mut self, end: Seq, chunk: Bytes) {
        self.nxt = end;
        if let Some(readable) = self.readable.as_mut().filter(|_| !chunk.is_empty()) {
            self.unread += chunk.len() as u64;
            readable.push_back(chunk);
        }
    }

    /// Puts a segment beyond the gap into the block that it touches, or into one of its own.
    fn insert_block(&mut self, seq: Seq, end: Seq, mut chunk: Bytes) -> Arrival {
        let at = self.blocks.partition_point(|block| block.end < seq);
        let grown = self.segments;
        let Some(block) = self.blocks.get_mut(at).filter(|block| block.start <= end) else {
            let chunks = VecDeque::from([chunk]);
            self.blocks.insert(at, Block { start: seq, end, grown, chunks });
            return Arrival::OutOfOrder;
        };
        block.grown = grown;
        if block.start <= seq && end <= block.end {
            return Arrival::Duplicate;
        }
        if seq < block.start {
            let mut head = chunk.clone();
            head.truncate(block.start.since(seq) as usize);
            block.chunks.push_front(head);
        }
        if end > block.end {
            let tail_start = block.end.since(seq) as usize;
            chunk.advance(tail_start.min(chunk.len()));
            block.chunks.push_back(chunk);
        }
        block.start = block.start.min(seq);
        block.end = block.end.max(end);
        self.merge_after(at);
        Arrival::OutOfOrder
    }

    /// Joins to the block at `at` those that it now reaches.
    fn merge_after(&mut self, at: usize) {
        while let Some(next) = self.blocks.get(at + 1) {
            if next.start > self.blocks[at].end {
                break;
            }
            let next = self.blocks.remove(at + 1);
            let block = &mut self.blocks[at];
            let mut known = block.end.since(next.start) as usize;
            for mut chunk in next.chunks {
                let skipped = known.min(chunk.len());
                known -= skipped;
                chunk.advance(skipped);
                block.chunks.push_back(chunk);
            }
            block.end = block.end.max(next.end);
        }
    }

    /// The blocks to report, the one that grew last first (RFC 2018 section 4).
    pub fn sack_blocks<const N: usize>(&self, most: usize) -> ArrayVec<(Seq, Seq), N> {
        let mut reported = ArrayVec::new();
        let mut before = u64::MAX;
        while reported.len() < most {
            let older = self.blocks.iter().filter(|block| block.grown < before);
            let Some(block) = older.max_by_key(|block| block.grown) else { break };
            reported.push((block.start, block.end));
            before = block.grown;
        }
        reported
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tcp::pattern;

    fn insert(reassembly: &mut Reassembly, start: Seq, from: u64, to: u64) -> Arrival {
        let chunk = || Bytes::from_static(pattern(from, (to - from) as usize));
        reassembly.insert(start + from, start + to, chunk)
    }

    #[test]
    fn the_block_that_grew_last_is_reported_first() {
        let start = Seq::initial(9);
        let mut reassembly = Reassembly::new(start, false);
        insert(&mut reassembly, start, 10, 20);
        insert(&mut reassembly, start, 30, 40);
        insert(&mut reassembly, start, 50, 60);
        insert(&mut reassembly, start, 20, 25);
        let expected = [(10, 25), (50, 60), (30, 40)].map(|(from, to)| (start + from, start + to));
        assert_eq!(reassembly.sack_blocks::<4>(3).as_slice(), expected);
    }

    #[test]
    fn a_segment_that_was_here_is_a_duplicate() {
        let start = Seq::initial(9);
        let mut reassembly = Reassembly::new(start, false);
        assert_eq!(insert(&mut reassembly, start, 10, 20), Arrival::OutOfOrder);
        assert_eq!(insert(&mut reassembly, start, 12, 18), Arrival::Duplicate);
        assert_eq!(insert(&mut reassembly, start, 0, 10), Arrival::FillsGap);
        assert_eq!(insert(&mut reassembly, start, 0, 20), Arrival::Duplicate);
        assert_eq!(insert(&mut reassembly, start, 15, 25), Arrival::InOrder);
    }

    proptest! {
        #[test]
        fn overlapping_pieces_in_any_order_make_the_stream(
            pieces in proptest::collection::vec((0u64..200, 1u64..40), 1..80),
        ) {
            let start = Seq::initial(u32::MAX - 50);
            let mut reassembly = Reassembly::new(start, true);
            let mut here = [false; 240];
            let mut stream = vec![];
            for (from, len) in pieces {
                insert(&mut reassembly, start, from, from + len);
                here[from as usize..(from + len) as usize].fill(true);
                let in_order = here.iter().take_while(|&&here| here).count();
                prop_assert_eq!(reassembly.nxt(), start + in_order as u64);
                prop_assert_eq!(reassembly.blocks.iter().map(|block| block.end.since(block.start)).sum::<u64>(),
                    here[in_order..].iter().filter(|&&here| here).count() as u64);
                while let Some(chunk) = reassembly.read() {
                    stream.extend_from_slice(&chunk);
                }
                prop_assert_eq!(stream.len(), in_order);
            }
            prop_assert_eq!(stream.as_slice(), pattern(0, stream.len()));
        }
    }
}
