//! IP packets of hosts, as bytes on a wire: IPv4 (RFC 791) and IPv6 (RFC 8200) with TCP (RFC 9293)
//! or UDP (RFC 768) inside, every checksum valid.
//!
//! They look like what a Linux host sends, for they go through a real MAC, into captures and
//! through header compression: DF set, TTL 64, no IP options, the TCP options in the kernel's
//! order. [`TcpSegment`] and [`Datagram`] are written by `emit` and read by `parse`, which checks
//! lengths and checksums and copies no payload. Not here: fragments and ICMP.

mod checksum;
mod ip;
mod multipath;
mod options;
mod route;
mod tcp;
mod udp;

pub use etherparse::IpEcn as Ecn;
pub use ip::{Flow, PacketError};
pub use multipath::{Mapping, Multipath};
pub use options::{MAX_SACK_BLOCKS, SackBlock, TcpOptions, Timestamps};
pub use route::{destination, destination_address, ethertype, source_address};
pub use tcp::{Flags, TcpSegment};
pub use udp::Datagram;
