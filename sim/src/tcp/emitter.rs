//! Segments of a connection, as packets: addresses, IP-ID and the clock of timestamps.

use bytes::Bytes;
use mac::Instant;

use super::seq::Seq;
use crate::packet::{Ecn, Flags, Flow, TcpOptions, TcpSegment};

/// What one direction of a connection puts into every packet.
#[derive(Debug)]
pub(super) struct Emitter {
    flow: Flow,
    /// Linux counts the packets of a socket, from an arbitrary number on.
    identification: u16,
    clock_offset: u32,
}

/// The parts of a segment that differ.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub seq: Seq,
    pub ack: Option<Seq>,
    pub window: u16,
    pub flags: Flags,
    pub ecn: Ecn,
    pub options: TcpOptions,
    pub payload: &'a [u8],
}

impl Emitter {
    /// Arbitrary numbers derive from the initial sequence number, so that all differs where it
    /// does.
    pub fn new(flow: Flow, iss: u32) -> Emitter {
        let hash = iss.wrapping_mul(0x9e37_79b1);
        Emitter { flow, identification: (hash >> 16) as u16, clock_offset: hash.rotate_left(13) }
    }

    pub fn flow(&self) -> Flow {
        self.flow
    }

    /// The clock of TSval, in milliseconds as Linux's.
    pub fn clock(&self, now: Instant) -> u32 {
        ((now.as_nanos() / 1_000_000) as u32).wrapping_add(self.clock_offset)
    }

    pub fn emit(&mut self, parts: Parts) -> Bytes {
        let identification = if parts.flags.syn && parts.ack.is_some() {
            // Linux answers a SYN before there is a socket to count for.
            0
        } else {
            self.identification = self.identification.wrapping_add(1);
            self.identification
        };
        let segment = TcpSegment {
            flow: self.flow,
            ecn: parts.ecn,
            identification,
            seq: parts.seq.wire(),
            ack: parts.ack.map_or(0, Seq::wire),
            window: parts.window,
            flags: Flags { ack: parts.ack.is_some(), ..parts.flags },
            options: parts.options,
        };
        segment.emit(parts.payload)
    }
}
