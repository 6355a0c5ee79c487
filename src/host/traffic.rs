//! Goodput: what the hosts got of each flow, told from the packets that they got.
//!
//! Counts what the application will see: of TCP each byte once, however often it was sent. Not
//! here: what is neither TCP nor UDP, and fragments of datagrams.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use mac::Instant;
use serde::Serialize;
use sim::packet::{Datagram, Flow, TcpSegment};

/// The flows so far.
#[derive(Default)]
pub struct Traffic {
    flows: HashMap<Flow, Progress>,
    /// In the order in which they began.
    order: Vec<Flow>,
}

struct Progress {
    first: Instant,
    last: Instant,
    bytes: u64,
    /// Of TCP, the end of what was received: the sequence number after the highest.
    end: Option<u32>,
}

/// What carries a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Tcp,
    Udp,
}

/// What became of a flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowSummary {
    pub protocol: Protocol,
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// Payload.
    pub bytes: u64,
    /// When the first packet with payload came.
    pub begin_s: f64,
    /// From that to the last.
    pub seconds: f64,
    pub goodput_mbps: f64,
    /// Goodput of the built-in TCP in its place, where that was asked for.
    pub built_in_mbps: Option<f64>,
}

/// Flows of less only control something, like the connection by which iperf3 arranges a test.
const BULK: u64 = 10_000;

impl FlowSummary {
    /// Whether it carries what its programs are for.
    pub fn is_bulk(&self) -> bool {
        self.bytes >= BULK && self.seconds > 0.0
    }

    /// When its first packet came.
    pub fn begin(&self) -> Instant {
        Instant::ZERO + Duration::from_secs_f64(self.begin_s)
    }

    /// When its last one did.
    pub fn end(&self) -> Instant {
        self.begin() + Duration::from_secs_f64(self.seconds)
    }
}

impl Traffic {
    /// A host has got a packet.
    pub fn delivered(&mut self, now: Instant, packet: &[u8]) {
        if let Ok((segment, payload)) = TcpSegment::parse(packet) {
            self.count(now, segment.flow, payload.len(), Some(segment.seq));
        } else if let Ok((datagram, payload)) = Datagram::parse(packet) {
            self.count(now, datagram.flow, payload.len(), None);
        }
    }

    fn count(&mut self, now: Instant, flow: Flow, len: usize, seq: Option<u32>) {
        if len == 0 {
            return;
        }
        let progress = self.flows.entry(flow).or_insert_with(|| {
            self.order.push(flow);
            Progress { first: now, last: now, bytes: 0, end: seq }
        });
        progress.last = now;
        match (seq, progress.end) {
            (Some(seq), Some(end)) => {
                let new_end = seq.wrapping_add(len as u32);
                let further = new_end.wrapping_sub(end).cast_signed();
                if further > 0 {
                    progress.bytes += u64::from(further.cast_unsigned());
                    progress.end = Some(new_end);
                }
            }
            _ => progress.bytes += len as u64,
        }
    }

    /// The flows in the order in which they began.
    pub fn summary(&self) -> Vec<FlowSummary> {
        self.order.iter().map(|flow| self.flows[flow].summary(flow)).collect()
    }
}

impl Progress {
    fn summary(&self, flow: &Flow) -> FlowSummary {
        let seconds = self.last.since(self.first).as_secs_f64();
        let mbps = 8e-6 * self.bytes as f64 / seconds;
        FlowSummary {
            protocol: if self.end.is_some() { Protocol::Tcp } else { Protocol::Udp },
            from: flow.source(),
            to: flow.destination(),
            bytes: self.bytes,
            begin_s: self.first.as_secs_f64(),
            seconds,
            goodput_mbps: if seconds > 0.0 { mbps } else { 0.0 },
            built_in_mbps: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sim::packet::{Ecn, Flags, TcpOptions};

    use super::*;

    fn flow() -> Flow {
        Flow::new("10.0.0.1:5201".parse().unwrap(), "10.0.0.2:40000".parse().unwrap())
    }

    fn at_ms(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    fn segment(seq: u32) -> TcpSegment {
        TcpSegment {
            flow: flow(),
            ecn: Ecn::NotEct,
            identification: 0,
            seq,
            ack: 1,
            window: 1000,
            flags: Flags { ack: true, ..Flags::default() },
            options: TcpOptions::default(),
        }
    }

    /// Of packets that come at so many milliseconds.
    fn summary(packets: &[(u64, Bytes)]) -> Vec<FlowSummary> {
        let mut traffic = Traffic::default();
        for (ms, packet) in packets {
            traffic.delivered(at_ms(*ms), packet);
        }
        traffic.summary()
    }

    #[test]
    fn each_byte_of_tcp_counts_once_also_across_the_end_of_sequence_numbers() {
        let data =
            |number: u32| segment(number.wrapping_mul(1000).wrapping_sub(1000)).emit(&[0; 1000]);
        let got = [(0, data(0)), (1, data(2)), (2, data(1)), (3, data(2)), (4, data(3))];
        let [flow] = summary(&got).try_into().expect("one flow");
        assert_eq!((flow.bytes, flow.seconds, flow.goodput_mbps), (4000, 0.004, 8.0));
    }

    #[test]
    fn datagrams_count_as_they_come() {
        let datagram = Datagram { flow: flow(), identification: 0 }.emit(&[0; 500]);
        let [flow] = summary(&[(0, datagram.clone()), (8, datagram)]).try_into().expect("one flow");
        assert_eq!((flow.bytes, flow.goodput_mbps), (1000, 1.0));
    }

    #[test]
    fn acks_and_what_is_no_packet_are_no_flows() {
        let nonsense = Bytes::from_static(&[0x45; 30]);
        assert_eq!(summary(&[(0, segment(7).emit(&[])), (1, nonsense)]), []);
    }
}
