//! TCP endpoints (RFC 9293) without I/O: packets and time in, packets and a deadline out.
//!
//! A [`Connection`] is one side of one connection. Its application is built in: it sends so many
//! bytes of a [`pattern()`], or without end ([`Transfer`]), and reads all that comes ([`Reader`]).
//! It is used in this way, as are smoltcp's and quinn's:
//!
//! 1. [`Connection::handle_packet`] for each packet that arrives, and
//!    [`Connection::handle_timeout`] when [`Connection::next_timeout`] has come;
//! 2. after either, [`Connection::poll_transmit`] until it returns nothing.
//!
//! What the window allows is sent at once, without pacing, as by ns-3. What is left out of each
//! part is said at its head; of the whole: RST is obeyed but never sent, nobody gives up after
//! too many retransmissions, urgent data is ordinary data, and TIME-WAIT lasts for as long as the
//! owner keeps the connection.

mod config;
mod congestion;
mod connection;
mod emitter;
mod handshake;
mod pattern;
mod receiver;
mod sender;
mod seq;
mod stats;

pub use config::{AckCounting, Algorithm, Config, Reader, RecoveryRule, Transfer};
pub use congestion::Coupling;
pub use connection::Connection;
pub use pattern::pattern;
pub use stats::{ReceiverStats, SenderStats, Stats, TracePoint};
