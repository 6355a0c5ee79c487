//! Messages of the generic netlink family `mptcp_pm`, and the requests among them.

use std::fmt;

use anyhow::Result;
use netlink_packet_core::{DecodeError, Emitable, ParseableParametrized};
use netlink_packet_generic::{GenlFamily, GenlHeader};
use serde::Serialize;

use super::address::Endpoint;
use super::attributes::Attributes;
use super::event::{Path, Token};

/// Name of the family.
pub const FAMILY: &str = "mptcp_pm";
/// Name of its group of listeners.
pub const EVENTS: &str = "mptcp_pm_events";
const VERSION: u8 = 1;

/// Requests, as the kernel numbers them (`MPTCP_PM_CMD_…`).
mod command {
    pub const ADD_ADDR: u8 = 1;
    pub const DEL_ADDR: u8 = 2;
    pub const GET_ADDR: u8 = 3;
    pub const SET_LIMITS: u8 = 5;
    pub const GET_LIMITS: u8 = 6;
    pub const SET_FLAGS: u8 = 7;
    pub const ANNOUNCE: u8 = 8;
    pub const REMOVE: u8 = 9;
    pub const SUBFLOW_CREATE: u8 = 10;
    pub const SUBFLOW_DESTROY: u8 = 11;
}

/// Attributes of requests and of what answers them (`MPTCP_PM_ATTR_…`).
mod kind {
    pub const ADDR: u16 = 1;
    pub const RCV_ADD_ADDRS: u16 = 2;
    pub const SUBFLOWS: u16 = 3;
    pub const TOKEN: u16 = 4;
    pub const LOC_ID: u16 = 5;
    pub const ADDR_REMOTE: u16 = 6;
}

/// A message: a request, an answer, or an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub command: u8,
    pub attributes: Attributes,
}

/// How many subflows connections of the kernel's path manager may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Addresses of the peer that are used.
    pub add_addr_accepted: u32,
    /// Subflows beyond the first.
    pub subflows: u32,
}

/// What the kernel can be asked for. Those with a token are for connections under the path manager
/// in user space (`net.mptcp.path_manager=userspace`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    AddEndpoint(Endpoint),
    DeleteEndpoint(Endpoint),
    GetEndpoints,
    SetLimits(Limits),
    GetLimits,
    /// The flags of an endpoint, and the priorities of its subflows (MP_PRIO).
    SetFlags(Endpoint),
    /// The priority of one subflow (MP_PRIO).
    SetPriority {
        token: Token,
        path: Path,
        backup: bool,
    },
    /// Tells the peer of an address (ADD_ADDR).
    Announce {
        token: Token,
        address: Endpoint,
    },
    /// Tells the peer that an address is no more (REMOVE_ADDR), and closes its subflows.
    Remove {
        token: Token,
        local_id: u8,
    },
    /// Joins a subflow to a connection (MP_JOIN).
    CreateSubflow {
        token: Token,
        local: Endpoint,
        remote: Endpoint,
    },
    /// Resets a subflow.
    DestroySubflow {
        token: Token,
        path: Path,
    },
}

impl Request {
    pub fn message(&self) -> Message {
        let none = Attributes::default();
        let (command, attributes) = match *self {
            Self::AddEndpoint(it) => (command::ADD_ADDR, endpoint(&it)),
            Self::DeleteEndpoint(it) => (command::DEL_ADDR, endpoint(&it)),
            Self::GetEndpoints => (command::GET_ADDR, none),
            Self::SetLimits(it) => (command::SET_LIMITS, it.attributes()),
            Self::GetLimits => (command::GET_LIMITS, none),
            Self::SetFlags(it) => (command::SET_FLAGS, endpoint(&it)),
            Self::SetPriority { token, path, backup } => {
                let mut local = Endpoint::of_subflow(path.local);
                local.flags.backup = backup;
                let remote = Endpoint::of_subflow(path.remote);
                (command::SET_FLAGS, of_connection(token, &local, Some(&remote)))
            }
            Self::Announce { token, mut address } => {
                address.flags.signal = true;
                (command::ANNOUNCE, of_connection(token, &address, None))
            }
            Self::Remove { token, local_id } => {
                let attributes = none.with_u32(kind::TOKEN, token.0);
                (command::REMOVE, attributes.with(kind::LOC_ID, [local_id]))
            }
            Self::CreateSubflow { token, local, remote } => {
                (command::SUBFLOW_CREATE, of_connection(token, &local, Some(&remote)))
            }
            Self::DestroySubflow { token, path } => {
                let local = Endpoint::of_subflow(path.local);
                let remote = Endpoint::of_subflow(path.remote);
                (command::SUBFLOW_DESTROY, of_connection(token, &local, Some(&remote)))
            }
        };
        Message { command, attributes }
    }

    /// Whether more than one message answers it.
    pub fn is_dump(&self) -> bool {
        matches!(self, Self::GetEndpoints)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddEndpoint(endpoint) => write!(f, "add endpoint {endpoint}"),
            Self::DeleteEndpoint(endpoint) => write!(f, "delete endpoint {endpoint}"),
            Self::GetEndpoints => write!(f, "list endpoints"),
            Self::SetLimits(Limits { add_addr_accepted, subflows }) => {
                write!(f, "limits: {subflows} subflows, {add_addr_accepted} addresses of peers")
            }
            Self::GetLimits => write!(f, "tell limits"),
            Self::SetFlags(endpoint) => write!(f, "change endpoint {endpoint}"),
            Self::SetPriority { path, backup: true, .. } => write!(f, "make {path} a backup"),
            Self::SetPriority { path, .. } => write!(f, "make {path} no backup"),
            Self::Announce { address, .. } => write!(f, "announce {address}"),
            Self::Remove { local_id, .. } => write!(f, "take back address {local_id}"),
            Self::CreateSubflow { local, remote, .. } => {
                write!(f, "open a subflow {local} to {remote}")
            }
            Self::DestroySubflow { path, .. } => write!(f, "close {path}"),
        }
    }
}

fn endpoint(endpoint: &Endpoint) -> Attributes {
    Attributes::default().with_nested(kind::ADDR, &endpoint.attributes())
}

fn of_connection(token: Token, local: &Endpoint, remote: Option<&Endpoint>) -> Attributes {
    let attributes = endpoint(local).with_u32(kind::TOKEN, token.0);
    match remote {
        Some(remote) => attributes.with_nested(kind::ADDR_REMOTE, &remote.attributes()),
        None => attributes,
    }
}

impl Limits {
    fn attributes(self) -> Attributes {
        let attributes =
            Attributes::default().with_u32(kind::RCV_ADD_ADDRS, self.add_addr_accepted);
        attributes.with_u32(kind::SUBFLOWS, self.subflows)
    }

    pub fn parse(message: &Message) -> Result<Self> {
        let number = |kind| message.attributes.u32(kind).map(Option::unwrap_or_default);
        Ok(Self {
            add_addr_accepted: number(kind::RCV_ADD_ADDRS)?,
            subflows: number(kind::SUBFLOWS)?,
        })
    }
}

impl Message {
    /// The endpoint of an answer.
    pub fn endpoint(&self) -> Result<Option<Endpoint>> {
        let address = self.attributes.nested(kind::ADDR)?;
        address.map(|address| Endpoint::parse(&address)).transpose()
    }
}

impl GenlFamily for Message {
    fn family_name() -> &'static str {
        FAMILY
    }

    fn command(&self) -> u8 {
        self.command
    }

    fn version(&self) -> u8 {
        VERSION
    }
}

impl Emitable for Message {
    fn buffer_len(&self) -> usize {
        self.attributes.buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.attributes.emit(buffer);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Message {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(Self { command: header.cmd, attributes: Attributes::parse(bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_names_the_subflow_by_both_its_ends_with_their_ports() {
        let path = Path {
            local: "10.77.2.2:40001".parse().unwrap(),
            remote: "10.77.0.1:5201".parse().unwrap(),
        };
        let request = Request::SetPriority { token: Token(0x0102_0304), path, backup: true };
        let Message { command, attributes } = request.message();
        assert_eq!(command, 7);
        let local = [
            [6, 0, 1, 0, 2, 0, 0, 0],
            [8, 0, 3, 0, 10, 77, 2, 2],
            [6, 0, 5, 0, 0x41, 0x9c, 0, 0],
            [8, 0, 6, 0, 4, 0, 0, 0],
        ];
        let remote =
            [[6, 0, 1, 0, 2, 0, 0, 0], [8, 0, 3, 0, 10, 77, 0, 1], [6, 0, 5, 0, 0x51, 0x14, 0, 0]];
        let expected = [
            &[36, 0, 1, 0x80],
            &local.concat()[..],
            &[8, 0, 4, 0, 4, 3, 2, 1],
            &[28, 0, 6, 0x80],
            &remote.concat(),
        ];
        assert_eq!(attributes.bytes(), expected.concat());
    }

    #[test]
    fn limits_are_read_as_they_are_written() {
        let limits = Limits { add_addr_accepted: 4, subflows: 3 };
        assert_eq!(Limits::parse(&Request::SetLimits(limits).message()).unwrap(), limits);
    }
}
