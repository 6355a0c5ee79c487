//! Frames that are held back for who sleeps, and let go (11.2.3.5, 11.2.3.6).

use super::{Exchange, Lower};
use crate::event::DropReason;
use crate::queue::{Content, Outgoing, Stream};
use crate::{AccessCategory, Instant, MacAddr};

impl Lower {
    /// Frames to a receiver are held back because it sleeps, or no longer.
    pub(crate) fn hold(&mut self, now: Instant, receiver: MacAddr, held: bool) {
        self.let_go(now, |lower| {
            let streams = lower.queues.streams.iter_mut();
            for stream in streams.filter(|stream| stream.receiver == receiver) {
                (stream.held, stream.released) = (held, 0);
            }
        });
    }

    /// Packets to groups are held back until after a DTIM, or no longer.
    pub(crate) fn hold_groups(&mut self, now: Instant, held: bool) {
        if self.groups_held != held {
            self.groups_held = held;
            self.hold(now, MacAddr::BROADCAST, held);
        }
    }

    /// Lets one frame go to a receiver that sleeps: of the highest category the oldest. Whether
    /// there was one, or one has been let go and is still on its way.
    pub(crate) fn release_one(&mut self, now: Instant, receiver: MacAddr) -> bool {
        self.let_go(now, |lower| {
            let streams = || lower.queues.streams.iter().enumerate();
            let held = streams().filter(|(_, s)| s.receiver == receiver && s.held && s.len() > 0);
            let urgency = |stream: &Stream| {
                let category = match stream.category {
                    AccessCategory::Voice => 0,
                    AccessCategory::Video => 1,
                    AccessCategory::BestEffort => 2,
                    AccessCategory::Background => 3,
                };
                (stream.released == 0, category, stream.head().map(|head| head.order))
            };
            let chosen = held.min_by_key(|(_, stream)| urgency(stream)).map(|(index, _)| index);
            if let Some(index) = chosen {
                lower.queues.streams[index].released = 1;
            }
            chosen.is_some()
        })
    }

    /// Lets all packets go that are held back for groups.
    pub(crate) fn release_groups(&mut self, now: Instant) {
        self.let_go(now, |lower| {
            let streams = lower.queues.streams.iter_mut();
            for stream in streams.filter(|stream| stream.receiver == MacAddr::BROADCAST) {
                stream.released = if stream.held { stream.len() } else { 0 };
            }
        });
    }

    /// Whether frames are held back for a receiver.
    pub(crate) fn holds_for(&self, receiver: MacAddr) -> bool {
        let mut streams = self.queues.streams.iter();
        streams.any(|stream| stream.receiver == receiver && stream.held && stream.len() > 0)
    }

    /// Gives up what has been held back for longer than its lifetime.
    pub(crate) fn expire_held(&mut self, now: Instant) {
        for index in 0..self.queues.streams.len() {
            while self.queues.streams[index].held
                && let Some(frame) = self.queues.take_expired(now, index)
            {
                self.dropped(self.receiver_of(index), frame, DropReason::Lifetime);
            }
        }
    }

    fn let_go<T>(&mut self, now: Instant, change: impl FnOnce(&mut Self) -> T) -> T {
        let eligible_before = AccessCategory::ALL.map(|ac| self.queues.is_eligible(ac));
        let result = change(self);
        self.newly_eligible(now, eligible_before);
        result
    }

    /// Data from the AP may be the answer to a PS-Poll, instead of an Ack (10.3.2.9).
    pub(super) fn answers_poll(&self, from: MacAddr) -> bool {
        let Exchange::Awaiting(awaiting) = self.exchange else { return false };
        let stream = &self.queues.streams[awaiting.stream];
        let polled = |head: &Outgoing| matches!(head.content, Content::PsPoll { .. });
        stream.receiver == from && stream.head().is_some_and(|head| head.in_flight && polled(head))
    }
}
