//! The receiving half of a connection: reassembly, flow control, and when to acknowledge what.
//!
//! RFC 9293 section 3.10.7.4 for what is acceptable, RFC 7323 section 5 for PAWS, RFC 2018 and
//! 2883 for SACK and D-SACK, RFC 3168 section 6.1.3 for echoing congestion marks. With receive
//! offload, the in-order segments of a burst are taken as one, as by Linux's GRO.

mod ack_clock;
mod reassembly;

use arrayvec::ArrayVec;
use bytes::Bytes;
use mac::Instant;

use self::{
    ack_clock::AckClock,
    reassembly::{Arrival, Reassembly},
};
use super::{Config, Reader, ReceiverStats, seq::Seq};
use crate::packet::{Ecn, MAX_SACK_BLOCKS};

/// What GRO makes of a burst is an IP packet at most.
const MAX_BURST: u64 = u16::MAX as u64;

/// The data of a segment.
#[derive(Debug)]
pub(super) struct Incoming<F> {
    pub seq: Seq,
    pub len: u64,
    pub fin: bool,
    pub ecn: Ecn,
    /// Congestion window reduced.
    pub cwr: bool,
    pub payload: F,
}

/// In-order segments that came together.
#[derive(Clone, Copy, Debug, Default)]
struct Burst {
    segments: u32,
    bytes: u64,
}

#[derive(Debug)]
pub(super) struct Receiver {
    /// The first byte of the stream.
    start: Seq,
    reassembly: Reassembly,
    fin: Option<Seq>,
    buffer: u64,
    /// Our window's shift count.
    shift: u8,
    /// The right edge of the window that was announced: never to be taken back.
    edge: Seq,
    clock: AckClock,
    burst: Option<Burst>,
    /// TS.Recent, with timestamps.
    ts_recent: Option<u32>,
    /// Last.ACK.sent.
    last_ack_sent: Seq,
    /// A congestion mark to be echoed until the sender has answered it.
    congestion_experienced: bool,
    /// A segment that had arrived before, for the next ACK to tell (RFC 2883).
    duplicate: Option<(Seq, Seq)>,
    stats: ReceiverStats,
}

impl Receiver {
    /// `start` is the number after the other side's SYN; ours has announced a window.
    pub fn new(config: &Config, start: Seq, shift: u8, ts_recent: Option<u32>) -> Receiver {
        Receiver {
            start,
            reassembly: Reassembly::new(start, config.reader == Reader::Keep),
            fin: None,
            buffer: config.receive_buffer.into(),
            shift,
            edge: start + u64::from(config.syn_window()),
            clock: AckClock::new(config.ack_every, config.ack_delay),
            burst: config.receive_offload.then(Burst::default),
            ts_recent,
            last_ack_sent: start,
            congestion_experienced: false,
            duplicate: None,
            stats: ReceiverStats::default(),
        }
    }

    /// RCV.NXT, behind the FIN if that has come.
    pub fn nxt(&self) -> Seq {
        self.reassembly.nxt() + u64::from(self.is_closed())
    }

    /// Whether the other side has closed, and everything before that has arrived.
    pub fn is_closed(&self) -> bool {
        self.fin == Some(self.reassembly.nxt())
    }

    pub fn stats(&self) -> ReceiverStats {
        ReceiverStats { bytes_delivered: self.reassembly.nxt().since(self.start), ..self.stats }
    }

    pub fn ts_recent(&self) -> Option<u32> {
        self.ts_recent
    }

    pub fn echoes_congestion(&self) -> bool {
        self.congestion_experienced
    }

    pub fn next_timeout(&self) -> Option<Instant> {
        self.clock.deadline()
    }

    /// The next bytes for the application, and whether the sender should hear that there is room
    /// again (RFC 9293 section 3.8.6.2.2).
    pub fn read(&mut self) -> Option<(Bytes, bool)> {
        let room_before = self.edge.since(self.nxt());
        let chunk = self.reassembly.read()?;
        let gained = self.right_edge().since(self.edge);
        Some((chunk, room_before < self.buffer / 2 && gained >= self.buffer / 2))
    }

    /// PAWS (RFC 7323 section 5.3) and the bookkeeping of TS.Recent (section 4.3). Returns whether
    /// the segment is acceptable.
    pub fn accept_timestamp(&mut self, seq: Seq, value: Option<u32>) -> bool {
        let (Some(recent), Some(value)) = (self.ts_recent, value) else { return true };
        let age = value.wrapping_sub(recent).cast_signed();
        if age < 0 {
            return false;
        }
        if seq <= self.last_ack_sent {
            self.ts_recent = Some(value);
        }
        true
    }

    /// Whether a segment of `len` bytes is within the window or repeats what was before it. One
    /// without data is so only from the last ACK on: what is older may ask for an ACK.
    pub fn is_acceptable(&self, seq: Seq, len: u64) -> bool {
        seq + len <= self.edge && (len > 0 || seq >= self.last_ack_sent)
    }

    /// Takes the data or the FIN of an acceptable segment. Returns whether an ACK is due now.
    pub fn on_segment<F: FnOnce() -> Bytes>(
        &mut self,
        now: Instant,
        incoming: Incoming<F>,
    ) -> bool {
        let Incoming { seq, len, fin, ecn, cwr, payload } = incoming;
        self.stats.segments_received += 1;
        if cwr {
            self.congestion_experienced = false;
        }
        self.congestion_experienced |= ecn == Ecn::CongestionExperienced;
        let end = seq + len;
        if fin && !self.is_closed() {
            self.fin = Some(end);
        }
        let arrival = self.reassembly.insert(seq, end, payload);
        match arrival {
            Arrival::InOrder if !fin => return self.on_in_order(now, len),
            Arrival::InOrder | Arrival::FillsGap => {}
            Arrival::OutOfOrder => self.stats.out_of_order += 1,
            Arrival::Duplicate => {
                self.stats.duplicates += u64::from(len > 0);
                self.duplicate = (len > 0).then_some((seq, end));
            }
        }
        // RFC 5681 section 4.2: at once, for the sender counts duplicates and wants to hear that
        // a gap was filled.
        true
    }

    fn on_in_order(&mut self, now: Instant, len: u64) -> bool {
        let Some(burst) = &mut self.burst else { return self.clock.on_in_order(now, 1) };
        burst.segments += 1;
        burst.bytes += len;
        burst.bytes + len > MAX_BURST && self.end_burst(now)
    }

    /// The segments of a burst have all come. Returns whether an ACK is due now.
    pub fn end_burst(&mut self, now: Instant) -> bool {
        let Some(burst) = &mut self.burst else { return false };
        let segments = std::mem::take(burst).segments;
        segments > 0 && self.clock.on_in_order(now, segments)
    }

    fn right_edge(&self) -> Seq {
        let edge = self.nxt() + (self.buffer - self.reassembly.unread().min(self.buffer));
        edge.max(self.edge)
    }

    /// A segment with an ACK goes out: its number and its window.
    pub fn acknowledge(&mut self) -> (Seq, u16) {
        let nxt = self.nxt();
        let window = self.right_edge().since(nxt) >> self.shift;
        let window = u16::try_from(window).unwrap_or(u16::MAX);
        self.edge = self.edge.max(nxt + (u64::from(window) << self.shift));
        self.last_ack_sent = nxt;
        self.clock.on_ack_sent();
        self.burst = self.burst.map(|_| Burst::default());
        self.stats.acks_sent += 1;
        (nxt, window)
    }

    /// What a pure ACK tells beyond its number, in `most` blocks.
    pub fn sack_blocks(&mut self, most: usize) -> ArrayVec<(u32, u32), MAX_SACK_BLOCKS> {
        let duplicate = self.duplicate.take();
        let room = most - duplicate.iter().len();
        let blocks = self.reassembly.sack_blocks::<MAX_SACK_BLOCKS>(room);
        let reported = duplicate.into_iter().chain(blocks);
        reported.map(|(start, end)| (start.wire(), end.wire())).collect()
    }
}
