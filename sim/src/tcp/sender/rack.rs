//! Lost retransmissions, by the rule of RACK (RFC 8985 section 6.2): what was sent a reordering
//! window before something that has arrived since is lost.
//!
//! RFC 6675 leaves them to the retransmission timer, as does ns-3; Linux does not. Only this use of
//! RACK is here: first losses are found by counting, and there are no tail loss probes.

use std::{collections::VecDeque, time::Duration};

use mac::Instant;

use crate::tcp::seq::Seq;

#[derive(Debug, Default)]
pub(super) struct Rack {
    /// RACK.xmit_ts: when the segment that was sent last of those delivered was sent.
    xmit_ts: Instant,
    /// When which segments were retransmitted, in order of time.
    retransmissions: VecDeque<(Instant, Seq)>,
}

impl Rack {
    pub fn on_retransmitted(&mut self, at: Instant, seq: Seq) {
        self.retransmissions.push_back((at, seq));
    }

    /// A segment has arrived that was sent once, at this time.
    pub fn on_delivered(&mut self, sent: Instant) {
        self.xmit_ts = self.xmit_ts.max(sent);
    }

    /// The next retransmission that is lost, if it has not arrived.
    pub fn next_overdue(&mut self, reordering_window: Duration) -> Option<(Instant, Seq)> {
        let (at, _) = *self.retransmissions.front()?;
        if at + reordering_window >= self.xmit_ts {
            return None;
        }
        self.retransmissions.pop_front()
    }

    /// Everything before `una` has arrived.
    pub fn on_acknowledged(&mut self, una: Seq) {
        while self.retransmissions.front().is_some_and(|&(_, seq)| seq < una) {
            self.retransmissions.pop_front();
        }
    }

    /// After a timeout, what was retransmitted before is lost anyway.
    pub fn clear(&mut self) {
        self.retransmissions.clear();
    }
}
