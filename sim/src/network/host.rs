use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::Range;

use bytes::Bytes;
use mac::{Instant, MacAddr};

use crate::mptcp;
use crate::packet::destination;
use crate::tcp::Connection;
use crate::udp::{UdpSink, UdpSource};

/// Where a host is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attachment {
    /// It is the host of a node.
    Node(usize),
    /// It is that of a node with several associations, as far as it can be reached by one of them.
    Path { node: usize, ap: MacAddr },
    /// Cables go to nodes.
    Cables(Vec<Cable>),
}

/// A cable between a host and a node: its wires from the host and to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cable {
    pub(super) node: usize,
    pub(super) from_host: usize,
    pub(super) to_host: usize,
}

/// What sends and receives at a host.
#[derive(Debug)]
pub enum Endpoint {
    /// One side of a TCP connection.
    Tcp(Box<Connection>),
    /// A source of datagrams.
    UdpSource(UdpSource),
    /// A sink of datagrams.
    UdpSink(UdpSink),
    /// One side of a multipath connection.
    Multipath(Box<mptcp::Endpoint>),
}

impl Endpoint {
    pub(super) fn receive(&mut self, now: Instant, packet: &Bytes) {
        // A damaged packet is dropped, as by any host.
        let _ = match self {
            Self::Tcp(connection) => connection.handle_packet(now, packet),
            Self::UdpSink(sink) => sink.handle_packet(packet),
            Self::Multipath(endpoint) => endpoint.handle_packet(now, packet),
            Self::UdpSource(_) => Ok(()),
        };
    }

    pub(super) fn poll_transmit(&mut self, now: Instant) -> Option<Bytes> {
        match self {
            Self::Tcp(connection) => connection.poll_transmit(now),
            Self::UdpSource(source) => source.poll_transmit(now),
            Self::Multipath(endpoint) => endpoint.poll_transmit(now),
            Self::UdpSink(_) => None,
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        match self {
            Self::Tcp(connection) => connection.next_timeout(),
            Self::UdpSource(source) => source.next_timeout(),
            Self::Multipath(endpoint) => endpoint.next_timeout(),
            Self::UdpSink(_) => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Tcp(connection) => connection.handle_timeout(now),
            Self::Multipath(endpoint) => endpoint.handle_timeout(now),
            Self::UdpSource(_) | Self::UdpSink(_) => {}
        }
    }

    /// Bytes of the application that have come in order.
    pub fn bytes_delivered(&self) -> u64 {
        match self {
            Self::Tcp(connection) => connection.stats().receiver.bytes_delivered,
            Self::UdpSink(sink) => sink.stats().bytes,
            Self::Multipath(endpoint) => endpoint.stats().bytes_delivered,
            Self::UdpSource(_) => 0,
        }
    }
}

/// A host: an address, and what receives the packets that come to it.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) address: IpAddr,
    pub(super) attachment: Attachment,
    pub(super) kind: HostKind,
}

/// Who answers for a host.
#[derive(Debug)]
pub(super) enum HostKind {
    /// Endpoints of this crate, by their local ports.
    Inside(Vec<(Range<u16>, usize)>),
    /// Somebody outside, who takes what comes to it from here.
    Outside(VecDeque<Bytes>),
}

impl Host {
    /// Its cable to a node.
    pub(super) fn cable_to(&self, node: usize) -> Option<Cable> {
        let Attachment::Cables(cables) = &self.attachment else { return None };
        cables.iter().find(|cable| cable.node == node).copied()
    }

    /// The endpoint that a packet is for.
    pub(super) fn endpoint_for(&self, packet: &[u8]) -> Option<usize> {
        let HostKind::Inside(ports) = &self.kind else { return None };
        let destination = destination(packet)?;
        if destination.ip() != self.address {
            return None;
        }
        let mut ports = ports.iter();
        ports.find(|(ports, _)| ports.contains(&destination.port())).map(|(_, endpoint)| *endpoint)
    }
}
