//! One subflow: a TCP connection, the mapping of its bytes to the stream's, and what is put into and
//! taken out of its segments.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use bytes::Bytes;
use mac::Instant;

use super::config::WINDOW_SHIFT;
use super::data::{Chunk, nearest};
use crate::packet::{Mapping, Multipath, TcpSegment};
use crate::tcp::{Connection, pattern};

/// Bytes that options of pure ACKs may take: SACK blocks make room for the data ACK.
const MAX_OPTIONS: usize = 40;

/// A subflow.
#[derive(Debug)]
pub(super) struct Subflow {
    pub(super) connection: Connection,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// That of the client's address.
    pub(super) address_id: u8,
    /// It is only for when there is no other.
    pub(super) backup: bool,
    /// Our initial sequence number, when it is known.
    iss: Option<u32>,
    /// What it was given to send, and has not been acknowledged.
    sent: VecDeque<Chunk>,
    fed: u64,
    /// What has been announced to come by it, by where in the subflow.
    announced: BTreeMap<u64, Chunk>,
    pub(super) timeouts: u64,
    pub(super) penalised: Instant,
}

/// What a segment told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) data_ack: Option<u32>,
    /// In bytes.
    pub(super) window: u64,
    pub(super) signal: Option<Multipath>,
}

impl Subflow {
    pub(super) fn new(
        connection: Connection,
        local: SocketAddr,
        remote: SocketAddr,
        address_id: u8,
        backup: bool,
    ) -> Self {
        Self {
            connection,
            local,
            remote,
            address_id,
            backup,
            iss: None,
            sent: VecDeque::new(),
            fed: 0,
            announced: BTreeMap::new(),
            timeouts: 0,
            penalised: Instant::ZERO,
        }
    }

    /// Gives it a part of the stream to send.
    pub(super) fn give(&mut self, data: u64, len: u64) {
        self.sent.push_back(Chunk { subflow: self.fed, data, len });
        self.fed += len;
        self.connection.feed(len);
    }

    /// What it has been given and the other side's subflow has not acknowledged.
    pub(super) fn outstanding(&self) -> impl Iterator<Item = &Chunk> {
        self.sent.iter()
    }

    /// Makes a packet of the connection one of the subflow.
    pub(super) fn outgoing(
        &mut self,
        packet: &Bytes,
        data_ack: u64,
        window: u64,
        signal: Option<Multipath>,
    ) -> Bytes {
        let Ok((mut segment, payload)) = TcpSegment::parse(packet) else { return packet.clone() };
        if segment.flags.syn {
            self.iss = Some(segment.seq);
            let (address_id, backup) = (self.address_id, self.backup);
            segment.options.multipath.push(Multipath::Join { address_id, backup });
            return segment.emit(payload);
        }
        let chunk = self.chunk_of(segment.seq).filter(|_| !payload.is_empty());
        let mapping = chunk.map(|(chunk, _)| Mapping {
            data: chunk.data as u32,
            subflow: chunk.subflow as u32 + 1,
            len: chunk.len as u16,
        });
        let data_ack = Some(data_ack as u32);
        segment.options.multipath.push(Multipath::Dss { data_ack, mapping });
        segment.options.multipath.extend(signal);
        segment.window = u16::try_from(window >> WINDOW_SHIFT).unwrap_or(u16::MAX);
        let len = |segment: &TcpSegment| {
            let options = &segment.options;
            let fixed = if options.timestamps.is_some() { 12 } else { 0 };
            let sack = if options.sack.is_empty() { 0 } else { 4 + 8 * options.sack.len() };
            fixed + sack + 8 + 4 * usize::from(signal.is_some())
        };
        while len(&segment) > MAX_OPTIONS && segment.options.sack.pop().is_some() {}
        match chunk {
            Some((chunk, within)) => segment.emit(pattern(chunk.data + within, payload.len())),
            None => segment.emit(payload),
        }
    }

    /// The part of the stream that a segment carries, and how far into it.
    fn chunk_of(&self, seq: u32) -> Option<(Chunk, u64)> {
        let first = self.sent.front()?;
        let offset = nearest(first.subflow, seq.wrapping_sub(self.iss?).wrapping_sub(1));
        let index = self.sent.partition_point(|chunk| chunk.subflow + chunk.len <= offset);
        let chunk = *self.sent.get(index)?;
        Some((chunk, offset.checked_sub(chunk.subflow)?))
    }

    /// Takes a packet of the subflow, and gives its connection what it knows of.
    pub(super) fn incoming(
        &mut self,
        now: Instant,
        mut segment: TcpSegment,
        payload: &[u8],
    ) -> Told {
        let mut told =
            Told { window: u64::from(segment.window) << WINDOW_SHIFT, ..Told::default() };
        let delivered = self.connection.stats().receiver.bytes_delivered;
        for option in segment.options.multipath.take() {
            match option {
                Multipath::Dss { data_ack, mapping } => {
                    told.data_ack = data_ack.filter(|_| !segment.flags.syn);
                    if let Some(Mapping { data, subflow, len }) = mapping {
                        let subflow = nearest(delivered, subflow.wrapping_sub(1));
                        let (data, len) = (u64::from(data), u64::from(len));
                        self.announced.insert(subflow, Chunk { subflow, data, len });
                    }
                }
                signal => told.signal = Some(signal),
            }
        }
        if !segment.flags.syn {
            segment.window = u16::MAX;
        }
        // Damaged ones did not come this far.
        let _ = self.connection.handle_packet(now, &segment.emit(payload));
        let acknowledged = self.connection.stats().sender.bytes_acknowledged;
        while self.sent.front().is_some_and(|chunk| chunk.subflow + chunk.len <= acknowledged) {
            self.sent.pop_front();
        }
        told
    }

    /// The next part of the stream that has come in the order of the subflow.
    pub(super) fn arrived(&mut self, near: u64) -> Option<(u64, u64)> {
        let delivered = self.connection.stats().receiver.bytes_delivered;
        let entry = self.announced.first_entry()?;
        let chunk = *entry.get();
        if chunk.subflow + chunk.len > delivered {
            return None;
        }
        entry.remove();
        Some((nearest(near, chunk.data as u32), chunk.len))
    }
}
