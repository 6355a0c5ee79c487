//! The chain of headers before TCP, and their items in the static, dynamic, replicate and irregular
//! chains (RFC 6846 sections 6.2 and 8.2). Headers are kept as they are on the network; each kind of
//! header has a file, in which each item is written once for both directions (see [`Coder`]).

mod ah;
mod extension;
mod gre;
mod ip;
mod kind;
mod mine;

use kind::Kind;

use super::coder::{Coder, Reader};
use super::fields::{Fields, IpIdBehavior};
use crate::{Error, Native};

/// Most headers before TCP that a context holds: IP headers, extension headers, GRE and so on.
pub const MAX_HEADERS: usize = 16;
/// Most octets of them.
pub const MAX_CHAIN: usize = 512;

const IPPROTO_TCP: u8 = 6;

/// One header of a chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Header {
    kind: Kind,
    start: u16,
    length: u16,
    /// `ip_id_behavior_outer`; of the innermost IP header, see [`Fields`].
    behavior: IpIdBehavior,
}

impl Header {
    fn range(&self) -> std::ops::Range<usize> {
        self.start.into()..usize::from(self.start) + usize::from(self.length)
    }
}

/// Where the headers before TCP are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Layout {
    headers: [Header; MAX_HEADERS],
    count: usize,
    innermost: usize,
    /// Octets of all headers.
    length: usize,
}

/// Parameters of the irregular chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Irregular {
    pub ecn_used: bool,
    pub ttl_irregular_chain_flag: bool,
}

impl Layout {
    /// The headers of a packet up to TCP.
    pub fn of_packet(packet: &[u8]) -> Result<Self, Native> {
        let version = packet.first().copied().unwrap_or_default();
        let mut kind = Kind::of_version(version).ok_or(Native::Malformed)?;
        let mut layout = Self::default();
        loop {
            let octets = &packet[layout.length..];
            let length = kind.check(octets)?;
            layout.push(kind, length).map_err(|_| Native::ChainTooLong)?;
            let protocol = kind.next(&octets[..length]);
            if protocol == IPPROTO_TCP {
                return Ok(layout);
            }
            kind = Kind::of_protocol(protocol).ok_or(Native::Protocol(protocol))?;
        }
    }

    fn push(&mut self, kind: Kind, length: usize) -> Result<(), Error> {
        if self.count == MAX_HEADERS || self.length + length > MAX_CHAIN {
            return Err(Error::ChainTooLong);
        }
        if kind.is_ip() {
            self.innermost = self.count;
        }
        let (start, length_16) = (self.length as u16, length as u16);
        let behavior = IpIdBehavior::default();
        self.headers[self.count] = Header { kind, start, length: length_16, behavior };
        self.count += 1;
        self.length += length;
        Ok(())
    }

    /// Octets of all headers.
    pub fn length(&self) -> usize {
        self.length
    }

    fn headers(&self) -> &[Header] {
        &self.headers[..self.count]
    }

    fn innermost(&self) -> &Header {
        &self.headers[self.innermost]
    }

    /// IP version of the innermost header.
    pub fn version(&self) -> u8 {
        if self.innermost().kind == Kind::Ipv4 { 4 } else { 6 }
    }

    /// Whether the innermost IP header is the only header before TCP.
    pub fn is_plain(&self) -> bool {
        self.count == 1
    }

    /// Takes the fields of the innermost IP header into `fields`.
    pub fn take_innermost(&self, chain: &[u8], fields: &mut Fields) {
        let header = self.innermost();
        ip::take(header.kind, &chain[header.range()], fields);
    }

    /// Puts `fields` into the innermost IP header.
    pub fn put_innermost(&self, chain: &mut [u8], fields: &Fields) {
        let header = self.innermost();
        ip::put(header.kind, &mut chain[header.range()], fields);
    }

    /// Sets what is inferred: lengths, and checksums of headers.
    pub fn infer(&self, packet: &mut [u8]) {
        let total = packet.len();
        for header in self.headers() {
            let octets = &mut packet[header.range()];
            let behind = total - usize::from(header.start);
            match header.kind {
                Kind::Ipv4 => ip::infer_v4(octets, behind),
                Kind::Ipv6 => ip::infer_v6(octets, behind),
                Kind::Mine => mine::infer(octets),
                _ => {}
            }
        }
    }

    /// Whether the static chains of two packets are the same.
    pub fn same_static(&self, chain: &[u8], other: &Self, other_chain: &[u8]) -> bool {
        self.count == other.count
            && self.headers().iter().zip(other.headers()).all(|(one, two)| {
                one.kind == two.kind
                    && one.kind.same_static(&chain[one.range()], &other_chain[two.range()])
            })
    }

    /// What of the packets of a flow tells it from others, apart from ports: enough to hash.
    pub fn flow_octets<'a>(&self, chain: &'a [u8]) -> &'a [u8] {
        let header = self.innermost();
        &chain[header.range()][if header.kind == Kind::Ipv4 { 12..20 } else { 8..40 }]
    }

    /// How the outer and extension headers of a packet differ from those of the packet before.
    pub fn changes(&self, new: &[u8], old: &[u8]) -> ChainChanges {
        let mut changes = ChainChanges::default();
        for (number, header) in self.headers().iter().enumerate() {
            let (new, old) = (&new[header.range()], &old[header.range()]);
            match header.kind {
                _ if number == self.innermost => {}
                Kind::Ipv4 | Kind::Ipv6 => {
                    changes.outer_tos |= ip::tos(header.kind, new) != ip::tos(header.kind, old);
                    changes.outer_ttl |= ip::ttl(header.kind, new) != ip::ttl(header.kind, old);
                    changes.dynamic |= header.kind == Kind::Ipv4
                        && (new[6] != old[6] || ip::outer_behavior(new) != header.behavior);
                }
                Kind::IpHopOpt | Kind::IpDestOpt => changes.dynamic |= new != old,
                Kind::Gre => changes.dynamic |= gre::jumped(new, old),
                Kind::Ah => changes.dynamic |= ah::jumped(new, old),
                Kind::IpRoutOpt | Kind::Mine => {}
            }
        }
        changes
    }

    /// Sets the IP-ID behavior of outer headers to what suits this packet.
    pub fn settle_outer_behavior(&mut self, chain: &[u8]) {
        for header in &mut self.headers[..self.innermost] {
            if header.kind == Kind::Ipv4 {
                header.behavior = ip::outer_behavior(&chain[header.range()]);
            }
        }
    }

    /// The static chain without TCP. The decompressor gets the headers, with zeros for the rest.
    pub fn static_chain<C: Coder>(&mut self, c: &mut C, chain: &mut [u8]) -> Result<(), Error> {
        for header in self.headers() {
            static_item(c, header.kind, &mut chain[header.range()])?;
        }
        Ok(())
    }

    /// Reads a static chain up to TCP's item.
    pub fn read_static_chain(r: &mut Reader<'_>, chain: &mut [u8]) -> Result<Self, Error> {
        let mut layout = Self::default();
        let mut kind = if r.peek()? & 0x80 == 0 { Kind::Ipv4 } else { Kind::Ipv6 };
        loop {
            let room = &mut chain[layout.length..];
            room.fill(0);
            let length = static_item(r, kind, room)?;
            let protocol = kind.next(room);
            layout.push(kind, length)?;
            if protocol == IPPROTO_TCP {
                return Ok(layout);
            }
            let position = layout.count;
            kind =
                Kind::of_protocol(protocol).ok_or(Error::UnknownHeader { protocol, position })?;
        }
    }

    /// The dynamic chain without TCP. The behavior of the innermost IP-ID is in `fields`.
    pub fn dynamic_chain<C: Coder>(
        &mut self,
        c: &mut C,
        chain: &mut [u8],
        fields: &mut Fields,
    ) -> Result<(), Error> {
        let innermost = self.innermost;
        for (number, header) in self.headers[..self.count].iter_mut().enumerate() {
            let octets = &mut chain[header.range()];
            let behavior =
                if number == innermost { &mut fields.ip_id_behavior } else { &mut header.behavior };
            match header.kind {
                Kind::Ipv4 => ip::dynamic_v4(c, octets, behavior)?,
                Kind::Ipv6 => {
                    ip::dynamic_v6(c, octets)?;
                    *behavior = IpIdBehavior::Random;
                }
                Kind::IpHopOpt | Kind::IpDestOpt => c.octets(&mut octets[2..])?,
                Kind::Gre => gre::dynamic(c, octets)?,
                Kind::Ah => ah::dynamic(c, octets)?,
                Kind::IpRoutOpt | Kind::Mine => {}
            }
        }
        Ok(())
    }

    /// The irregular chain without TCP, on headers that are as in the context for the decompressor.
    pub fn irregular_chain<C: Coder>(
        &self,
        c: &mut C,
        chain: &mut [u8],
        fields: &mut Fields,
        irregular: Irregular,
    ) -> Result<(), Error> {
        for (number, header) in self.headers().iter().enumerate() {
            let octets = &mut chain[header.range()];
            match header.kind {
                Kind::Ipv4 if number == self.innermost => ip::innermost_irregular(c, fields)?,
                Kind::Ipv6 if number == self.innermost => {}
                Kind::Ipv4 => ip::outer_irregular_v4(c, octets, header.behavior, irregular)?,
                Kind::Ipv6 => ip::outer_irregular_v6(c, octets, irregular)?,
                Kind::Gre => gre::irregular(c, octets)?,
                Kind::Ah => ah::irregular(c, octets)?,
                Kind::IpHopOpt | Kind::IpDestOpt | Kind::IpRoutOpt | Kind::Mine => {}
            }
        }
        Ok(())
    }

    /// Reads a replicate chain without TCP: the headers of the base context with what it changes.
    pub fn read_replicate_chain(
        &self,
        r: &mut Reader<'_>,
        base: &[u8],
        chain: &mut [u8],
        fields: &mut Fields,
    ) -> Result<Self, Error> {
        let mut layout = Self::default();
        for (number, header) in self.headers().iter().enumerate() {
            let room = &mut chain[layout.length..];
            let old = &base[header.range()];
            room.get_mut(..old.len()).ok_or(Error::ChainTooLong)?.copy_from_slice(old);
            let mut behavior = header.behavior;
            let length = match header.kind {
                Kind::Ipv4 => ip::replicate_v4(r, room, &mut behavior)?,
                Kind::Ipv6 => ip::replicate_v6(r, room)?,
                Kind::IpHopOpt | Kind::IpRoutOpt | Kind::IpDestOpt => {
                    extension::replicate(r, room, old.len())?
                }
                Kind::Gre => gre::replicate(r, room, old.len())?,
                Kind::Mine => mine::replicate(r, room, old.len())?,
                Kind::Ah => ah::replicate(r, room, old.len())?,
            };
            layout.push(header.kind, length)?;
            layout.headers[number].behavior = behavior;
            if number == self.innermost {
                fields.ip_id_behavior = behavior;
            }
        }
        Ok(layout)
    }
}

/// What changed in headers other than the innermost IP and TCP.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChainChanges {
    /// DSCP or ECN of an outer IP header.
    pub outer_tos: bool,
    /// TTL or hop limit of an outer IP header.
    pub outer_ttl: bool,
    /// What only the dynamic chain tells.
    pub dynamic: bool,
}

/// A static chain item; the length of its header.
fn static_item<C: Coder>(c: &mut C, kind: Kind, header: &mut [u8]) -> Result<usize, Error> {
    match kind {
        Kind::Ipv4 => ip::static_v4(c, header),
        Kind::Ipv6 => ip::static_v6(c, header),
        Kind::IpHopOpt | Kind::IpDestOpt => extension::options_static(c, header),
        Kind::IpRoutOpt => extension::routing_static(c, header),
        Kind::Gre => gre::static_item(c, header),
        Kind::Mine => mine::static_item(c, header),
        Kind::Ah => ah::static_item(c, header),
    }
}

/// The first `length` octets of the room for a header.
fn room(header: &mut [u8], length: usize) -> Result<&mut [u8], Error> {
    header.get_mut(..length).ok_or(Error::ChainTooLong)
}

/// First octet of a replicate item of a header other than IP: 0 if nothing changed, else 1 in its first
/// bit, and flags of GRE.
const REPLICATE_CHANGED: u8 = 0x80;
