//! The congestion window (RFC 5681) and the algorithms that set it.
//!
//! Slow start is the same for all: [`Window::grow`] does it and leaves the rest to the
//! [`CongestionControl`]. What may be sent within the window, and during loss recovery, is the
//! sender's affair. Not here: pacing.

mod cubic;
mod hystart;
mod lia;
mod new_reno;

use std::{fmt::Debug, time::Duration};

use mac::Instant;

use self::hystart::{HyStart, SlowStart};
use super::{AckCounting, Algorithm, Config, seq::Seq};

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
    /// In the first slow start, until that ends.
    hystart: Option<HyStart>,
}

/// What an ACK tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub now: Instant,
    /// New bytes that it acknowledges.
    pub acked: u64,
    /// A round-trip time, if it gives one.
    pub rtt: Option<Duration>,
    pub srtt: Duration,
    pub una: Seq,
    pub nxt: Seq,
}

impl Window {
    /// RFC 5681 section 3.1: the first slow start has no threshold.
    pub fn new(config: &Config, smss: u64, initial_segments: u32, start: Seq) -> Window {
        Window {
            cwnd: u64::from(initial_segments) * smss,
            ssthresh: u64::MAX,
            smss,
            counting: config.ack_counting,
            hystart: config.hystart.then(|| HyStart::new(start)),
        }
    }

    /// An ACK for new bytes arrived while the window was in use.
    pub fn grow(&mut self, control: &mut dyn CongestionControl, progress: Progress) {
        let mut acked = match self.counting {
            AckCounting::PerAck => progress.acked.min(self.smss),
            AckCounting::PerByte => progress.acked,
        };
        if self.cwnd < self.ssthresh {
            acked -= self.slow_start(acked, &progress);
        }
        if self.cwnd >= self.ssthresh && acked > 0 {
            control.avoid_congestion(self, acked, progress.now, progress.srtt);
        }
    }

    /// Returns what of `acked` is used up.
    fn slow_start(&mut self, acked: u64, progress: &Progress) -> u64 {
        let Some(hystart) = self.hystart.as_mut().filter(|_| self.ssthresh == u64::MAX) else {
            let grown = acked.min(self.ssthresh - self.cwnd);
            self.cwnd += grown;
            return grown;
        };
        match hystart.on_ack(acked, progress.rtt, progress.una, progress.nxt) {
            SlowStart::Grow(bytes) => self.cwnd += bytes,
            SlowStart::End => self.ssthresh = self.cwnd,
        }
        acked
    }
}

/// An algorithm of congestion avoidance.
pub(super) trait CongestionControl: Debug + Send {
    /// `acked` bytes more have arrived, the window is at or beyond `ssthresh`.
    fn avoid_congestion(&mut self, window: &mut Window, acked: u64, now: Instant, srtt: Duration);

    /// A packet was lost or marked with `flight` bytes outstanding: the new `ssthresh`.
    fn reduce(&mut self, window: &Window, flight: u64) -> u64;

    /// The retransmission timer expired, after [`Self::reduce`].
    fn on_timeout(&mut self) {}

    /// What the windows of a connection's subflows are together.
    fn couple(&mut self, coupling: Coupling) {
        let _ = coupling;
    }
}

/// What couples the windows of a connection's subflows (RFC 6356 section 3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coupling {
    /// alpha, with which all of them together grow as fast as one on the best path.
    pub alpha: f64,
    /// The sum of all windows, in bytes.
    pub total: u64,
}

/// The algorithm of that name.
pub(super) fn control(algorithm: Algorithm) -> Box<dyn CongestionControl> {
    match algorithm {
        Algorithm::NewReno => Box::new(new_reno::NewReno::default()),
        Algorithm::Cubic => Box::new(cubic::Cubic::default()),
        Algorithm::Lia => Box::new(lia::Lia::default()),
    }
}

#[cfg(test)]
impl Window {
    /// A window in congestion avoidance.
    fn avoiding(segments: u32, smss: u64, counting: AckCounting) -> Window {
        let config = Config { ack_counting: counting, hystart: false, ..Config::default() };
        let mut window = Window::new(&config, smss, segments, Seq::initial(0));
        window.ssthresh = 0;
        window
    }

    /// An ACK for `acked` bytes.
    fn grow_at(&mut self, control: &mut dyn CongestionControl, acked: u64, now: Instant) {
        let (una, nxt) = (Seq::initial(0), Seq::initial(0));
        self.grow(control, Progress { now, acked, rtt: None, srtt: tests::RTT, una, nxt });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    pub(super) const RTT: Duration = Duration::from_millis(100);
}
