use std::time::Duration;

use crate::Instant;

/// Physical and virtual carrier sense (10.3.2.1): since when the medium is idle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Medium {
    cca_busy: bool,
    cca_idle_at: Instant,
    nav_until: Instant,
    /// Start of our own transmission, which may be SIFS from now.
    own_from: Instant,
    /// End of our own transmission, or of the time in which we waited in vain for its answer.
    own_until: Instant,
    /// EIFS less DIFS after a PPDU that we could not read.
    eifs_until: Instant,
}

impl Medium {
    /// Since when the medium is idle, or from when on it will be if nothing else happens; `None`
    /// while the PHY says that it is busy.
    pub(crate) fn idle_from(&self) -> Option<Instant> {
        let from = [self.cca_idle_at, self.nav_until, self.own_until, self.eifs_until];
        (!self.cca_busy).then(|| from.into_iter().fold(Instant::ZERO, Instant::max))
    }

    /// Whether the medium is busy now, as a frame finds it that is queued (10.23.2.2). SIFS before
    /// our own response it is not, and EDCA does not ask whether it stays so; DCF would have it
    /// idle for all of DIFS (10.3.4.2), but is taken to be alike, here as in ns-3.
    pub(crate) fn is_busy(&self, now: Instant) -> bool {
        let transmits = (self.own_from..self.own_until).contains(&now);
        self.cca_busy || transmits || self.nav_until > now
    }

    /// Whether another station has reserved the medium (NAV).
    pub(crate) fn is_reserved(&self, now: Instant) -> bool {
        self.nav_until > now
    }

    pub(crate) fn cca(&mut self, now: Instant, busy: bool) {
        if self.cca_busy && !busy {
            self.cca_idle_at = now;
        }
        self.cca_busy = busy;
    }

    /// A frame that was not for us reserves the medium: the NAV grows, it never shrinks
    /// (10.3.2.4).
    pub(crate) fn reserve(&mut self, until: Instant) {
        self.nav_until = self.nav_until.max(until);
    }

    /// CF-End: nobody needs the medium any more.
    pub(crate) fn release(&mut self, now: Instant) {
        self.nav_until = self.nav_until.min(now);
    }

    /// We use it ourselves.
    pub(crate) fn hold(&mut self, from: Instant, until: Instant) {
        self.own_from = from;
        self.own_until = self.own_until.max(until);
    }

    /// Whether we use it ourselves, or are about to: something is sent SIFS after what came.
    pub(crate) fn is_held(&self, now: Instant) -> bool {
        self.own_until > now
    }

    /// A frame was received without error; that ends EIFS.
    pub(crate) fn received(&mut self) {
        self.eifs_until = Instant::ZERO;
    }

    /// A PPDU ended that could not be read.
    pub(crate) fn garbled(&mut self, now: Instant, eifs_less_difs: Duration) {
        self.eifs_until = now + eifs_less_difs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(us: u64) -> Instant {
        Instant::from_nanos(1000 * us)
    }

    #[test]
    fn the_latest_reason_to_wait_counts() {
        let mut medium = Medium::default();
        assert_eq!(medium.idle_from(), Some(Instant::ZERO));
        medium.cca(us(10), true);
        assert!(medium.is_busy(us(10)) && medium.idle_from().is_none());
        medium.reserve(us(90));
        medium.cca(us(40), false);
        assert_eq!(medium.idle_from(), Some(us(90)));
        medium.hold(us(50), us(80));
        assert!(medium.is_busy(us(89)) && !medium.is_busy(us(90)));
    }

    #[test]
    fn a_shorter_reservation_does_not_end_a_longer_one_but_cf_end_does() {
        let mut medium = Medium::default();
        medium.reserve(us(90));
        medium.reserve(us(50));
        assert!(medium.is_reserved(us(89)));
        medium.release(us(60));
        assert!(!medium.is_reserved(us(60)));
    }

    #[test]
    fn until_our_response_begins_the_medium_is_idle_but_not_ours_to_use() {
        let mut medium = Medium::default();
        medium.hold(us(16), us(44));
        assert_eq!(
            [0, 15, 16, 43, 44].map(|t| medium.is_busy(us(t))),
            [false, false, true, true, false]
        );
        assert_eq!(medium.idle_from(), Some(us(44)));
    }

    #[test]
    fn eifs_ends_with_the_next_frame_that_can_be_read() {
        let mut medium = Medium::default();
        medium.garbled(us(100), Duration::from_micros(60));
        assert_eq!(medium.idle_from(), Some(us(160)));
        medium.received();
        assert_eq!(medium.idle_from(), Some(Instant::ZERO));
    }

    #[test]
    fn told_idle_twice_it_is_idle_since_the_first_time() {
        let mut medium = Medium::default();
        medium.cca(us(10), true);
        medium.cca(us(20), false);
        medium.cca(us(30), false);
        assert_eq!(medium.idle_from(), Some(us(20)));
    }
}
