use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::SlotTiming;
use crate::Instant;

/// How many slots a function waits before and after the medium has become idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contention {
    /// Slots after SIFS before the backoff goes on.
    pub(crate) aifsn: u32,
    pub(crate) cw_min: u32,
    pub(crate) cw_max: u32,
    /// EDCA counts a slot down at its start, the first when AIFS ends; DCF does so at its end
    /// (10.23.2.4, 10.3.4.3). It matters when the medium becomes busy in between.
    pub(crate) counts_at_slot_start: bool,
}

/// One channel access function: DCF, or the EDCAF of an access category, with its contention
/// window and backoff timer.
///
/// The timer is not run slot by slot. What is left of it is known whenever the medium becomes
/// busy, and while the medium is idle it tells when the function may transmit.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    contention: Contention,
    retry_limit: u8,
    cw: u32,
    /// Failures since the window was the least: the station's own retry count, whatever was sent.
    failures: u8,
    /// Slots of backoff that were left when the medium last became idle.
    slots: u32,
}

impl Contender {
    pub(crate) fn new(contention: Contention, retry_limit: u8) -> Self {
        Self { contention, retry_limit, cw: contention.cw_min, failures: 0, slots: 0 }
    }

    /// The AP has told others than we had.
    pub(crate) fn set_contention(&mut self, contention: Contention) {
        self.contention = contention;
        self.cw = self.cw.clamp(contention.cw_min, contention.cw_max);
    }

    /// When the function may transmit if the medium stays idle.
    pub(crate) fn ready_at(&self, idle_from: Instant, timing: &SlotTiming) -> Instant {
        idle_from + timing.aifs(self.contention.aifsn) + self.slots * timing.slot
    }

    /// Counts down the slots in which the medium was idle before it became busy.
    pub(crate) fn count_down(&mut self, idle_from: Instant, busy: Instant, timing: &SlotTiming) {
        let aifs_end = idle_from + timing.aifs(self.contention.aifsn);
        if busy < aifs_end {
            return;
        }
        let whole_slots = busy.since(aifs_end).as_nanos() / timing.slot.as_nanos();
        let counted = whole_slots + u128::from(self.contention.counts_at_slot_start);
        self.slots = u128::from(self.slots).saturating_sub(counted) as u32;
    }

    /// A frame came to an empty queue: with the medium busy it waits for a random time after it,
    /// unless some is left to wait anyway.
    pub(crate) fn frame_arrived(&mut self, busy: bool, rng: &mut ChaCha8Rng) {
        if busy && self.slots == 0 {
            self.draw(rng);
        }
    }

    /// What was sent needed no answer, or had it.
    pub(crate) fn succeeded(&mut self, rng: &mut ChaCha8Rng) {
        self.reset();
        self.draw(rng);
    }

    /// There was no answer, or another function of this station went first.
    ///
    /// The window falls back with the failure after the one that reaches the limit, not when a frame
    /// is given up: a retry count of the function's own tells (QSRC, 10.23.2.2). 10.3.3 has that of
    /// DCF fall back one failure earlier; ns-3 does not, and hidden senders can be compared with its
    /// only if we do not either.
    pub(crate) fn failed(&mut self, rng: &mut ChaCha8Rng) {
        if self.failures < self.retry_limit {
            self.failures += 1;
            self.cw = (2 * self.cw + 1).min(self.contention.cw_max);
        } else {
            self.reset();
        }
        self.draw(rng);
    }

    fn reset(&mut self) {
        self.failures = 0;
        self.cw = self.contention.cw_min;
    }

    fn draw(&mut self, rng: &mut ChaCha8Rng) {
        self.slots = rng.random_range(0..=self.cw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::Bandwidth;
    use rand::SeedableRng;

    const EDCA: Contention =
        Contention { aifsn: 3, cw_min: 15, cw_max: 1023, counts_at_slot_start: true };
    const DCF: Contention = Contention { aifsn: 2, counts_at_slot_start: false, ..EDCA };

    fn us(us: u64) -> Instant {
        Instant::from_nanos(1000 * us)
    }

    fn waiting(contention: Contention, slots: u32) -> Contender {
        Contender { slots, ..Contender::new(contention, 7) }
    }

    fn left_after(contention: Contention, busy_us: u64) -> u32 {
        let mut contender = waiting(contention, 5);
        contender.count_down(us(100), us(busy_us), &SlotTiming::of(Bandwidth::Mhz20));
        contender.slots
    }

    #[test]
    fn edca_counts_the_slot_that_becomes_busy_and_dcf_does_not() {
        // AIFS of 43 us ends at 143, DIFS of 34 us at 134.
        assert_eq!([142, 143, 151, 152, 160, 161].map(|t| left_after(EDCA, t)), [5, 4, 4, 3, 3, 2]);
        assert_eq!([133, 134, 142, 143, 151, 152].map(|t| left_after(DCF, t)), [5, 5, 5, 4, 4, 3]);
        assert_eq!(left_after(EDCA, 10_000), 0);
    }

    #[test]
    fn a_function_is_ready_after_aifs_and_its_slots() {
        let timing = SlotTiming::of(Bandwidth::Mhz20);
        assert_eq!(waiting(EDCA, 0).ready_at(us(100), &timing), us(143));
        assert_eq!(waiting(DCF, 7).ready_at(us(100), &timing), us(134 + 63));
    }

    #[test]
    fn the_window_doubles_to_its_limit_and_falls_back_after_success_or_enough_failures() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut contender = Contender::new(EDCA, 7);
        let windows: Vec<u32> = (0..9)
            .map(|_| {
                contender.failed(&mut rng);
                assert!(contender.slots <= contender.cw);
                contender.cw
            })
            .collect();
        assert_eq!(windows, [31, 63, 127, 255, 511, 1023, 1023, 15, 31]);
        contender.succeeded(&mut rng);
        assert_eq!(contender.cw, 15);
    }

    #[test]
    fn backoff_is_drawn_evenly_from_nought_to_the_window() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut contender = Contender::new(EDCA, 7);
        let mut seen = [0; 16];
        for _ in 0..16_000 {
            contender.succeeded(&mut rng);
            seen[contender.slots as usize] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_frame_that_finds_the_medium_idle_does_not_wait() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut contender = Contender::new(EDCA, 7);
        contender.frame_arrived(false, &mut rng);
        assert_eq!(contender.slots, 0);
        let drawn = (0..20).any(|_| {
            contender.frame_arrived(true, &mut rng);
            contender.slots > 0
        });
        assert!(drawn);
    }
}
