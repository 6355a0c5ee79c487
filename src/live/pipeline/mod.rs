//! The threads between a radio and the kernel, and the rings between them.
//!
//! ```text
//!            samples            packets up
//!   radio ---- rx ----> modem ------------> tap-out ---+
//!     ^                 | ^                            +--- TAP device
//!     +------ tx <------+ +---------------- tap-in ----+
//!            PPDUs             packets down
//! ```
//!
//! Each arrow between two threads is a ring without locks, of a size that never changes. Who finds a
//! ring full does not wait: samples and packets are dropped, and that is counted. `modem` is the PHY's
//! receiving side and the MAC, and hands responses to the radio itself; `tx` does so with all else,
//! part by part, so that the first leaves long before the last one is made.

mod modem;
mod rx;
mod samples;
#[cfg(target_os = "linux")]
mod tap;
mod threads;
mod tx;

pub use modem::{Modem, Outlet, Snapshot, Told};
pub use rx::Rx;
pub use samples::{SampleSink, SampleSource, sample_ring};
#[cfg(target_os = "linux")]
pub use tap::{TapIn, TapOut};
pub use threads::{How, Threads};
pub use tx::{Burst, Sender, Tx};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What all threads of a pipeline share.
#[derive(Debug, Default)]
pub struct Shared {
    /// All have to end.
    pub stop: AtomicBool,
    /// The network is to be left.
    pub leave: AtomicBool,
    /// Nothing starts before this sample but what is in the ring: for the transmitting thread to
    /// pass on; nought if there is nothing to be passed on.
    pub settled: AtomicU64,
    /// What was counted.
    pub counts: Counts,
}

impl Shared {
    /// Whether all have to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Counts of what goes through a pipeline and of all that goes wrong in it.
#[derive(Debug, Default)]
pub struct Counts {
    /// Samples that came from the radio.
    pub samples: Count,
    /// Times that the radio lost samples.
    pub overflows: Count,
    /// Samples that the radio lost.
    pub lost_samples: Count,
    /// Samples that were dropped here because the modem was behind.
    pub dropped_samples: Count,
    /// Bursts that were handed to the radio.
    pub bursts: Count,
    /// Of the bursts those that came too late, or not as fast as the radio sent them.
    pub late_bursts: Count,
    /// Of the late bursts those that were responses.
    pub missed_responses: Count,
    /// Bursts that were dropped because the ring to the transmitter or the radio was full.
    pub dropped_bursts: Count,
    /// Packets of the host that were dropped because the ring was full.
    pub dropped_down: Count,
    /// Packets for the host that were dropped because the ring was full, or it would not take them.
    pub dropped_up: Count,
    /// Bytes of packets from the host.
    pub bytes_down: Count,
    /// Bytes of packets to the host.
    pub bytes_up: Count,
}

/// A number that goes up, written by one thread and read by others.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// What it is.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
