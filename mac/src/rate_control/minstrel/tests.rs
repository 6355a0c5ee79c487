//! A sender with much to send on a channel that loses MPDUs with given probabilities.

use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, txtime};
use proptest::prelude::*;
use rand::SeedableRng;

use super::*;
use crate::rate_control::FixedRate;
use crate::{MacAddr, RateSelection, Role, Scan, StationConfig};

const SECOND: Duration = Duration::from_secs(1);
const MPDU_LEN: usize = 1540;
const RETRY_LIMIT: u8 = 7;
/// What of an A-MPDU's bytes fits into 4 ms.
const LONGEST: Duration = Duration::from_millis(4);

/// 6, 9, 12, 18, 24, 36, 48, 54 Mbit/s, or MCS 0 to 7: probabilities of delivery.
type Profile = [f64; 8];

/// As far from the transmitter as profiles go, and nearer and nearer: waterfalls of a few dB.
const PROFILES: [Profile; 6] = [
    [0.90, 0.50, 0.20, 0.00, 0.00, 0.00, 0.00, 0.00],
    [1.00, 0.99, 0.98, 0.60, 0.05, 0.00, 0.00, 0.00],
    [1.00, 1.00, 0.99, 0.97, 0.85, 0.20, 0.00, 0.00],
    [1.00, 1.00, 1.00, 1.00, 0.98, 0.93, 0.40, 0.10],
    [0.98, 0.98, 0.98, 0.98, 0.97, 0.96, 0.92, 0.60],
    [1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 0.99],
];
const FAR: Profile = PROFILES[1];
const NEAR: Profile = PROFILES[5];

fn non_ht() -> Vec<Rate> {
    OfdmRate::ALL.map(Rate::from).to_vec()
}

fn ht() -> Vec<Rate> {
    let (width, gi) = (HtWidth::Mhz20, GuardInterval::Long);
    Mcs::ALL.map(|mcs| Rate::Ht(HtRate { mcs, width, gi })).to_vec()
}

fn config() -> Config {
    let scan = Scan::Passive { listen: Duration::ZERO };
    let station = StationConfig { ssid: vec![], bssid: None, scan, beacon_loss: 1 };
    let (address, role) = (MacAddr([2, 0, 0, 0, 0, 1]), Role::Station(station));
    Config::dot11n(address, role, Bandwidth::Mhz20, RateSelection::Minstrel)
}

fn minstrel(rates: &[Rate], policy: Policy, seed: u64) -> Minstrel {
    let rng = ChaCha8Rng::seed_from_u64(seed);
    Minstrel::new(Instant::ZERO, rates, &config(), policy, rng)
}

/// The sender, its channel and its clock.
struct Link {
    rates: Vec<Rate>,
    /// MPDUs in an A-MPDU at most.
    aggregate: usize,
    now: Instant,
    rng: ChaCha8Rng,
    /// How often the MPDU at the head was sent, and the PPDUs in a row that nobody answered.
    attempts: u8,
    unanswered: u32,
}

/// What came of some time on a link.
#[derive(Debug, Default, PartialEq)]
struct Run {
    delivered: usize,
    given_up: usize,
    /// PPDUs at each rate.
    ppdus: [usize; 8],
}

impl Run {
    fn total(&self) -> usize {
        self.ppdus.iter().sum()
    }

    fn share(&self, rate: usize) -> f64 {
        self.ppdus[rate] as f64 / self.total() as f64
    }
}

impl Link {
    fn new(rates: &[Rate], aggregate: usize) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(99);
        let rates = rates.to_vec();
        Self { rates, aggregate, now: Instant::ZERO, rng, attempts: 0, unanswered: 0 }
    }

    /// Sends for so long.
    fn run(&mut self, control: &mut dyn RateControl, profile: &Profile, time: Duration) -> Run {
        let mut run = Run::default();
        let end = self.now + time;
        while self.now < end {
            let rate = control.choose(self.now, self.attempts);
            let index = self.rates.iter().position(|&of_peer| of_peer == rate);
            let index = index.expect("only rates that the peer receives are chosen");
            run.ppdus[index] += 1;

            let bytes = LONGEST.as_secs_f64() * 1e6 * rate.mbps(Bandwidth::Mhz20) / 8.0;
            let sent = (bytes as usize / MPDU_LEN).clamp(1, self.aggregate);
            let arrived = [(); 64].map(|()| self.rng.random_bool(profile[index]));
            let arrived = &arrived[..sent];
            let acknowledged = arrived.iter().filter(|&&arrived| arrived).count();

            let window = (16_u32 << self.unanswered.min(6)) - 1;
            let slots = self.rng.random_range(0..=window);
            let overhead = Duration::from_micros(43 + 16 + 28) + slots * Duration::from_micros(9);
            self.now += overhead + txtime(rate, Bandwidth::Mhz20, sent * MPDU_LEN);
            run.delivered += acknowledged;
            self.unanswered = if acknowledged > 0 { 0 } else { self.unanswered + 1 };
            self.attempts = if arrived[0] { 0 } else { self.attempts + 1 };
            if self.attempts == RETRY_LIMIT {
                (self.attempts, self.unanswered) = (0, 0);
                run.given_up += 1;
            }
            control.report(self.now, TxStatus { rate, sent, acknowledged });
        }
        run
    }
}

/// The rate that delivers most if nothing else is used, and how much.
fn best_fixed(rates: &[Rate], aggregate: usize, profile: &Profile) -> (usize, usize) {
    let runs = rates.iter().map(|&rate| {
        let mut link = Link::new(rates, aggregate);
        link.run(&mut FixedRate(rate), profile, 2 * SECOND).delivered
    });
    runs.enumerate().max_by_key(|&(_, delivered)| delivered).unwrap()
}

/// Rates and longest A-MPDUs of the peers that there are.
fn peers() -> [(Vec<Rate>, usize); 3] {
    [(non_ht(), 1), (ht(), 1), (ht(), 32)]
}

/// All is well up to a rate, most is lost at the next, all beyond.
fn waterfall(last: usize) -> Profile {
    std::array::from_fn(|index| match index {
        _ if index <= last => 1.0,
        _ if index == last + 1 => 0.3,
        _ => 0.0,
    })
}

#[test]
fn within_half_a_second_the_rate_of_most_throughput_is_found() {
    for (rates, aggregate) in peers() {
        for (best, seed) in (0..8).flat_map(|best| [(best, 1), (best, 2)]) {
            let mut control = minstrel(&rates, Policy::Throughput, seed);
            let mut link = Link::new(&rates, aggregate);
            link.run(&mut control, &waterfall(best), SECOND / 2);
            let run = link.run(&mut control, &waterfall(best), SECOND / 2);
            assert!(run.share(best) > 0.75, "{best} of {:?}, {aggregate}: {run:?}", rates[0]);
        }
    }
}

#[test]
fn goodput_is_nearly_that_of_the_best_fixed_rate() {
    for (rates, aggregate) in peers() {
        for profile in &PROFILES {
            let (best, most) = best_fixed(&rates, aggregate, profile);
            let ratios = [0, 1, 2, 3, 4].map(|seed| {
                let mut control = minstrel(&rates, Policy::Throughput, seed);
                let mut link = Link::new(&rates, aggregate);
                link.run(&mut control, profile, SECOND / 2);
                let run = link.run(&mut control, profile, 2 * SECOND);
                run.delivered as f64 / most as f64
            });
            let mean = ratios.iter().sum::<f64>() / 5.0;
            assert!(mean > 0.9, "{mean} of {:?}", rates[best]);
            assert!(ratios.iter().all(|&ratio| ratio > 0.87), "{ratios:?} of {:?}", rates[best]);
        }
    }
}

/// How much of the best fixed rate's goodput there is in the tenth of a second that ends so long
/// after the channel has changed.
fn recovered(policy: Policy, from: &Profile, to: &Profile, after: Duration) -> Vec<f64> {
    let recovered = peers().map(|(rates, aggregate)| {
        let (_, most) = best_fixed(&rates, aggregate, to);
        let mut control = minstrel(&rates, policy, 3);
        let mut link = Link::new(&rates, aggregate);
        link.run(&mut control, from, 4 * SECOND);
        link.run(&mut control, to, after - SECOND / 10);
        link.run(&mut control, to, SECOND / 10).delivered as f64 * 20.0 / most as f64
    });
    recovered.to_vec()
}

#[test]
fn a_channel_that_becomes_bad_is_followed_within_a_fifth_of_a_second() {
    let recovered = recovered(Policy::Throughput, &NEAR, &FAR, SECOND / 5);
    assert!(recovered.iter().all(|&share| share > 0.8), "{recovered:?}");
}

#[test]
fn a_channel_that_becomes_good_is_followed_within_a_second() {
    let recovered = recovered(Policy::Throughput, &FAR, &NEAR, SECOND);
    assert!(recovered.iter().all(|&share| share > 0.85), "{recovered:?}");
}

#[test]
fn caution_follows_a_good_channel_within_two_seconds() {
    let recovered = recovered(Policy::Cautious, &FAR, &NEAR, 2 * SECOND);
    assert!(recovered.iter().all(|&share| share > 0.8), "{recovered:?}");
}

#[test]
fn caution_loses_little_and_gives_nothing_up() {
    for (rates, aggregate) in peers() {
        let profile = PROFILES[2];
        let mut control = minstrel(&rates, Policy::Cautious, 5);
        let mut link = Link::new(&rates, aggregate);
        link.run(&mut control, &profile, 4 * SECOND);
        let run = link.run(&mut control, &profile, 2 * SECOND);
        let reliable: f64 = (0..4).map(|index| run.share(index)).sum();
        assert!(reliable > 0.9, "{run:?}");
        assert_eq!(run.given_up, 0);
    }
}

/// Counts how often a first attempt is not at the best rate.
struct Watched {
    control: Minstrel,
    first_attempts: usize,
    samples: usize,
}

impl RateControl for Watched {
    fn choose(&mut self, now: Instant, attempt: u8) -> Rate {
        let rate = self.control.choose(now, attempt);
        if attempt == 0 {
            self.first_attempts += 1;
            self.samples += usize::from(rate != self.control.proven(0));
        } else {
            assert_eq!(rate, self.control.proven(attempt), "retries are not for trying out");
        }
        rate
    }

    fn proven(&self, attempt: u8) -> Rate {
        self.control.proven(attempt)
    }

    fn report(&mut self, now: Instant, status: TxStatus) {
        self.control.report(now, status);
    }
}

#[test]
fn a_tenth_of_first_attempts_at_most_are_samples_and_none_of_the_retries() {
    for profile in &PROFILES {
        for policy in [Policy::Throughput, Policy::Cautious] {
            let control = minstrel(&non_ht(), policy, 7);
            let mut watched = Watched { control, first_attempts: 0, samples: 0 };
            Link::new(&non_ht(), 1).run(&mut watched, profile, 10 * SECOND);
            let share = watched.samples as f64 / watched.first_attempts as f64;
            assert!(share < 0.11, "{share}");
        }
    }
}

#[test]
fn a_perfect_channel_is_not_sampled() {
    let control = minstrel(&non_ht(), Policy::Throughput, 7);
    let mut watched = Watched { control, first_attempts: 0, samples: 0 };
    Link::new(&non_ht(), 1).run(&mut watched, &[1.0; 8], SECOND);
    assert_eq!(watched.samples, 0);
}

#[test]
fn before_anything_is_known_attempts_go_down_from_the_fastest_rate() {
    let rates = non_ht();
    let mut control = minstrel(&rates, Policy::Throughput, 1);
    let chain = [0, 1, 2, 3, 9].map(|attempt| control.choose(Instant::ZERO, attempt));
    assert_eq!(chain, [rates[7], rates[6], rates[5], rates[0], rates[0]]);
}

#[test]
fn a_rate_that_dies_is_left_before_the_interval_ends() {
    let rates = non_ht();
    let mut control = minstrel(&rates, Policy::Throughput, 1);
    let lost = TxStatus { rate: rates[7], sent: 1, acknowledged: 0 };
    for _ in 0..3 {
        assert_eq!(control.proven(0), rates[7]);
        control.report(Instant::ZERO, lost);
    }
    assert_eq!(control.proven(0), rates[6]);
}

#[test]
fn a_choice_stands_until_it_is_reported() {
    let rates = non_ht();
    let mut control = minstrel(&rates, Policy::Cautious, 1);
    for _ in 0..100 {
        let rate = control.choose(Instant::ZERO, 0);
        assert!((0..20).all(|_| control.choose(Instant::ZERO, 0) == rate));
        control.report(Instant::ZERO, TxStatus { rate, sent: 1, acknowledged: 1 });
    }
}

#[test]
fn the_head_of_an_ampdu_may_be_lost_without_a_slower_rate() {
    let rates = ht();
    let mut control = minstrel(&rates, Policy::Throughput, 1);
    for _ in 0..20 {
        control.report(Instant::ZERO, TxStatus { rate: rates[7], sent: 32, acknowledged: 31 });
    }
    assert_eq!(control.choose(Instant::ZERO, 3), rates[7]);
    control.report(Instant::ZERO, TxStatus { rate: rates[7], sent: 32, acknowledged: 0 });
    assert_eq!(control.choose(Instant::ZERO, 3), rates[6]);
}

#[test]
fn the_same_seed_makes_the_same_choices() {
    let run = || {
        let mut control = minstrel(&ht(), Policy::Throughput, 11);
        let mut link = Link::new(&ht(), 8);
        [FAR, NEAR, FAR].map(|profile| link.run(&mut control, &profile, SECOND))
    };
    assert_eq!(run(), run());
}

proptest! {
    #[test]
    fn whatever_is_reported_only_rates_of_the_peer_are_chosen(
        seed: u64,
        cautious: bool,
        non_ht in 1..=255_u8,
        with_ht: bool,
        reports in proptest::collection::vec(
            (0..16_usize, 0..70_usize, 0..70_usize, 0..u64::MAX / 1000, 0..9_u8),
            0..200,
        ),
    ) {
        let full = config();
        let rates = OfdmRate::ALL.into_iter().enumerate();
        let rates = rates.filter(|(bit, _)| non_ht >> bit & 1 == 1).map(|(_, rate)| rate);
        let ht = full.capabilities.ht.filter(|_| with_ht);
        let peer = crate::Capabilities { rates: rates.collect(), ht, qos: with_ht };
        let policy = if cautious { Policy::Cautious } else { Policy::Throughput };
        let mut control = minstrel(&peer.data_rates(full.bandwidth), policy, seed);
        let all = full.capabilities.data_rates(full.bandwidth);
        for (rate, sent, acknowledged, nanos, attempt) in reports {
            let now = Instant::from_nanos(nanos);
            prop_assert!(peer.receives(control.choose(now, attempt)));
            prop_assert!(peer.receives(control.proven(attempt)));
            control.report(now, TxStatus { rate: all[rate], sent, acknowledged });
        }
    }
}
