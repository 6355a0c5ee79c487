//! Channel access: when a station may transmit (10.3.4 DCF, 10.23.2 EDCA).
//!
//! A station contends with up to four functions, one for each access category, and an AP with
//! another one for its beacons. All of them watch the same [`Medium`]; each has its own
//! [`Contender`]. Of two that are ready at once the one of higher priority transmits, and to the
//! other it is a collision (10.23.2.4).

mod contender;
mod medium;
mod timing;

pub(crate) use contender::{Contender, Contention};
pub(crate) use medium::Medium;
pub use timing::SlotTiming;

use rand_chacha::ChaCha8Rng;

use crate::{AccessCategory, EdcaRecords, Instant};

/// Who contends within a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// The EDCAF of a category; that of best effort is the DCF of a station without QoS.
    Category(AccessCategory),
    /// Beacons go out of turn: after PIFS, without backoff.
    Beacon,
}

impl Function {
    /// From the least to the highest priority.
    pub(crate) const BY_PRIORITY: [Self; 5] = [
        Self::Category(AccessCategory::Background),
        Self::Category(AccessCategory::BestEffort),
        Self::Category(AccessCategory::Video),
        Self::Category(AccessCategory::Voice),
        Self::Beacon,
    ];

    fn index(self) -> usize {
        match self {
            Self::Category(category) => category as usize,
            Self::Beacon => AccessCategory::ALL.len(),
        }
    }
}

/// All access functions of a station and the medium that they watch.
#[derive(Debug)]
pub(crate) struct ChannelAccess {
    pub(crate) timing: SlotTiming,
    medium: Medium,
    contenders: [Contender; 5],
}

/// DIFS, and the contention window of clause 17.
const DCF: Contention =
    Contention { aifsn: 2, cw_min: 15, cw_max: 1023, counts_at_slot_start: false };
const BEACON: Contention =
    Contention { aifsn: 1, cw_min: 0, cw_max: 0, counts_at_slot_start: true };

fn contention(records: &EdcaRecords, category: AccessCategory) -> Contention {
    records.of(category).map_or(DCF, |record| Contention {
        aifsn: record.aci_aifsn.aifsn().into(),
        cw_min: record.cw_min().into(),
        // What came off the air may have them the wrong way round.
        cw_max: record.cw_max().max(record.cw_min()).into(),
        counts_at_slot_start: true,
    })
}

impl ChannelAccess {
    /// EDCA with the parameters given, or else DCF.
    pub(crate) fn new(timing: SlotTiming, edca: Option<&EdcaRecords>, retry_limit: u8) -> Self {
        let contention = |category| edca.map_or(DCF, |records| contention(records, category));
        let [be, bk, vi, vo] =
            AccessCategory::ALL.map(|ac| Contender::new(contention(ac), retry_limit));
        let contenders = [be, bk, vi, vo, Contender::new(BEACON, retry_limit)];
        Self { timing, medium: Medium::default(), contenders }
    }

    /// The AP has told its EDCA parameters.
    pub(crate) fn set_edca(&mut self, records: &EdcaRecords) {
        for category in AccessCategory::ALL {
            let contention = contention(records, category);
            // A shorter AIFS is for APs only (9.4.2.28).
            let contention = Contention { aifsn: contention.aifsn.max(2), ..contention };
            self.contender(Function::Category(category)).set_contention(contention);
        }
    }

    pub(crate) fn medium(&self) -> &Medium {
        &self.medium
    }

    /// What is changed here must not begin to be busy: see [`becomes_busy`](Self::becomes_busy).
    pub(crate) fn medium_mut(&mut self) -> &mut Medium {
        &mut self.medium
    }

    pub(crate) fn contender(&mut self, function: Function) -> &mut Contender {
        &mut self.contenders[function.index()]
    }

    /// The PHY says that the medium is busy.
    pub(crate) fn cca_busy(&mut self, now: Instant) {
        self.becomes_busy(now);
        self.medium.cca(now, true);
    }

    /// Another station behind the same PHY has taken the medium: to those that were ready as well
    /// that is a collision.
    pub(crate) fn preempted(
        &mut self,
        now: Instant,
        wants: impl Fn(Function) -> bool,
        rng: &mut ChaCha8Rng,
    ) {
        let idle_from = self.medium.idle_from();
        let ready = Function::BY_PRIORITY.map(|function| {
            let contender = &self.contenders[function.index()];
            let at = idle_from.map(|from| contender.ready_at(from, &self.timing));
            wants(function) && at.is_some_and(|at| at <= now)
        });
        self.cca_busy(now);
        for (function, _) in Function::BY_PRIORITY.into_iter().zip(ready).filter(|f| f.1) {
            self.contender(function).failed(rng);
        }
    }

    /// This station uses the medium for a while.
    pub(crate) fn transmit(&mut self, now: Instant, from: Instant, until: Instant) {
        self.becomes_busy(now);
        self.medium.hold(from, until);
    }

    /// Stops all backoff timers, if the medium was idle.
    fn becomes_busy(&mut self, now: Instant) {
        let Some(idle_from) = self.medium.idle_from().filter(|from| *from < now) else { return };
        for contender in &mut self.contenders {
            contender.count_down(idle_from, now, &self.timing);
        }
    }

    /// When the first of the functions that want to may transmit, if the medium stays idle.
    pub(crate) fn next_ready(&self, wants: impl Fn(Function) -> bool) -> Option<Instant> {
        let idle_from = self.medium.idle_from()?;
        let functions = Function::BY_PRIORITY.into_iter().filter(|&function| wants(function));
        functions.map(|f| self.contenders[f.index()].ready_at(idle_from, &self.timing)).min()
    }

    /// The function that may transmit now, which it must then do. Others that were ready as well
    /// have collided with it.
    pub(crate) fn grant(
        &mut self,
        now: Instant,
        wants: impl Fn(Function) -> bool,
        rng: &mut ChaCha8Rng,
    ) -> Option<Function> {
        let idle_from = self.medium.idle_from()?;
        let ready = Function::BY_PRIORITY.map(|function| {
            let at = self.contenders[function.index()].ready_at(idle_from, &self.timing);
            wants(function) && at <= now
        });
        let winner = ready.iter().rposition(|&ready| ready)?;
        // The slots that have passed are counted before the losers draw new ones.
        self.transmit(now, now, now);
        for (function, _) in
            Function::BY_PRIORITY.into_iter().zip(ready).take(winner).filter(|f| f.1)
        {
            self.contender(function).failed(rng);
        }
        Some(Function::BY_PRIORITY[winner])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccessCategory::{BestEffort, Video, Voice};
    use phy80211::Bandwidth;
    use rand::SeedableRng;

    fn us(us: u64) -> Instant {
        Instant::from_nanos(1000 * us)
    }

    fn edca() -> ChannelAccess {
        ChannelAccess::new(
            SlotTiming::of(Bandwidth::Mhz20),
            Some(&EdcaRecords::station_default()),
            7,
        )
    }

    fn idle_since(access: &mut ChannelAccess, at: Instant) {
        access.cca_busy(at);
        access.medium_mut().cca(at, false);
    }

    #[test]
    fn the_higher_priority_goes_first_and_the_other_has_collided() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut access = edca();
        idle_since(&mut access, us(100));
        let wants = |f| matches!(f, Function::Category(BestEffort | Voice));
        assert_eq!(access.next_ready(wants), Some(us(134)));
        // Both have been ready for long.
        assert_eq!(access.grant(us(500), wants, &mut rng), Some(Function::Category(Voice)));
        access.transmit(us(500), us(500), us(600));
        let lost = access.contender(Function::Category(BestEffort)).clone();
        let drawn = lost.ready_at(us(0), &access.timing).since(us(43));
        // Drawn from the doubled window, and none of it was counted down by the idle time before.
        assert!(drawn.as_micros().is_multiple_of(9) && drawn.as_micros() <= 31 * 9);
        assert_eq!(access.next_ready(wants).map(|at| at >= us(634)), Some(true));
    }

    #[test]
    fn who_is_preempted_when_ready_has_collided_and_others_only_wait() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (at, collides) in [(143, true), (120, false)] {
            let mut most = 0;
            for _ in 0..50 {
                let mut access = edca();
                idle_since(&mut access, us(100));
                access.preempted(us(at), |f| f == Function::Category(BestEffort), &mut rng);
                access.medium_mut().cca(us(500), false);
                let ready = access.next_ready(|f| f == Function::Category(BestEffort)).unwrap();
                most = most.max(ready.since(us(543)).as_micros());
            }
            // Slots drawn from the doubled window, or none at all.
            assert_eq!(most > 15 * 9, collides, "{most} us");
        }
    }

    #[test]
    fn beacons_go_after_pifs() {
        let mut access = edca();
        idle_since(&mut access, us(100));
        assert_eq!(access.next_ready(|_| true), Some(us(125)));
        assert_eq!(access.next_ready(|f| f == Function::Category(Video)), Some(us(134)));
    }

    #[test]
    fn slots_are_counted_once_for_one_idle_time() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut access = edca();
        let best_effort = Function::Category(BestEffort);
        let slots = |access: &mut ChannelAccess| {
            let ready = access.contender(best_effort).clone().ready_at(us(0), &access.timing);
            ready.since(us(43)).as_micros() / 9
        };
        for _ in 0..3 {
            access.contender(best_effort).failed(&mut rng);
        }
        let drawn = slots(&mut access);
        assert!(drawn > 4, "{drawn} slots are too few for this test");
        access.cca_busy(us(43 + 9));
        access.cca_busy(us(90));
        access.transmit(us(95), us(95), us(99));
        assert_eq!(slots(&mut access), drawn - 2);
    }

    #[test]
    fn without_edca_a_station_waits_for_difs() {
        let mut access = ChannelAccess::new(SlotTiming::of(Bandwidth::Mhz20), None, 7);
        idle_since(&mut access, us(100));
        assert_eq!(access.next_ready(|f| f != Function::Beacon), Some(us(134)));
    }
}
