//! The kinds of headers, and how they follow one another.

use super::{ah, extension, gre, ip, mine};
use crate::Native;

/// A kind of header, named as its encoding method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Ipv4,
    Ipv6,
    IpHopOpt,
    IpRoutOpt,
    IpDestOpt,
    Gre,
    Mine,
    Ah,
}

impl Kind {
    pub fn of_protocol(protocol: u8) -> Option<Self> {
        Some(match protocol {
            0 => Self::IpHopOpt,
            4 => Self::Ipv4,
            41 => Self::Ipv6,
            43 => Self::IpRoutOpt,
            47 => Self::Gre,
            51 => Self::Ah,
            55 => Self::Mine,
            60 => Self::IpDestOpt,
            _ => return None,
        })
    }

    pub fn of_version(first_octet: u8) -> Option<Self> {
        match first_octet >> 4 {
            4 => Some(Self::Ipv4),
            6 => Some(Self::Ipv6),
            _ => None,
        }
    }

    pub fn is_ip(self) -> bool {
        matches!(self, Self::Ipv4 | Self::Ipv6)
    }

    /// Protocol of what follows `header`.
    pub fn next(self, header: &[u8]) -> u8 {
        match self {
            Self::Ipv4 => header[9],
            Self::Ipv6 => header[6],
            Self::Gre => gre::next(header),
            Self::IpHopOpt | Self::IpRoutOpt | Self::IpDestOpt | Self::Mine | Self::Ah => header[0],
        }
    }

    /// Length of the header that `octets` begin with, if the profile can carry it and they are the rest
    /// of the packet.
    pub fn check(self, octets: &[u8]) -> Result<usize, Native> {
        match self {
            Self::Ipv4 => ip::check_v4(octets),
            Self::Ipv6 => ip::check_v6(octets),
            Self::IpHopOpt | Self::IpRoutOpt | Self::IpDestOpt => extension::check(octets),
            Self::Gre => gre::check(octets),
            Self::Mine => mine::check(octets),
            Self::Ah => ah::check(octets),
        }
    }

    /// Whether two headers of this kind agree in all that is only in the static chain.
    pub fn same_static(self, one: &[u8], other: &[u8]) -> bool {
        one.len() == other.len()
            && match self {
                Self::Ipv4 => ip::same_static_v4(one, other),
                Self::Ipv6 => ip::same_static_v6(one, other),
                Self::IpHopOpt | Self::IpDestOpt => one[..2] == other[..2],
                Self::IpRoutOpt => one == other,
                Self::Gre => gre::same_static(one, other),
                Self::Mine => mine::same_static(one, other),
                Self::Ah => ah::same_static(one, other),
            }
    }
}
