//! What the kernel tells of its MPTCP connections: the messages of the group `mptcp_pm_events`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use serde::Serialize;

use super::attributes::Attributes;
use super::message::Message;

/// Kinds of events, as the kernel numbers them (`MPTCP_EVENT_…`).
mod command {
    pub const CREATED: u8 = 1;
    pub const ESTABLISHED: u8 = 2;
    pub const CLOSED: u8 = 3;
    pub const ANNOUNCED: u8 = 6;
    pub const REMOVED: u8 = 7;
    pub const SUB_ESTABLISHED: u8 = 10;
    pub const SUB_CLOSED: u8 = 11;
    pub const SUB_PRIORITY: u8 = 13;
    pub const LISTENER_CREATED: u8 = 15;
    pub const LISTENER_CLOSED: u8 = 16;
}

/// Attributes of events (`MPTCP_ATTR_…`).
mod kind {
    pub const TOKEN: u16 = 1;
    pub const LOC_ID: u16 = 3;
    pub const REM_ID: u16 = 4;
    pub const SADDR4: u16 = 5;
    pub const SADDR6: u16 = 6;
    pub const DADDR4: u16 = 7;
    pub const DADDR6: u16 = 8;
    /// Ports are in network byte order here.
    pub const SPORT: u16 = 9;
    pub const DPORT: u16 = 10;
    pub const BACKUP: u16 = 11;
    pub const ERROR: u16 = 12;
    pub const IF_IDX: u16 = 15;
    pub const RESET_REASON: u16 = 16;
    pub const SERVER_SIDE: u16 = 18;
}

/// Names a connection at our end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Token(pub u32);

/// The two ends of a subflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Path {
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

/// A subflow in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Subflow {
    #[serde(flatten)]
    pub path: Path,
    pub local_id: u8,
    pub remote_id: u8,
    pub backup: bool,
    /// Number of the device, if it is known.
    pub device: Option<u32>,
}

/// Why a subflow was closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// The error of its socket, numbered as in errno.
    pub error: Option<u8>,
    /// Why the peer has reset it, if its RST says so (RFC 8684, section 3.6).
    pub reset_reason: Option<u32>,
}

/// Something has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// There is a new connection. Its first subflow is being established.
    Created {
        token: Token,
        path: Path,
        server_side: bool,
    },
    /// The connection may have more subflows from now on.
    Established {
        token: Token,
        path: Path,
        server_side: bool,
    },
    Closed {
        token: Token,
    },
    /// The peer has one more address. Port 0 is that of the connection.
    Announced {
        token: Token,
        remote_id: u8,
        address: SocketAddr,
    },
    /// The peer has lost one.
    Removed {
        token: Token,
        remote_id: u8,
    },
    SubflowEstablished {
        token: Token,
        subflow: Subflow,
    },
    SubflowClosed {
        token: Token,
        subflow: Subflow,
        closing: Closing,
    },
    SubflowPriority {
        token: Token,
        subflow: Subflow,
    },
    ListenerCreated {
        address: SocketAddr,
    },
    ListenerClosed {
        address: SocketAddr,
    },
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.local, self.remote)
    }
}

impl Event {
    /// None of a kind of event that this does not know.
    pub fn parse(message: &Message) -> Result<Option<Self>> {
        let attributes = &message.attributes;
        let token = || token(attributes);
        Ok(Some(match message.command {
            command::CREATED => {
                let (path, server_side) = (path(attributes)?, server_side(attributes)?);
                Self::Created { token: token()?, path, server_side }
            }
            command::ESTABLISHED => {
                let (path, server_side) = (path(attributes)?, server_side(attributes)?);
                Self::Established { token: token()?, path, server_side }
            }
            command::CLOSED => Self::Closed { token: token()? },
            command::ANNOUNCED => {
                let remote_id = remote_id(attributes)?.context("it has no identifier")?;
                Self::Announced { token: token()?, remote_id, address: remote(attributes)? }
            }
            command::REMOVED => {
                let remote_id = remote_id(attributes)?.context("it has no identifier")?;
                Self::Removed { token: token()?, remote_id }
            }
            command::SUB_ESTABLISHED => {
                Self::SubflowEstablished { token: token()?, subflow: subflow(attributes)? }
            }
            command::SUB_CLOSED => Self::SubflowClosed {
                token: token()?,
                subflow: subflow(attributes)?,
                closing: Closing {
                    error: attributes.u8(kind::ERROR)?.filter(|error| *error != 0),
                    reset_reason: attributes.u32(kind::RESET_REASON)?,
                },
            },
            command::SUB_PRIORITY => {
                Self::SubflowPriority { token: token()?, subflow: subflow(attributes)? }
            }
            command::LISTENER_CREATED => Self::ListenerCreated { address: local(attributes)? },
            command::LISTENER_CLOSED => Self::ListenerClosed { address: local(attributes)? },
            _ => return Ok(None),
        }))
    }
}

fn token(attributes: &Attributes) -> Result<Token> {
    attributes.u32(kind::TOKEN)?.map(Token).context("an event has no token")
}

fn remote_id(attributes: &Attributes) -> Result<Option<u8>> {
    attributes.u8(kind::REM_ID)
}

fn server_side(attributes: &Attributes) -> Result<bool> {
    Ok(attributes.u8(kind::SERVER_SIDE)?.is_some_and(|side| side != 0))
}

fn local(attributes: &Attributes) -> Result<SocketAddr> {
    let ip = attributes.ip(kind::SADDR4, kind::SADDR6)?.context("an event has no local address")?;
    Ok(SocketAddr::new(canonical(ip), attributes.u16_be(kind::SPORT)?.unwrap_or(0)))
}

fn remote(attributes: &Attributes) -> Result<SocketAddr> {
    let ip = attributes.ip(kind::DADDR4, kind::DADDR6)?.context("an event has no peer")?;
    Ok(SocketAddr::new(canonical(ip), attributes.u16_be(kind::DPORT)?.unwrap_or(0)))
}

fn path(attributes: &Attributes) -> Result<Path> {
    Ok(Path { local: local(attributes)?, remote: remote(attributes)? })
}

fn subflow(attributes: &Attributes) -> Result<Subflow> {
    Ok(Subflow {
        path: path(attributes)?,
        local_id: attributes.u8(kind::LOC_ID)?.unwrap_or(0),
        remote_id: remote_id(attributes)?.unwrap_or(0),
        backup: attributes.u8(kind::BACKUP)?.is_some_and(|backup| backup != 0),
        device: attributes.u32(kind::IF_IDX)?.filter(|device| *device != 0),
    })
}

/// Sockets of IPv6 that listen to IPv4 as well have mapped addresses.
pub(super) fn canonical(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => ip,
        canonical => canonical,
    }
}

#[cfg(test)]
mod tests {
    use netlink_packet_core::ParseableParametrized;
    use netlink_packet_generic::GenlHeader;
    use proptest::prelude::*;

    use super::*;

    fn parse(command: u8, bytes: &[u8]) -> Result<Option<Event>> {
        let header = GenlHeader { cmd: command, version: 1 };
        Event::parse(&Message::parse_with_param(bytes, header)?)
    }

    /// Of Linux 6.18: the peer has joined a subflow from an endpoint that is a backup.
    const SUBFLOW: [[u8; 8]; 9] = [
        [8, 0, 1, 0, 0xb5, 0x72, 0x35, 0x5e],
        [6, 0, 2, 0, 2, 0, 0, 0],
        [8, 0, 5, 0, 10, 77, 0, 1],
        [8, 0, 7, 0, 10, 77, 2, 2],
        [6, 0, 9, 0, 0x14, 0x51, 0, 0],
        [6, 0, 10, 0, 0xa7, 0x1d, 0, 0],
        [5, 0, 3, 0, 0, 0, 0, 0],
        [5, 0, 4, 0, 3, 0, 0, 0],
        [5, 0, 11, 0, 1, 0, 0, 0],
    ];

    fn subflow() -> Subflow {
        let local = "10.77.0.1:5201".parse().unwrap();
        let path = Path { local, remote: "10.77.2.2:42781".parse().unwrap() };
        Subflow { path, local_id: 0, remote_id: 3, backup: true, device: None }
    }

    #[test]
    fn a_subflow_that_is_established_has_its_ends_and_its_priority() {
        let event = parse(command::SUB_ESTABLISHED, &SUBFLOW.concat()).unwrap();
        let token = Token(0x5e35_72b5);
        assert_eq!(event, Some(Event::SubflowEstablished { token, subflow: subflow() }));
    }

    #[test]
    fn a_reset_is_told_with_the_reason_that_the_peer_gives() {
        let closing = [[5, 0, 12, 0, 104, 0, 0, 0], [8, 0, 16, 0, 6, 0, 0, 0]];
        let event = parse(command::SUB_CLOSED, &[SUBFLOW.concat(), closing.concat()].concat());
        let Some(Event::SubflowClosed { closing, .. }) = event.unwrap() else { panic!() };
        assert_eq!(closing, Closing { error: Some(104), reset_reason: Some(6) });
    }

    #[test]
    fn an_event_without_a_token_is_an_error_and_of_an_unknown_kind_is_none() {
        assert!(parse(command::CLOSED, &[]).is_err());
        assert_eq!(parse(99, &[]).unwrap(), None);
    }

    #[test]
    fn mapped_addresses_are_told_as_those_of_ipv4() {
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(canonical(mapped), IpAddr::from([10, 0, 0, 1]));
        let v6: IpAddr = "fd09::1".parse().unwrap();
        assert_eq!(canonical(v6), v6);
    }

    proptest! {
        #[test]
        fn no_event_makes_it_panic(command: u8, bytes: Vec<u8>) {
            let _ = parse(command, &bytes);
        }

        #[test]
        fn nor_does_one_that_is_almost_right(command in 0..20u8, at in 0..72usize, byte: u8) {
            let mut bytes = SUBFLOW.concat();
            bytes[at] = byte;
            let _ = parse(command, &bytes);
        }
    }
}
