//! What can be wrong with bytes from the other side, and why a packet is not compressed.

use crate::rohc_tcp::Format;

/// Why a compressed packet, or feedback, could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end too early.
    #[error("the {part} ends early: octet {offset} is missing")]
    Truncated {
        /// What was being read.
        part: &'static str,
        /// Where it should have gone on, from the start of the header without CID.
        offset: usize,
    },
    /// A bit or value that must be otherwise by the standard.
    #[error("{part}: a reserved bit or value before octet {offset}")]
    Reserved {
        /// What was being read.
        part: &'static str,
        /// Where, from the start of the header without CID.
        offset: usize,
    },
    /// A CID above what was agreed.
    #[error("CID {cid} is above the largest, {max}")]
    CidOutOfRange {
        /// The CID.
        cid: u16,
        /// The largest that the channel has.
        max: u16,
    },
    /// A compressed header for a CID that has no context, or has lost it.
    #[error("CID {cid} has no context that this packet could refer to")]
    NoContext {
        /// The CID.
        cid: u16,
    },
    /// After damage only headers with a CRC of 7 or 8 bits are trusted.
    #[error("the context of CID {cid} is damaged, {format} is too weak to mend it")]
    ContextDamaged {
        /// The CID.
        cid: u16,
        /// The format of the packet.
        format: Format,
    },
    /// IR-CR names a context that cannot be copied.
    #[error("CID {base} has no context to replicate")]
    NoBaseContext {
        /// The CID that was to be copied.
        base: u16,
    },
    /// A profile that is neither ROHC-TCP nor Uncompressed.
    #[error("profile {profile:#06x} for CID {cid} is not known")]
    UnknownProfile {
        /// The CID.
        cid: u16,
        /// The profile, as far as the packet tells it.
        profile: u16,
    },
    /// No format begins so.
    #[error("no format begins with octet {octet:#04x}")]
    UnknownFormat {
        /// The first octet of the header.
        octet: u8,
    },
    /// Segments are not reassembled.
    #[error("this is a ROHC segment; segmentation was not agreed")]
    Segment,
    /// The header does not have the CRC that it came with.
    #[error("{format}: CRC is {found:#04x}, the packet says {expected:#04x}")]
    Crc {
        /// The format of the packet.
        format: Format,
        /// The CRC in the packet.
        expected: u8,
        /// The CRC of what came of it.
        found: u8,
    },
    /// A header that this profile has no chain item for.
    #[error("no chain item for protocol {protocol} (header {position})")]
    UnknownHeader {
        /// IP protocol or next header.
        protocol: u8,
        /// Which header in the packet, from 0.
        position: usize,
    },
    /// More or longer headers than a context has room for.
    #[error(
        "the header chain has more than {} headers or {} octets",
        crate::rohc_tcp::MAX_HEADERS,
        crate::rohc_tcp::MAX_CHAIN
    )]
    ChainTooLong,
    /// A list refers to an option that never came.
    #[error("no TCP option was ever sent for index {index} of the item table")]
    UnknownItem {
        /// Index in the item table.
        index: u8,
    },
    /// TCP options that no TCP header can have.
    #[error("TCP options of {length} octets do not fit a TCP header")]
    Options {
        /// Their length.
        length: usize,
    },
    /// The packet would be longer than IP can say, or than the buffer.
    #[error("the buffer has {room} octets, the packet needs {needed}")]
    Room {
        /// Octets that were there.
        room: usize,
        /// Octets that are needed at least.
        needed: usize,
    },
    /// Feedback that is not as RFC 6846 section 8.3 says.
    #[error("feedback of {length} octets is malformed or its CRC is wrong")]
    Feedback {
        /// Its length.
        length: usize,
    },
}

/// Why a packet has to go as it is: the profile cannot carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Native {
    /// Not an IP packet, or shorter than its headers say.
    #[error("its headers are cut short or not IP")]
    Malformed,
    /// An IPv4 header with options.
    #[error("IPv4 options")]
    Ipv4Options,
    /// A fragment, or a packet with the reserved flag set.
    #[error("an IPv4 fragment")]
    Fragment,
    /// A length field which the other side could not infer.
    #[error("a length field differs from the length of the packet")]
    Length,
    /// A checksum which the other side could not infer.
    #[error("a header checksum is wrong")]
    Checksum,
    /// Not TCP, or a header on the way to it that the profile does not know.
    #[error("protocol {0} is not compressed")]
    Protocol(u8),
    /// Reserved bits of a tunnel header.
    #[error("a tunnel header with bits that cannot be restored")]
    TunnelHeader,
    /// More or longer headers than a context has room for.
    #[error("too many headers")]
    ChainTooLong,
    /// TCP options that are malformed, too many, or padded with something else than zeros.
    #[error("TCP options that a list cannot hold")]
    Options,
    /// The decompressor asked not to be sent this flow compressed.
    #[error("the decompressor rejected the flow")]
    Rejected,
    /// The compressed packet does not fit the buffer.
    #[error("the buffer for the compressed packet is too short")]
    Room,
}
