//! Rate control by what was acknowledged, after the idea of Minstrel and Minstrel-HT of Linux's
//! mac80211: an average of the delivery probability of each rate, the throughput to expect from
//! it, and a few PPDUs spent on rates that might do better. `docs/rate-control.md` has the whole.
//!
//! Ours takes what it has not measured to be perfect, so that it starts at the fastest rate and
//! falls to the right one, and gives up a rate before the interval ends when the PPDUs lost in a
//! row contradict its average.
//!
//! Left out: the lengths of packets (all count as 1500 bytes), the longer backoff after a loss,
//! a choice of width and guard interval ([`Capabilities::data_rates`] makes it), and RTS before
//! what is tried out.
//!
//! [`Capabilities::data_rates`]: crate::Capabilities::data_rates

mod airtime;
mod estimate;
mod policy;
#[cfg(test)]
mod tests;

pub(crate) use policy::Policy;

use std::time::Duration;

use phy80211::Rate;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{RateControl, TxStatus};
use crate::{Config, Instant};
use airtime::Airtime;
use estimate::Estimate;

/// How often what was acknowledged goes into the averages.
const INTERVAL: Duration = Duration::from_millis(50);
/// One PPDU of so many is sent at another rate, if one is worth it.
const SAMPLE_EVERY: u32 = 10;
/// The share of the newest A-MPDU in their average length.
const NEWEST_LENGTH: f64 = 1.0 / 8.0;

/// One rate of the peer.
#[derive(Debug)]
struct Candidate {
    rate: Rate,
    airtime: Airtime,
    estimate: Estimate,
}

/// Chooses the rate of most throughput, or a reliable one, by what was acknowledged.
#[derive(Debug)]
pub(crate) struct Minstrel {
    policy: Policy,
    /// All rates of the peer, slowest first.
    candidates: Vec<Candidate>,
    /// Candidates by attempt: the best, the second best, the most probable, the slowest.
    chain: [usize; 4],
    /// The candidate of a first attempt that has not been reported yet. It is asked for again
    /// after RTS and CTS, which have announced how long it lasts.
    chosen: Option<usize>,
    /// MPDUs in a PPDU, on average.
    mpdus: f64,
    /// PPDUs in a row without any acknowledgement.
    unanswered: u8,
    /// When the averages were last made.
    updated: Instant,
    rng: ChaCha8Rng,
}

impl Minstrel {
    /// For a peer with these rates, slowest first.
    ///
    /// # Panics
    /// Without any rate.
    pub(crate) fn new(
        now: Instant,
        rates: &[Rate],
        config: &Config,
        policy: Policy,
        rng: ChaCha8Rng,
    ) -> Self {
        assert!(!rates.is_empty(), "a peer has a rate");
        let candidates = rates.iter().map(|&rate| Candidate {
            rate,
            airtime: Airtime::of(rate, config),
            estimate: Estimate::new(policy.prior()),
        });
        let mut this = Self {
            policy,
            candidates: candidates.collect(),
            chain: [0; 4],
            chosen: None,
            mpdus: 1.0,
            unanswered: 0,
            updated: now,
            rng,
        };
        this.rank();
        this
    }

    /// What a candidate would be worth with that probability of delivery.
    fn score(&self, candidate: &Candidate, probability: f64) -> f64 {
        let slowest = &self.candidates[0].airtime;
        self.policy.score(
            probability,
            candidate.airtime.of_mpdu(self.mpdus),
            slowest.of_mpdu(self.mpdus),
        )
    }

    /// Orders the candidates into the chain.
    fn rank(&mut self) {
        let (mut best, mut second) = ((0, f64::NEG_INFINITY), (0, f64::NEG_INFINITY));
        for (index, candidate) in self.candidates.iter().enumerate() {
            let score = self.score(candidate, candidate.estimate.probability());
            if score > best.1 {
                (best, second) = ((index, score), best);
            } else if score > second.1 {
                second = (index, score);
            }
        }
        // Of those that hardly ever fail the fastest.
        let certainty = |index: usize| {
            let probability = self.candidates[index].estimate.probability();
            probability.min(policy::RELIABLE)
        };
        let others = (0..self.candidates.len()).filter(|&i| i != best.0 && i != second.0);
        let probable = others.max_by(|&a, &b| certainty(a).total_cmp(&certainty(b)));
        self.chain = [best.0, second.0, probable.unwrap_or(0), 0];
    }

    /// How far down the chain an attempt is.
    fn link(&self, attempt: u8) -> usize {
        // With A-MPDUs the head has often been lost while those around it have arrived, which
        // says nothing against the rate: there only PPDUs that nobody answered count.
        let aggregates = self.mpdus >= 2.0;
        let steps = if aggregates { attempt.min(self.unanswered) } else { attempt };
        usize::from(steps).min(self.chain.len() - 1)
    }

    /// Now and then another candidate: one that has not just failed, and that could displace the
    /// best or the second best if it were perfect.
    fn sample(&mut self, now: Instant) -> Option<usize> {
        if !self.rng.random_ratio(1, SAMPLE_EVERY) {
            return None;
        }
        let [best, second, ..] = self.chain.map(|index| &self.candidates[index]);
        let to_beat = self.score(second, second.estimate.probability());
        let count = self.candidates.len();
        // What is too slow lies together, so most walks end at the next faster than that: the
        // likeliest to succeed.
        let start = self.rng.random_range(0..count);
        let mut walk = (0..count).map(|step| (start + step) % count);
        walk.find(|&index| {
            let candidate = &self.candidates[index];
            candidate.rate != best.rate
                && candidate.estimate.is_rested(now)
                && self.score(candidate, 1.0) > to_beat
        })
    }

    /// Puts what was acknowledged since the last time into the averages.
    fn update(&mut self, now: Instant) {
        self.updated = now;
        for index in (0..self.candidates.len()).rev() {
            let (slower, this) = self.candidates.split_at_mut(index);
            let this = &mut this[0];
            if !this.estimate.update(self.policy) {
                continue;
            }
            // What arrives at this rate would arrive at slower ones, whose averages may be old;
            // those with attempts of their own are corrected by these right away.
            let proven = this.estimate.probability();
            for other in slower.iter_mut().filter(|other| is_alike(other.rate, this.rate)) {
                other.estimate.raise_to(proven);
            }
        }
        self.rank();
    }

    /// What was lost in a row contradicts the average of a candidate.
    fn condemn(&mut self, index: usize) {
        let condemned = &mut self.candidates[index];
        condemned.estimate.condemn();
        let (rate, probability) = (condemned.rate, condemned.estimate.probability());
        // Faster rates are no better; it would take time to try them one by one.
        let faster = self.candidates[index + 1..].iter_mut();
        for other in faster.filter(|other| is_alike(other.rate, rate)) {
            other.estimate.lower_to(probability);
        }
        self.rank();
    }
}

/// Whether the slower of two rates is the more robust one, too: not if one is HT and the other is
/// not.
fn is_alike(a: Rate, b: Rate) -> bool {
    matches!((a, b), (Rate::NonHt(_), Rate::NonHt(_)) | (Rate::Ht(_), Rate::Ht(_)))
}

impl RateControl for Minstrel {
    fn choose(&mut self, now: Instant, attempt: u8) -> Rate {
        let index = match (self.link(attempt), self.chosen) {
            (0, Some(chosen)) => chosen,
            (0, None) => self.sample(now).unwrap_or(self.chain[0]),
            (link, _) => return self.candidates[self.chain[link]].rate,
        };
        self.chosen = Some(index);
        self.candidates[index].rate
    }

    fn proven(&self, attempt: u8) -> Rate {
        let link = usize::from(attempt).min(self.chain.len() - 1);
        self.candidates[self.chain[link]].rate
    }

    fn report(&mut self, now: Instant, status: TxStatus) {
        let TxStatus { rate, sent, acknowledged } = status;
        let index = self.candidates.iter().position(|candidate| candidate.rate == rate);
        let Some(index) = index.filter(|_| sent > 0) else { return };
        self.chosen = None;
        self.mpdus += NEWEST_LENGTH * (sent as f64 - self.mpdus);
        self.unanswered = if acknowledged > 0 { 0 } else { self.unanswered.saturating_add(1) };

        let estimate = &mut self.candidates[index].estimate;
        estimate.record(now, sent, acknowledged.min(sent));
        if estimate.is_refuted(self.policy) {
            self.condemn(index);
        }
        if now.since(self.updated) >= INTERVAL {
            self.update(now);
        }
    }
}
