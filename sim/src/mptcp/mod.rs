//! Multipath TCP endpoints (RFC 8684) without I/O: one stream over several TCP connections.
//!
//! An [`Endpoint`] is one side. Each of its subflows is a [`tcp::Connection`](crate::tcp::Connection)
//! with its own congestion control, coupled by RFC 6356 or not; what goes by which is decided
//! segment by segment, by the least round-trip time among those whose window has room. Data sequence
//! mappings and data ACKs are in the options of the segments. docs/multipath.md tells how.
//!
//! Simpler than the RFC: there are no keys, tokens and checksums, and no DATA_FIN; both sides know of
//! each other that they speak it, and a server takes every SYN to its port for another subflow of
//! its one connection. Signals of addresses and priorities go out three times instead of being
//! acknowledged.

mod config;
mod data;
mod endpoint;
mod subflow;

pub use config::{Config, Reinjection};
pub use endpoint::{Endpoint, Stats, SubflowStats};
