//! The congestion window (RFC 5681) and the algorithms that set it.
//!
//! Slow start is the same for all: [`Window::grow`] does it and leaves the rest to the
//! [`CongestionControl`]. What may be sent within the window, and during loss recovery, is the
//! sender's affair. Not here: HyStart++ (RFC 9406), pacing.

mod cubic;
mod new_reno;

use std::{fmt::Debug, time::Duration};

use mac::Instant;

use super::{AckCounting, Algorithm};

/// What the sender may have in the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Congestion window, in bytes.
    pub cwnd: u64,
    /// Slow-start threshold, in bytes.
    pub ssthresh: u64,
    /// SMSS: the bytes of a full segment.
    pub smss: u64,
    counting: AckCounting,
}

impl Window {
    /// RFC 5681 section 3.1: the first slow start has no threshold.
    pub fn new(smss: u64, initial_segments: u32, counting: AckCounting) -> Window {
        Window { cwnd: u64::from(initial_segments) * smss, ssthresh: u64::MAX, smss, counting }
    }

    /// An ACK for `acked` new bytes arrived while the window was in use.
    pub fn grow(&mut self, control: &mut dyn CongestionControl, acked: u64, clock: Clock) {
        let mut acked = match self.counting {
            AckCounting::PerAck => acked.min(self.smss),
            AckCounting::PerByte => acked,
        };
        if self.cwnd < self.ssthresh {
            let grown = acked.min(self.ssthresh - self.cwnd);
            self.cwnd += grown;
            acked -= grown;
        }
        if acked > 0 {
            control.avoid_congestion(self, acked, clock);
        }
    }
}

/// What time an algorithm sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub now: Instant,
    pub srtt: Duration,
}

/// An algorithm of congestion avoidance.
pub(super) trait CongestionControl: Debug + Send {
    /// `acked` bytes more have arrived, the window is at or beyond `ssthresh`.
    fn avoid_congestion(&mut self, window: &mut Window, acked: u64, clock: Clock);

    /// A packet was lost or marked with `flight` bytes outstanding: the new `ssthresh`.
    fn reduce(&mut self, window: &Window, flight: u64) -> u64;

    /// The retransmission timer expired, after [`Self::reduce`].
    fn on_timeout(&mut self) {}
}

pub(super) fn control(algorithm: Algorithm) -> Box<dyn CongestionControl> {
    match algorithm {
        Algorithm::NewReno => Box::new(new_reno::NewReno::default()),
        Algorithm::Cubic => Box::new(cubic::Cubic::default()),
    }
}
