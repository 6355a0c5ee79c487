//! The segments that are in the network, and what is known about each (RFC 6675).
//!
//! A byte of a segment counts once in `pipe` (section 4) unless it is SACKed or lost, and once
//! more if it was retransmitted. The count is kept up to date as segments change, and what is
//! looked for in a flight of thousands is found from where it was found last: an ACK costs the
//! same for all lengths of the window.
//!
//! Without SACK, [`Scoreboard::segment_departed`] counts the segments that duplicate ACKs say have
//! left the network: the window inflation of RFC 6582, seen from the other side.

use std::{collections::VecDeque, time::Duration};

use arrayvec::ArrayVec;
use mac::Instant;

use super::rack::Rack;
use crate::{packet::MAX_SACK_BLOCKS, tcp::seq::Seq};

/// RFC 6675 section 2.
pub(super) const DUP_THRESH: u32 = 3;

/// Blocks of one ACK, as numbers of this connection.
pub(in crate::tcp) type SackBlocks = ArrayVec<(Seq, Seq), MAX_SACK_BLOCKS>;

/// One segment, as it was sent. A FIN is its last byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub seq: Seq,
    pub end: Seq,
    at: Instant,
    sacked: bool,
    lost: bool,
    retransmitted: bool,
}

impl Sent {
    pub fn len(&self) -> u64 {
        self.end.since(self.seq)
    }

    fn is_due_again(&self) -> bool {
        self.lost && !self.sacked && !self.retransmitted
    }

    fn in_pipe(&self) -> u64 {
        match self.sacked {
            true => 0,
            false => self.len() * (u64::from(!self.lost) + u64::from(self.retransmitted)),
        }
    }
}

/// What a cumulative ACK took off the scoreboard.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Acked {
    /// Bytes acknowledged.
    pub bytes: u64,
    /// Those of them that no SACK had told of.
    pub delivered: u64,
    /// The time since the oldest was sent, by Karn's rule: if all were sent once, and none had
    /// waited at the receiver for one before it.
    pub rtt: Option<Duration>,
}

#[derive(Debug)]
pub(super) struct Scoreboard {
    segments: VecDeque<Sent>,
    pipe: u64,
    /// Bytes that have left the network without our knowing which.
    departed: u64,
    /// The end of the highest SACKed segment.
    high_sacked: Seq,
    /// HighRxt: below it, all that is lost has been retransmitted.
    high_rxt: Seq,
    /// Below it, all that is not SACKed is lost.
    lost_below: Seq,
    /// The blocks of the last ACK, which the next one mostly repeats.
    seen: SackBlocks,
    rack: Rack,
}

impl Scoreboard {
    pub fn new(start: Seq) -> Scoreboard {
        Scoreboard {
            segments: VecDeque::new(),
            pipe: 0,
            departed: 0,
            high_sacked: start,
            high_rxt: start,
            lost_below: start,
            seen: SackBlocks::new(),
            rack: Rack::default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The estimate of the bytes in the network.
    pub fn pipe(&self) -> u64 {
        self.pipe.saturating_sub(self.departed)
    }

    pub fn segment(&self, index: usize) -> Sent {
        self.segments[index]
    }

    /// A new segment goes out.
    pub fn send(&mut self, seq: Seq, end: Seq, at: Instant) {
        self.pipe += end.since(seq);
        self.segments.push_back(Sent {
            seq,
            end,
            at,
            sacked: false,
            lost: false,
            retransmitted: false,
        });
    }

    /// A segment goes out again.
    pub fn retransmit(&mut self, index: usize, at: Instant) {
        self.change(index, |segment| {
            segment.retransmitted = true;
            segment.at = at;
        });
        let Sent { seq, end, .. } = self.segments[index];
        self.high_rxt = self.high_rxt.max(end);
        self.rack.on_retransmitted(at, seq);
    }

    /// Everything before `ack` has arrived.
    pub fn acknowledge(&mut self, ack: Seq, now: Instant) -> Acked {
        let mut acked = Acked::default();
        let mut ambiguous = false;
        while let Some(first) = self.segments.front_mut().filter(|first| first.seq < ack) {
            let whole = first.end <= ack;
            let before = first.in_pipe();
            let bytes = first.end.min(ack).since(first.seq);
            acked.bytes += bytes;
            if !first.sacked {
                acked.delivered += bytes;
                acked.rtt = acked.rtt.or(Some(now.since(first.at)));
            }
            ambiguous |= first.retransmitted;
            if !first.retransmitted {
                self.rack.on_delivered(first.at);
            }
            if whole {
                self.pipe -= before;
                self.segments.pop_front();
            } else {
                first.seq = ack;
                self.pipe -= before - first.in_pipe();
                break;
            }
        }
        if ambiguous {
            acked.rtt = None;
        }
        if self.departed > 0 && acked.bytes > 0 {
            // The first was the hole; those behind it are the ones that had departed.
            let first = acked.bytes.min(self.segments.front().map_or(acked.bytes, Sent::len));
            let known = self.departed.min(acked.bytes - first);
            self.departed -= known;
            acked.delivered -= known;
        }
        if self.segments.is_empty() {
            self.departed = 0;
        }
        self.rack.on_acknowledged(ack);
        acked
    }

    /// Marks what `blocks` tell of, and returns how many bytes of it are news.
    pub fn sack(&mut self, blocks: &SackBlocks) -> u64 {
        let mut news = 0;
        for &(start, end) in blocks {
            // What the last ACK told of the same block needs no second look.
            let seen = self.seen.iter().find(|seen| seen.0 <= start && start < seen.1);
            let start = seen.map_or(start, |seen| seen.1);
            let first = self.segments.partition_point(|segment| segment.seq < start);
            for index in first..self.segments.len() {
                let segment = self.segments[index];
                if segment.end > end {
                    break;
                }
                if !segment.sacked {
                    news += segment.len();
                    self.change(index, |segment| segment.sacked = true);
                    self.high_sacked = self.high_sacked.max(segment.end);
                    if !segment.retransmitted {
                        self.rack.on_delivered(segment.at);
                    }
                }
            }
        }
        self.seen.clone_from(blocks);
        news
    }

    /// Without SACK: one segment behind the first has arrived.
    pub fn segment_departed(&mut self, smss: u64) {
        let behind_the_first = self.pipe - self.segments.front().map_or(0, Sent::in_pipe);
        self.departed = (self.departed + smss).min(behind_the_first);
    }

    /// IsLost() of section 4 for all segments: lost is what has more than (DupThresh − 1) × SMSS
    /// bytes or DupThresh discontiguous runs SACKed above it.
    pub fn detect_losses(&mut self, smss: u64) {
        if self.segments.front().is_none_or(|first| self.high_sacked <= first.seq) {
            return;
        }
        let mut sacked_above = 0;
        let mut runs_above = 0;
        let mut in_run = false;
        let sacked = self.segments.partition_point(|segment| segment.seq < self.high_sacked);
        for index in (0..sacked).rev() {
            let segment = self.segments[index];
            if segment.end <= self.lost_below {
                return;
            }
            if segment.sacked {
                sacked_above += segment.len();
                runs_above += u32::from(!in_run);
            } else if sacked_above > u64::from(DUP_THRESH - 1) * smss || runs_above >= DUP_THRESH {
                return self.mark_lost_up_to(index);
            }
            in_run = segment.sacked;
        }
    }

    /// Marks retransmissions that are lost as well. Returns when the last of them was sent.
    pub fn detect_lost_retransmissions(&mut self, reordering_window: Duration) -> Option<Instant> {
        let mut last = None;
        while let Some((at, seq)) = self.rack.next_overdue(reordering_window) {
            let index = self.segments.partition_point(|segment| segment.seq < seq);
            let segment = self.segments.get(index);
            // Unless it has arrived, or was sent again since.
            let lost = segment.is_some_and(|segment| {
                segment.seq == seq && !segment.sacked && segment.retransmitted && segment.at == at
            });
            if lost {
                self.change(index, |segment| {
                    segment.lost = true;
                    segment.retransmitted = false;
                });
                self.high_rxt = self.high_rxt.min(seq);
                self.lost_below = self.lost_below.max(self.segments[index].end);
                last = Some(at);
            }
        }
        last
    }

    fn mark_lost_up_to(&mut self, last: usize) {
        for index in (0..=last).rev() {
            if self.segments[index].end <= self.lost_below {
                break;
            }
            self.change(index, |segment| segment.lost = !segment.sacked);
        }
        self.lost_below = self.lost_below.max(self.segments[last].end);
    }

    /// Whether the first segment is lost and still to be retransmitted.
    pub fn first_is_lost(&self) -> bool {
        self.segments.front().is_some_and(Sent::is_due_again)
    }

    /// Duplicate or partial ACKs say that the first is lost, or lost again.
    pub fn mark_first_lost(&mut self) {
        let Some(first) = self.segments.front() else { return };
        self.high_rxt = self.high_rxt.min(first.seq);
        self.lost_below = self.lost_below.max(first.end);
        self.change(0, |first| {
            first.lost = !first.sacked;
            first.retransmitted = false;
        });
    }

    /// After a timeout, everything that is not SACKed is lost, also if it was retransmitted
    /// (section 5.1). If the receiver has dropped what it had SACKed, all is (RFC 2018 section 8).
    pub fn mark_all_lost(&mut self) {
        let Some((first, last)) = self.segments.front().zip(self.segments.back()) else { return };
        let reneged = first.sacked;
        (self.high_rxt, self.lost_below) = (first.seq, last.end);
        for segment in &mut self.segments {
            segment.sacked &= !reneged;
            segment.lost = !segment.sacked;
            segment.retransmitted = false;
        }
        self.pipe = 0;
        self.departed = 0;
        self.seen.clear();
        self.rack.clear();
    }

    /// NextSeg() rule 1 (section 4): the first lost segment that was not retransmitted.
    pub fn next_lost(&mut self) -> Option<usize> {
        if self.high_rxt >= self.lost_below {
            return None;
        }
        let from = self.segments.partition_point(|segment| segment.seq < self.high_rxt);
        for index in from..self.segments.len() {
            let segment = self.segments[index];
            if segment.seq >= self.lost_below {
                break;
            }
            if segment.is_due_again() {
                return Some(index);
            }
            self.high_rxt = segment.end;
        }
        None
    }

    /// NextSeg() rule 3: a segment with SACKed ones above it that may be lost.
    pub fn next_doubtful(&self) -> Option<usize> {
        let from = self.segments.partition_point(|segment| segment.seq < self.high_rxt);
        self.segments
            .range(from..)
            .take_while(|segment| segment.end < self.high_sacked)
            .position(|segment| !segment.sacked)
            .map(|position| from + position)
    }

    /// NextSeg() rule 4: the last segment, whose SACK brings the recovery of a lost tail about.
    pub fn last_unsacked(&self) -> Option<usize> {
        self.segments.iter().rposition(|segment| !segment.sacked)
    }

    fn change(&mut self, index: usize, change: impl FnOnce(&mut Sent)) {
        let segment = &mut self.segments[index];
        self.pipe -= segment.in_pipe();
        change(segment);
        self.pipe += segment.in_pipe();
    }
}

#[cfg(test)]
mod tests;
