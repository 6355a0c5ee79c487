//! TCP/HACK: TCP ACKs are held back, compressed, and ride inside the Acks and Block Acks that a
//! station owes its peer anyway, instead of contending for the medium.
//!
//! [`Hack`] is the [`Rider`](mac::Rider) of a [`Mac`](mac::Mac), at both ends of a link and for
//! both directions: a station that downloads has ACKs for its AP, an AP that takes an upload has
//! ACKs for its station. Riders go only to peers that have announced that they take them. It is
//! sans-IO as the MAC is. [`Thin`] is what drivers do instead, or before it: fewer
//! ACKs. docs/hack.md tells the whole story.

mod config;
mod element;
mod envelope;
mod holder;
mod rider;
mod stats;
mod taker;
#[cfg(test)]
mod test_packets;
mod thin;

pub use config::{Budget, Config, Policy};
pub use rider::Hack;
pub use stats::Stats;
pub use thin::{Thin, Thinning};
