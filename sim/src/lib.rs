//! Networks in virtual time: hosts with TCP and UDP, wires, and the air between the MACs of `mac`.
//!
//! Everything here is without I/O, clocks and threads: packets, events and the time go in, packets
//! and deadlines come out, so that a run with the same seed is the same to the last bit.
//!
//! - [`tcp`]: both ends of a TCP connection, with their applications.
//! - [`mptcp`]: both ends of a multipath connection.
//! - [`udp`]: a source at a constant rate and its sink.
//! - [`wire`]: a link with rate, delay and queue.
//! - [`packet`]: the bytes of their packets.
//! - [`Medium`]: what the PHY of each node hears of the PPDUs of the others, with the
//!   [`ErrorTable`] of its receivers.
//! - [`SampleAir`]: the same with waveforms, which our own transmitters and receivers make and read.
//! - [`ear`]: the PHY that listens to them, for radios as well.
//! - [`network`]: nodes, hosts and cables in virtual time, over one of the two kinds of [`Air`].
//! - [`analysis`]: what a lone link carries at best, by arithmetic.
//! - [`scenario`]: networks as files describe them, and what came of them.

mod air;
mod airtime;
mod ampdu_sizes;
pub mod analysis;
pub mod ear;
mod error_table;
mod medium;
pub mod mptcp;
pub mod network;
pub mod packet;
mod sample_air;
pub mod scenario;
pub mod tcp;
pub mod udp;
pub mod wire;

pub use air::Air;
pub use airtime::{Airtime, AirtimeShares};
pub use ampdu_sizes::AmpduSizes;
pub use ear::FULL_SCALE_DBM;
pub use error_table::{ErrorTable, TableError};
pub use medium::{
    Channel, LateSensing, LogDistance, Medium, MediumConfig, NodeConfig, NodeId, Position,
    PreambleDetection, ReceiverConfig,
};
pub use sample_air::{MonitorId, SampleAir, SampleAirConfig};
