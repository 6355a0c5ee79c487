use std::time::Duration;

use super::INTERVAL;
use super::policy::Policy;
use crate::Instant;

/// Share of the newest interval in the average, at least.
const LEAST_WEIGHT: f64 = 0.25;
/// An interval with so many attempts counts as much as all before it.
const WEIGHTY_ATTEMPTS: f64 = 30.0;
/// A loss is never a greater surprise than this: anything may collide.
const LEAST_LOSS: f64 = 0.05;
/// What a contradicted average is divided by.
const CONDEMNATION: f64 = 4.0;
/// How long a rate that keeps failing is not tried, at most.
const LONGEST_REST: Duration = Duration::from_millis(400);
/// What a success divides that by.
const REST_DIVISOR: u32 = 4;

/// What is known of one rate's probability of delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    /// The average.
    probability: f64,
    /// MPDUs since it was last made, and those of them that were acknowledged.
    attempts: usize,
    acknowledged: usize,
    /// How probable the PPDUs lost in a row would be if the average were right.
    plausibility: f64,
    /// How long the rate is not tried after it failed, and until when.
    rest: Duration,
    rested_at: Instant,
}

impl Estimate {
    pub(super) fn new(prior: f64) -> Self {
        Self {
            probability: prior,
            attempts: 0,
            acknowledged: 0,
            plausibility: 1.0,
            rest: Duration::ZERO,
            rested_at: Instant::ZERO,
        }
    }

    pub(super) fn probability(&self) -> f64 {
        self.probability
    }

    /// A PPDU was sent at the rate.
    pub(super) fn record(&mut self, now: Instant, sent: usize, acknowledged: usize) {
        self.attempts += sent;
        self.acknowledged += acknowledged;
        if acknowledged > 0 {
            self.plausibility = 1.0;
            let rest = self.rest / REST_DIVISOR;
            self.rest = if rest < INTERVAL / REST_DIVISOR { Duration::ZERO } else { rest };
        } else {
            self.plausibility *= (1.0 - self.probability).max(LEAST_LOSS);
            self.rest = (2 * self.rest).clamp(INTERVAL, LONGEST_REST);
        }
        self.rested_at = now + self.rest;
    }

    /// Whether it may be tried again.
    pub(super) fn is_rested(&self, now: Instant) -> bool {
        self.rested_at <= now
    }

    /// Whether too much was lost in a row to believe in the average any more.
    pub(super) fn is_refuted(&self, policy: Policy) -> bool {
        self.plausibility < policy.disbelief()
    }

    /// Does not believe in the average any more, nor in what was acknowledged before the losses.
    pub(super) fn condemn(&mut self) {
        self.probability /= CONDEMNATION;
        (self.attempts, self.acknowledged) = (0, 0);
        self.plausibility = 1.0;
    }

    /// Puts the attempts since the last time into the average. Whether there were any.
    pub(super) fn update(&mut self, policy: Policy) -> bool {
        if self.attempts == 0 {
            return false;
        }
        let attempts = self.attempts as f64;
        let newest = self.acknowledged as f64 / attempts;
        let mut weight = LEAST_WEIGHT.max(attempts / (attempts + WEIGHTY_ATTEMPTS));
        if newest < self.probability {
            weight = weight.max(policy.least_weight_of_bad_news());
        }
        self.probability += weight * (newest - self.probability);
        (self.attempts, self.acknowledged) = (0, 0);
        true
    }

    /// Another rate has shown that this one delivers so much.
    pub(super) fn raise_to(&mut self, probability: f64) {
        self.probability = self.probability.max(probability);
    }

    /// Another rate has shown that this one delivers no more than that.
    pub(super) fn lower_to(&mut self, probability: f64) {
        self.probability = self.probability.min(probability);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_nanos(1_000_000_000);

    #[test]
    fn many_attempts_weigh_more_than_few() {
        let after = |attempts| {
            let mut estimate = Estimate::new(1.0);
            estimate.record(NOW, attempts, attempts / 2);
            estimate.update(Policy::Throughput);
            estimate.probability()
        };
        assert_eq!(after(2), 0.875);
        assert_eq!(after(30), 0.75);
        assert!(after(300) < 0.55);
    }

    #[test]
    fn without_attempts_the_average_stays() {
        let mut estimate = Estimate::new(0.7);
        assert!(!estimate.update(Policy::Throughput));
        assert_eq!(estimate.probability(), 0.7);
    }

    #[test]
    fn caution_takes_bad_news_at_once_and_good_news_slowly() {
        let mut estimate = Estimate::new(0.0);
        for _ in 0..10 {
            estimate.record(NOW, 1, 1);
            estimate.update(Policy::Cautious);
        }
        assert!((0.9..0.95).contains(&estimate.probability()));
        estimate.record(NOW, 2, 1);
        estimate.update(Policy::Cautious);
        assert_eq!(estimate.probability(), 0.5);
    }

    /// How many losses in a row refute an average.
    fn losses_to_refute(probability: f64, policy: Policy) -> usize {
        let mut estimate = Estimate::new(probability);
        let lost = |_: &usize| {
            estimate.record(NOW, 1, 0);
            estimate.is_refuted(policy)
        };
        (1..100).find(lost).unwrap()
    }

    #[test]
    fn losses_in_a_row_refute_sooner_what_was_thought_to_be_good() {
        let losses = |probability| losses_to_refute(probability, Policy::Throughput);
        assert_eq!([1.0, 0.9, 0.7, 0.5].map(losses), [3, 4, 8, 13]);
        assert_eq!(losses_to_refute(1.0, Policy::Cautious), 2);
    }

    #[test]
    fn what_keeps_failing_rests_longer_and_longer() {
        let mut estimate = Estimate::new(0.0);
        let mut rests = [0; 5];
        for rest in &mut rests {
            estimate.record(NOW, 1, 0);
            *rest = estimate.rested_at.since(NOW).as_millis();
        }
        assert_eq!(rests, [50, 100, 200, 400, 400]);
        estimate.record(NOW, 1, 1);
        assert!(!estimate.is_rested(NOW));
        estimate.record(NOW, 1, 1);
        estimate.record(NOW, 1, 1);
        assert!(estimate.is_rested(NOW));
    }
}
