//! Addresses as the path manager has them: with an identifier of eight bits, by which the two ends
//! speak of them (RFC 8684, section 3.4), and flags that say what they are for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result};
use serde::Serialize;

use super::attributes::Attributes;

/// Attributes of an address, as the kernel numbers them (`MPTCP_PM_ADDR_ATTR_…`).
mod kind {
    pub const FAMILY: u16 = 1;
    pub const ID: u16 = 2;
    pub const ADDR4: u16 = 3;
    pub const ADDR6: u16 = 4;
    /// In the host's byte order, other than in events.
    pub const PORT: u16 = 5;
    pub const FLAGS: u16 = 6;
    pub const IF_IDX: u16 = 7;
}

/// Of sockets and addresses: `AF_INET`, `AF_INET6`.
const INET: u16 = 2;
const INET6: u16 = 10;

/// What the path manager of the kernel does with an address (`MPTCP_PM_ADDR_FLAG_…`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EndpointFlags {
    /// Is announced to peers.
    pub signal: bool,
    /// Connections get a subflow from it.
    pub subflow: bool,
    /// Its subflows carry data only when no other can.
    pub backup: bool,
    /// Its subflows go to all addresses that the peer has announced.
    pub fullmesh: bool,
}

/// An address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    pub ip: IpAddr,
    /// Zero: to be chosen by the kernel.
    pub id: u8,
    pub port: Option<u16>,
    pub flags: EndpointFlags,
    /// The number of the device through which its subflows go, if it must be this one.
    pub device: Option<u32>,
}

impl EndpointFlags {
    const SIGNAL: u32 = 1 << 0;
    const SUBFLOW: u32 = 1 << 1;
    const BACKUP: u32 = 1 << 2;
    const FULLMESH: u32 = 1 << 3;

    /// A subflow from this address in each connection.
    pub const fn subflow() -> Self {
        Self { signal: false, subflow: true, backup: false, fullmesh: false }
    }

    fn bits(self) -> u32 {
        let Self { signal, subflow, backup, fullmesh } = self;
        let bit = |set, bit| if set { bit } else { 0 };
        bit(signal, Self::SIGNAL)
            | bit(subflow, Self::SUBFLOW)
            | bit(backup, Self::BACKUP)
            | bit(fullmesh, Self::FULLMESH)
    }

    /// Flags that we do not know stay the kernel's own matter.
    fn from_bits(bits: u32) -> Self {
        Self {
            signal: bits & Self::SIGNAL != 0,
            subflow: bits & Self::SUBFLOW != 0,
            backup: bits & Self::BACKUP != 0,
            fullmesh: bits & Self::FULLMESH != 0,
        }
    }
}

impl Endpoint {
    /// An address with nothing said about it.
    pub fn new(ip: IpAddr) -> Self {
        Self { ip, id: 0, port: None, flags: EndpointFlags::default(), device: None }
    }

    /// One end of a subflow.
    pub fn of_subflow(address: SocketAddr) -> Self {
        Self { port: Some(address.port()).filter(|port| *port != 0), ..Self::new(address.ip()) }
    }

    pub fn with_id(self, id: u8) -> Self {
        Self { id, ..self }
    }

    pub fn with_flags(self, flags: EndpointFlags) -> Self {
        Self { flags, ..self }
    }

    pub(super) fn attributes(&self) -> Attributes {
        let Self { ip, id, port, flags, device } = *self;
        let family = if ip.is_ipv4() { INET } else { INET6 };
        let mut attributes = Attributes::default().with_u16(kind::FAMILY, family);
        if id != 0 {
            attributes = attributes.with(kind::ID, [id]);
        }
        attributes = attributes.with_ip(kind::ADDR4, kind::ADDR6, ip);
        if let Some(port) = port {
            attributes = attributes.with_u16(kind::PORT, port);
        }
        if flags != EndpointFlags::default() {
            attributes = attributes.with_u32(kind::FLAGS, flags.bits());
        }
        if let Some(device) = device {
            attributes = attributes.with_u32(kind::IF_IDX, device);
        }
        attributes
    }

    pub(super) fn parse(attributes: &Attributes) -> Result<Self> {
        let nonzero = |number: &u32| *number != 0;
        Ok(Self {
            ip: attributes.ip(kind::ADDR4, kind::ADDR6)?.context("an endpoint has no address")?,
            id: attributes.u8(kind::ID)?.unwrap_or(0),
            port: attributes.u16(kind::PORT)?.filter(|port| *port != 0),
            flags: EndpointFlags::from_bits(attributes.u32(kind::FLAGS)?.unwrap_or(0)),
            device: attributes.u32(kind::IF_IDX)?.filter(nonzero),
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}", SocketAddr::new(self.ip, port)),
            None => write!(f, "{}", self.ip),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What iproute2 6.1 sends for `ip mptcp endpoint add 10.77.2.2 id 3 dev lo subflow backup`.
    const OF_IPROUTE2: [[u8; 8]; 5] = [
        [5, 0, 2, 0, 3, 0, 0, 0],
        [8, 0, 6, 0, 6, 0, 0, 0],
        [8, 0, 7, 0, 1, 0, 0, 0],
        [6, 0, 1, 0, 2, 0, 0, 0],
        [8, 0, 3, 0, 10, 77, 2, 2],
    ];

    #[test]
    fn an_endpoint_has_the_attributes_that_iproute2_gives_it() {
        let flags = EndpointFlags { backup: true, ..EndpointFlags::subflow() };
        let endpoint = Endpoint { device: Some(1), ..Endpoint::new([10, 77, 2, 2].into()) };
        let endpoint = endpoint.with_id(3).with_flags(flags);
        let sent = Attributes::parse(&OF_IPROUTE2.concat()).unwrap();
        assert_eq!(Endpoint::parse(&sent).unwrap(), endpoint);
        let (ours, mut theirs) = (endpoint.attributes().bytes(), OF_IPROUTE2);
        let mut ours: Vec<&[u8]> = ours.chunks(8).collect();
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn an_endpoint_without_an_address_is_an_error() {
        assert!(Endpoint::parse(&Attributes::default().with(kind::ID, [1])).is_err());
    }

    prop_compose! {
        fn endpoint()(
            ip: IpAddr, id: u8, port: Option<u16>, bits in 0..16u32, device: Option<u32>,
        ) -> Endpoint {
            let flags = EndpointFlags::from_bits(bits);
            let port = port.filter(|port| *port != 0);
            Endpoint { ip, id, port, flags, device: device.filter(|device| *device != 0) }
        }
    }

    proptest! {
        #[test]
        fn endpoints_are_read_as_they_are_written(endpoint in endpoint()) {
            let bytes = endpoint.attributes().bytes();
            prop_assert_eq!(Endpoint::parse(&Attributes::parse(&bytes)?).unwrap(), endpoint);
        }
    }
}
