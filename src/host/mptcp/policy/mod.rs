//! Policies of a path manager in user space: they hear what happens and how subflows fare, and say
//! what the kernel is to be asked for.
//!
//! No input or output, no clock: [`manager`](super::manager) has both. Each is for all connections
//! of a host. The idea of each is of "Improving Multipath TCP's path management" as tried by the
//! authors of MultiWifi: which subflow to use, what to do when one is reset, and when to renew it.

mod announce;
mod best;
mod connections;
mod join;
mod refresh;
mod reset;
mod rtt_limit;

use std::time::Duration;

use mac::Instant;

use super::event::Event;
use super::message::Request;
use super::statistics::SubflowStatistics;

pub use announce::Announce;
pub use best::Best;
pub use join::Join;
pub use refresh::Refresh;
pub use reset::Reset;
pub use rtt_limit::RttLimit;

/// How often statistics are polled.
pub const POLL_EVERY: Duration = Duration::from_millis(300);

/// A policy.
pub trait Policy {
    fn handle_event(&mut self, now: Instant, event: &Event);

    /// How all subflows of the host fare now.
    fn handle_statistics(&mut self, _now: Instant, _subflows: &[SubflowStatistics]) {}

    /// That of [`next_timeout`](Self::next_timeout) is over.
    fn handle_timeout(&mut self, _now: Instant) {}

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    /// Nobody will manage paths from now on.
    fn handle_end(&mut self) {}

    /// What the kernel is to be asked for next.
    fn poll_request(&mut self) -> Option<Request>;

    /// Whether it needs statistics.
    fn wants_statistics(&self) -> bool {
        false
    }
}

/// For tests of policies.
#[cfg(test)]
mod made_up {
    use super::super::statistics::TcpStatistics;
    use super::connections::made_up::{TOKEN, path};
    use super::*;

    pub fn statistics(local: &str) -> SubflowStatistics {
        let tcp = TcpStatistics {
            srtt: Duration::from_millis(10),
            rto: Duration::from_millis(210),
            cwnd: 10,
            ssthresh: 7,
            mss: 1448,
            retransmissions: 0,
            bytes_acked: 0,
            bytes_received: 0,
        };
        let (local_id, remote_id, backup) = (0, 0, false);
        SubflowStatistics { token: TOKEN, path: path(local), local_id, remote_id, backup, tcp }
    }
}
