use std::time::Duration;

use mac::{Departure, Instant, Msdu};
use rohc::ack_group::{Decompressor, Native, is_pure_ack};

use crate::envelope::Envelopes;
use crate::{Config, Policy, Stats};

/// A peer that has sent no ACK for so long is not expected to.
const ACTIVE: Duration = Duration::from_secs(1);

/// The end of a link to which TCP ACKs ride: it delivers each of them once, whether it rode or
/// came natively, and makes the peer drain when riders were lost.
#[derive(Default)]
pub(crate) struct Taker {
    decompressor: Decompressor,
    envelopes: Envelopes,
    /// Riders were lost, and the peer does not know. It has to be told to drain: by data without More Data after data with it.
    gap: bool,
    /// The last data to the peer promised more.
    promised: bool,
    /// The peer may count on more data: it was promised, and nothing is known to have come that
    /// promised none.
    counts_on_more: bool,
    /// When the peer is to be polled if there is no data for it before: more was promised, and it
    /// may hold ACKs back, or wait to see that they have arrived.
    owes: Option<Instant>,
    /// When it was promised more last.
    promised_at: Instant,
    /// The peer has to be polled, if need be in a TXOP of its own.
    is_overdue: bool,
    was_polled: bool,
    last_ack: Option<Instant>,
    /// When something rode here last.
    rode: Option<Instant>,
}

impl Taker {
    /// A response has come.
    pub(crate) fn responded(
        &mut self,
        now: Instant,
        riders: &[u8],
        config: &Config,
        stats: &mut Stats,
        delivered: &mut Vec<Msdu>,
    ) {
        if !self.was_polled {
            self.promise_heard();
        }
        if riders.is_empty() {
            // Asked without having sent new data, it has nothing to say.
            self.owes = self.owes.filter(|_| !self.was_polled);
        } else {
            (self.last_ack, self.rode) = (Some(now), Some(now));
            self.received(riders, stats, delivered);
            // What the ACKs bring forth is data for the peer, which saves the poll; or if not, the
            // next poll shows it that they have arrived.
            let wait = if self.was_polled { config.promise } else { config.round_trip };
            self.owes = self.owes.map(|due| due.max(now + wait));
        }
        self.was_polled = false;
    }

    /// The peer has heard what the last data promised.
    fn promise_heard(&mut self) {
        // One that was taken back has made it drain.
        self.gap &= self.promised || !self.counts_on_more;
        self.counts_on_more = self.promised;
    }

    fn received(&mut self, riders: &[u8], stats: &mut Stats, delivered: &mut Vec<Msdu>) {
        stats.rides_received += 1;
        match self.decompressor.frame_received(riders) {
            Ok(packets) => {
                for packet in packets {
                    // A flow rides from a native ACK, whose envelope came with it.
                    let Some(envelope) = self.envelopes.of(packet) else { continue };
                    delivered.push(envelope.around(packet));
                    stats.delivered += 1;
                }
            }
            Err(_) => {
                stats.gaps += 1;
                self.gap = true;
            }
        }
    }

    /// A packet has come natively. Whether it is to be delivered.
    pub(crate) fn admits(&mut self, now: Instant, msdu: &Msdu, stats: &mut Stats) -> bool {
        if is_pure_ack(&msdu.payload) {
            self.last_ack = Some(now);
        }
        let new = self.decompressor.native_seen(&msdu.payload) == Native::New;
        // Who forges a packet must not redirect what rides. If it was the peer it has drained.
        if self.envelopes.learn(msdu, |flow| self.decompressor.knows(flow)) {
            self.decompressor.break_chain();
        }
        stats.copies += u64::from(!new);
        new
    }

    /// A response has not come, and will not be asked for again: what the peer is sent next looks
    /// to it as if it had.
    pub(crate) fn missed(&mut self) {
        self.gap = true;
        self.stop_polling();
    }

    /// The peer is deaf and holds nothing back.
    pub(crate) fn stop_polling(&mut self) {
        (self.owes, self.is_overdue, self.was_polled) = (None, false, false);
    }

    /// Whether data to the peer promises more. After a gap a promise is taken back until the peer
    /// has heard it, once it counts on one.
    pub(crate) fn promises(
        &mut self,
        now: Instant,
        departure: &Departure,
        config: &Config,
    ) -> bool {
        let expects_acks = self.last_ack.is_some_and(|last| now.since(last) < ACTIVE);
        let will_poll = config.policy == Policy::Adaptive && departure.can_poll && expects_acks;
        let there_is_more = departure.queued > 0;
        // What is queued may be behind much that is for others.
        let wait = if there_is_more { config.promise } else { config.poll_after };
        self.promised = if self.gap { !self.counts_on_more } else { there_is_more || will_poll };
        self.counts_on_more |= self.promised && !self.gap;
        self.owes = (self.promised && will_poll).then(|| now + wait);
        self.promised_at = now;
        (self.is_overdue, self.was_polled) = (false, false);
        self.promised
    }

    /// There are data for the peer, which keep the promise when their turn comes.
    pub(crate) fn data_queued(&mut self, config: &Config) {
        if let Some(due) = self.owes {
            self.owes = Some(due.max(self.promised_at + config.promise));
            self.is_overdue = false;
        }
    }

    /// Whether what just rode here is about to bring data for the peer from beyond.
    pub(crate) fn expects_data(&self, now: Instant, config: &Config) -> bool {
        let is_adaptive = config.policy == Policy::Adaptive;
        is_adaptive && self.rode.is_some_and(|rode| now < rode + config.round_trip)
    }

    /// Whether the peer is to be polled now.
    pub(crate) fn poll(&mut self, now: Instant, config: &Config, stats: &mut Stats) -> bool {
        let due = self.owes.is_some_and(|due| due <= now);
        if due {
            stats.polls += 1;
            self.was_polled = true;
            self.is_overdue = false;
            // Should it not be heard.
            self.owes = Some(now + config.promise);
        }
        due
    }

    /// When the peer has to be polled.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.owes.filter(|_| !self.is_overdue)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.is_overdue |= self.deadline().is_some_and(|deadline| deadline <= now);
    }

    /// Whether the medium is wanted to poll.
    pub(crate) fn wants_medium(&self) -> bool {
        self.is_overdue
    }
}

#[cfg(test)]
mod tests;
