//! Blocks at the pace of the wall clock.

use std::time::{Duration, Instant};

/// By how many blocks at a time the wall clock is caught up with.
const CATCH_UP_BLOCKS: u32 = 4;

/// When the next block is due.
///
/// A machine that was busy with something else must not make the air hurry: radios would find no time
/// to answer. So what is late by more than a few blocks stays late: the air has stood still.
pub(super) struct Pacer {
    block: Duration,
    due: Instant,
    stood_still: Duration,
}

impl Pacer {
    /// The first block is due when it has lasted.
    pub(super) fn new(block: Duration, now: Instant) -> Self {
        Self { block, due: now + block, stood_still: Duration::ZERO }
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// No block was to be mixed until `now`: that is nobody's fault.
    pub(super) fn hold(&mut self, now: Instant) {
        self.due = self.due.max(now);
    }

    /// A block was mixed at `now`.
    pub(super) fn mixed(&mut self, now: Instant) {
        self.due += self.block;
        let earliest = now.checked_sub(self.block * CATCH_UP_BLOCKS).unwrap_or(now);
        if self.due < earliest {
            self.stood_still += earliest - self.due;
            self.due = earliest;
        }
    }

    /// How long the air has stood still because the machine was late.
    pub(super) fn stood_still(&self) -> Duration {
        self.stood_still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_by_little_is_caught_up_with_and_by_much_is_not() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let mut pacer = Pacer::new(ms(1), start);
        assert_eq!(pacer.due(), start + ms(1));
        pacer.mixed(start + ms(3));
        assert_eq!((pacer.due(), pacer.stood_still()), (start + ms(2), ms(0)));
        pacer.mixed(start + ms(103));
        assert_eq!((pacer.due(), pacer.stood_still()), (start + ms(99), ms(96)));
    }
}
