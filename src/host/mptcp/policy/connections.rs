//! What policies have to remember of connections, from their events.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mac::Instant;

use super::super::address::Endpoint;
use super::super::event::{Event, Path, Subflow, Token};
use super::super::message::Request;

/// The connections of a host, by their tokens.
#[derive(Debug, Default)]
pub struct Connections(BTreeMap<Token, Connection>);

/// A connection.
#[derive(Debug)]
pub struct Connection {
    /// Of its first subflow, open or not.
    pub first: Path,
    /// The peer has opened it: only the peer can join subflows then.
    pub server_side: bool,
    /// It may have more subflows.
    pub established: bool,
    /// In the order in which they were established.
    pub subflows: Vec<Open>,
}

/// A subflow that is open.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    pub subflow: Subflow,
    pub since: Instant,
}

impl Connections {
    pub fn handle(&mut self, now: Instant, event: &Event) {
        match *event {
            Event::Created { token, path, server_side } => {
                let subflow =
                    Subflow { path, local_id: 0, remote_id: 0, backup: false, device: None };
                let subflows = vec![Open { subflow, since: now }];
                let connection =
                    Connection { first: path, server_side, established: false, subflows };
                self.0.insert(token, connection);
            }
            Event::Established { token, .. } => {
                if let Some(connection) = self.0.get_mut(&token) {
                    connection.established = true;
                }
            }
            Event::Closed { token } => drop(self.0.remove(&token)),
            Event::SubflowEstablished { token, subflow } => {
                if let Some(connection) = self.0.get_mut(&token) {
                    connection.subflows.retain(|open| open.subflow.path != subflow.path);
                    connection.subflows.push(Open { subflow, since: now });
                }
            }
            Event::SubflowClosed { token, subflow, .. } => {
                if let Some(connection) = self.0.get_mut(&token) {
                    connection.subflows.retain(|open| open.subflow.path != subflow.path);
                }
            }
            Event::SubflowPriority { token, subflow } => {
                if let Some(open) = self.open_mut(token, subflow.path) {
                    open.subflow.backup = subflow.backup;
                }
            }
            _ => {}
        }
    }

    pub fn get(&self, token: Token) -> Option<&Connection> {
        self.0.get(&token)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Token, &Connection)> {
        self.0.iter().map(|(token, connection)| (*token, connection))
    }

    fn open_mut(&mut self, token: Token, path: Path) -> Option<&mut Open> {
        let connection = self.0.get_mut(&token)?;
        connection.subflows.iter_mut().find(|open| open.subflow.path == path)
    }
}

impl Connection {
    /// The request for one more subflow, from the n-th of our addresses.
    pub fn join(&self, token: Token, addresses: &[IpAddr], ip: IpAddr) -> Request {
        let local = Endpoint::new(ip).with_id(local_id(self.first.local.ip(), addresses, ip));
        Request::CreateSubflow { token, local, remote: Endpoint::of_subflow(self.first.remote) }
    }

    pub fn has_subflow_from(&self, ip: IpAddr) -> bool {
        self.subflows.iter().any(|open| open.subflow.path.local.ip() == ip)
    }
}

/// Identifiers are those of addresses, 0 that of the first subflow's (RFC 8684, section 3.2).
pub fn local_id(first: IpAddr, addresses: &[IpAddr], ip: IpAddr) -> u8 {
    if ip == first {
        return 0;
    }
    let place = addresses.iter().position(|address| *address == ip);
    // Those that nobody has listed come after them.
    place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(u8::MAX)
}

/// For tests of policies.
#[cfg(test)]
pub mod made_up {
    use super::*;

    pub const TOKEN: Token = Token(7);

    pub fn path(local: &str) -> Path {
        let remote: std::net::SocketAddr = "10.77.0.1:5201".parse().unwrap();
        Path { local: local.parse().unwrap(), remote }
    }

    pub fn subflow(local: &str) -> Subflow {
        Subflow { path: path(local), local_id: 1, remote_id: 0, backup: false, device: None }
    }

    /// Of a client that opens a connection by way of this address.
    pub fn established(local: &str) -> [Event; 2] {
        let (token, path, server_side) = (TOKEN, path(local), false);
        [
            Event::Created { token, path, server_side },
            Event::Established { token, path, server_side },
        ]
    }

    pub fn joined(local: &str) -> Event {
        Event::SubflowEstablished { token: TOKEN, subflow: subflow(local) }
    }

    pub fn at_ms(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }
}
