//! One side of a connection: subflows come and go, and the stream is divided among them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use mac::Instant;

use super::data::{Inbound, Outbound};
use super::subflow::Subflow;
use super::{Config, Reinjection};
use crate::packet::{Multipath, PacketError, TcpSegment};
use crate::tcp::{Connection, Coupling};

/// How often a signal goes out, for it is not acknowledged.
const SIGNALLED: u8 = 3;
/// A subflow is penalised once in this time at most, if its round trip is not known.
const PENALTY: Duration = Duration::from_millis(100);

/// One side of a multipath connection.
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    role: Role,
    subflows: Vec<Subflow>,
    out: Outbound,
    inbound: Inbound,
    /// Signals to be sent, and how often still.
    signals: Vec<(Multipath, u8)>,
    reinjected: u64,
}

#[derive(Debug)]
enum Role {
    Client { remote: SocketAddr, paths: Vec<Path>, ports: std::ops::Range<u16> },
    Server { local: SocketAddr },
}

/// An address that a client has.
#[derive(Debug)]
struct Path {
    address: IpAddr,
    up: bool,
    backup: bool,
}

/// Counters of a connection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Bytes that have come in order.
    pub bytes_delivered: u64,
    /// Bytes that came more than once.
    pub bytes_duplicate: u64,
    /// Bytes that have been acknowledged.
    pub bytes_acknowledged: u64,
    /// Segments that went out by another subflow as well.
    pub reinjected: u64,
    /// The subflows that there are.
    pub subflows: Vec<SubflowStats>,
}

/// Counters of a subflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubflowStats {
    /// The client's address.
    pub address: IpAddr,
    /// It is only for when there is no other.
    pub backup: bool,
    /// Of its TCP connection.
    pub tcp: crate::tcp::Stats,
}

impl Endpoint {
    /// A client with these addresses, none of which can be used yet: [`path_up`](Self::path_up).
    /// Each subflow has a port of its own.
    pub fn connect(
        config: Config,
        addresses: Vec<IpAddr>,
        ports: std::ops::Range<u16>,
        remote: SocketAddr,
    ) -> Self {
        let path = |address| Path { address, up: false, backup: false };
        let paths = addresses.into_iter().map(path).collect();
        Self::new(config, Role::Client { remote, paths, ports })
    }

    /// A server at one address.
    pub fn listen(config: Config, local: SocketAddr) -> Self {
        Self::new(config, Role::Server { local })
    }

    fn new(config: Config, role: Role) -> Self {
        Self {
            out: Outbound::new(config.transfer, config.send_buffer),
            inbound: Inbound::new(config.receive_buffer),
            config,
            role,
            subflows: vec![],
            signals: vec![],
            reinjected: 0,
        }
    }

    /// One of a client's addresses can be used: a subflow is opened from it.
    pub fn path_up(&mut self, now: Instant, address: IpAddr) {
        self.close_subflows(address);
        let config = self.config.subflow();
        let Role::Client { remote, paths, ports } = &mut self.role else { return };
        let Some(id) = paths.iter().position(|path| path.address == address) else { return };
        let (Some(port), path) = (ports.next(), &mut paths[id]) else { return };
        path.up = true;
        let (local, remote) = (SocketAddr::new(address, port), *remote);
        let connection = Connection::connect(config, local, remote, now);
        self.subflows.push(Subflow::new(connection, local, remote, id as u8, path.backup));
    }

    /// One of a client's addresses can be used no longer.
    pub fn path_down(&mut self, now: Instant, address: IpAddr) {
        let Role::Client { paths, .. } = &mut self.role else { return };
        let Some(id) = paths.iter().position(|path| path.address == address) else { return };
        paths[id].up = false;
        self.close_subflows(address);
        self.signal(now, Multipath::RemoveAddress { address_id: id as u8 });
    }

    /// One of a client's addresses is only for when there is no other, or no longer.
    pub fn path_backup(&mut self, now: Instant, address: IpAddr, backup: bool) {
        let Role::Client { paths, .. } = &mut self.role else { return };
        let Some(id) = paths.iter().position(|path| path.address == address) else { return };
        paths[id].backup = backup;
        let ours = self.subflows.iter_mut().filter(|subflow| subflow.local.ip() == address);
        ours.for_each(|subflow| subflow.backup = backup);
        self.signal(now, Multipath::Priority { address_id: id as u8, backup });
    }

    /// A packet has come. What is not of this connection is ignored.
    ///
    /// # Errors
    /// If it is no TCP segment or damaged: it is dropped.
    pub fn handle_packet(&mut self, now: Instant, packet: &Bytes) -> Result<(), PacketError> {
        let (segment, payload) = TcpSegment::parse(packet)?;
        let (local, remote) = (segment.flow.destination(), segment.flow.source());
        let known = |subflow: &Subflow| (subflow.local, subflow.remote) == (local, remote);
        let index = match self.subflows.iter().position(known) {
            Some(index) => index,
            None => match self.join(&segment) {
                Some(index) => index,
                None => return Ok(()),
            },
        };
        let told = self.subflows[index].incoming(now, segment, payload);
        while let Some((data, len)) = self.subflows[index].arrived(self.inbound.next) {
            self.inbound.insert(data, len);
        }
        if let Some(data_ack) = told.data_ack {
            let data_ack = super::data::nearest(self.out.una, data_ack);
            self.out.acknowledged(data_ack, told.window);
        }
        self.obey(told.signal);
        self.couple();
        Ok(())
    }

    /// Another subflow, if a segment asks a server for it. It takes the place of one that the same
    /// address had before.
    fn join(&mut self, segment: &TcpSegment) -> Option<usize> {
        let Role::Server { local } = self.role else { return None };
        let flags = segment.flags;
        if segment.flow.destination() != local || !flags.syn || flags.ack || flags.rst {
            return None;
        }
        let join = segment.options.multipath.first().copied();
        let (address_id, backup) = match join {
            Some(Multipath::Join { address_id, backup }) => (address_id, backup),
            _ => return None,
        };
        let remote = segment.flow.source();
        self.close_subflows(remote.ip());
        let connection = Connection::listen(self.config.subflow(), local);
        self.subflows.push(Subflow::new(connection, local, remote, address_id, backup));
        Some(self.subflows.len() - 1)
    }

    fn obey(&mut self, signal: Option<Multipath>) {
        match signal {
            Some(Multipath::RemoveAddress { address_id }) => {
                let of_it = |subflow: &&Subflow| subflow.address_id == address_id;
                if let Some(address) = self.subflows.iter().find(of_it).map(|s| s.remote.ip()) {
                    self.close_subflows(address);
                }
            }
            Some(Multipath::Priority { address_id, backup }) => {
                let opportunistic = self.config.reinjection == Reinjection::Opportunistic;
                let Self { subflows, out, .. } = self;
                for subflow in subflows.iter_mut().filter(|s| s.address_id == address_id) {
                    let becomes_one = backup && !std::mem::replace(&mut subflow.backup, backup);
                    subflow.backup = backup;
                    if becomes_one && opportunistic {
                        // Who is about to leave an AP will not wait for what is lost there.
                        subflow.outstanding().for_each(|chunk| out.resend(chunk.data, chunk.len));
                    }
                }
            }
            _ => {}
        }
    }

    /// The subflows of an address of the client are gone; what was on them goes by others.
    fn close_subflows(&mut self, address: IpAddr) {
        let Self { subflows, out, .. } = self;
        subflows.retain(|subflow| {
            let closed = subflow.local.ip() == address || subflow.remote.ip() == address;
            if closed {
                subflow.outstanding().for_each(|chunk| out.resend(chunk.data, chunk.len));
            }
            !closed
        });
    }

    /// Has the other side told something by whatever goes out next, or by an ACK.
    fn signal(&mut self, now: Instant, signal: Multipath) {
        self.signals.push((signal, SIGNALLED));
        for subflow in &mut self.subflows {
            subflow.connection.acknowledge(now);
        }
    }

    /// RFC 6356 section 3.
    fn couple(&mut self) {
        let open = || self.subflows.iter().filter(|subflow| subflow.connection.is_open());
        let stats = || open().map(|subflow| subflow.connection.stats().sender);
        let total: u64 = stats().map(|stats| stats.cwnd).sum();
        let rates = || {
            stats().filter_map(|stats| {
                let rtt = stats.srtt?.as_secs_f64().max(1e-6);
                Some((stats.cwnd as f64, rtt))
            })
        };
        let best = rates().map(|(cwnd, rtt)| cwnd / (rtt * rtt)).fold(0.0, f64::max);
        let sum: f64 = rates().map(|(cwnd, rtt)| cwnd / rtt).sum();
        if sum > 0.0 {
            let coupling = Coupling { alpha: total as f64 * best / (sum * sum), total };
            self.subflows.iter_mut().for_each(|subflow| subflow.connection.couple(coupling));
        }
    }

    /// The next packet to send, until there is none for now.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Bytes> {
        self.divide(now);
        let Self { subflows, inbound, signals, .. } = self;
        for subflow in subflows {
            let Some(packet) = subflow.connection.poll_transmit(now) else { continue };
            let signal = signals.first_mut().map(|(signal, times)| {
                *times -= 1;
                *signal
            });
            signals.retain(|(_, times)| *times > 0);
            return Some(subflow.outgoing(&packet, inbound.next, inbound.window(), signal));
        }
        None
    }

    /// Gives the stream to subflows that have room, the one of the least round-trip time first.
    fn divide(&mut self, now: Instant) {
        let smss = u64::from(self.config.subflow().mss);
        let smss = if self.config.tcp.timestamps { smss - 12 } else { smss };
        while let Some(best) = self.best() {
            if let Some((data, len)) = self.out.take_again() {
                self.reinjected += 1;
                self.subflows[best].give(data, len);
            } else if let Some((data, len)) = self.out.take_new(smss) {
                self.subflows[best].give(data, len);
            } else if !self.overtake(now, best) {
                break;
            }
        }
    }

    /// The subflow that is next: of those with room that with the least round-trip time, backups
    /// only if nothing else is open.
    fn best(&self) -> Option<usize> {
        let open = |subflow: &&Subflow| subflow.connection.is_open();
        let backups = self.subflows.iter().filter(open).all(|subflow| subflow.backup);
        let with_room =
            self.subflows.iter().enumerate().filter(|(_, subflow)| {
                subflow.connection.has_room() && (backups || !subflow.backup)
            });
        let srtt = |subflow: &Subflow| subflow.connection.stats().sender.srtt;
        let best = with_room.min_by_key(|(_, subflow)| srtt(subflow).unwrap_or_default());
        best.map(|(index, _)| index)
    }

    /// Opportunistic retransmission: the segment that the window waits for goes out by a subflow
    /// with room, and the one that it is on is penalised. Whether there was one.
    fn overtake(&mut self, now: Instant, best: usize) -> bool {
        if self.config.reinjection != Reinjection::Opportunistic || !self.out.is_blocked() {
            return false;
        }
        let una = self.out.una;
        let is_due = |subflow: &Subflow| {
            subflow.outstanding().find(|chunk| chunk.data <= una && una < chunk.data_end()).copied()
        };
        if is_due(&self.subflows[best]).is_some() {
            return false;
        }
        let mut due = self.subflows.iter().enumerate();
        let Some((index, chunk)) = due.find_map(|(i, s)| Some((i, is_due(s)?))) else {
            return false;
        };
        let slow = &mut self.subflows[index];
        let srtt = slow.connection.stats().sender.srtt.unwrap_or(PENALTY);
        if now.since(slow.penalised) > srtt {
            slow.penalised = now;
            slow.connection.penalise();
        }
        self.reinjected += 1;
        self.subflows[best].give(chunk.data, chunk.len);
        true
    }

    /// When [`Self::handle_timeout`] is to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.subflows.iter().filter_map(|subflow| subflow.connection.next_timeout()).min()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Self { subflows, out, .. } = self;
        for subflow in subflows.iter_mut() {
            subflow.connection.handle_timeout(now);
            let timeouts = subflow.connection.stats().sender.timeouts;
            if std::mem::replace(&mut subflow.timeouts, timeouts) < timeouts {
                subflow.outstanding().for_each(|chunk| out.resend(chunk.data, chunk.len));
            }
        }
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        let is_client = matches!(self.role, Role::Client { .. });
        let subflow = |subflow: &Subflow| SubflowStats {
            address: if is_client { subflow.local.ip() } else { subflow.remote.ip() },
            backup: subflow.backup,
            tcp: subflow.connection.stats(),
        };
        Stats {
            bytes_delivered: self.inbound.next,
            bytes_duplicate: self.inbound.duplicate,
            bytes_acknowledged: self.out.una,
            reinjected: self.reinjected,
            subflows: self.subflows.iter().map(subflow).collect(),
        }
    }
}
