//! When to acknowledge (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2).

use std::time::Duration;

use mac::Instant;

/// Counts the segments that have no ACK yet.
#[derive(Debug)]
pub(super) struct AckClock {
    every: u32,
    delay: Duration,
    waiting: u32,
    deadline: Option<Instant>,
}

impl AckClock {
    pub fn new(every: u32, delay: Duration) -> AckClock {
        AckClock { every, delay, waiting: 0, deadline: None }
    }

    /// So many segments have arrived in order. Returns whether an ACK is due now.
    pub fn on_in_order(&mut self, now: Instant, segments: u32) -> bool {
        self.waiting += segments;
        if self.waiting > 0 && self.deadline.is_none() {
            self.deadline = Some(now + self.delay);
        }
        self.waiting >= self.every
    }

    /// An ACK goes out, be it for this reason or another.
    pub fn on_ack_sent(&mut self) {
        self.waiting = 0;
        self.deadline = None;
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}
