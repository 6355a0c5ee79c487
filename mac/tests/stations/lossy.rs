//! Whatever is lost, packets arrive once and in order, or somebody is told.

use std::time::Duration;

use mac::{Config, DropReason, Notice, Role};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::air::{Air, Fate, Sent};
use crate::network::{
    AP, STATION, ap_role, dot11a, dot11n, is_quiet, joined, ms, network, station_role,
};

/// Loses PPDUs and damages MPDUs with the probabilities given, beacons excepted.
fn lossy(seed: u64, lose: f64, damage: f64) -> impl FnMut(&Sent, usize) -> Fate {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    move |sent, _| {
        if sent.name() == "Beacon" {
            Fate::Arrives
        } else if rng.random_bool(lose) {
            if rng.random() { Fate::Garbled } else { Fate::Unheard }
        } else {
            let places = 0..sent.mpdus.len();
            Fate::Damaged(places.filter(|_| rng.random_bool(damage)).collect())
        }
    }
}

/// How long what waits behind a gap waits: for longer than it takes to fill it.
const PATIENCE: Duration = Duration::from_secs(20);

fn given_up(air: &Air, node: usize) -> usize {
    let notices = air.notices(node);
    let given_up =
        |notice: &&Notice| matches!(notice, Notice::Dropped { why: DropReason::RetryLimit, .. });
    notices.iter().filter(given_up).count()
}

fn check(config: fn(Role) -> Config, seed: u64, lose: f64, damage: f64, packets: usize) {
    let patient = |role| Config { reorder_release: PATIENCE, lifetime: None, ..config(role) };
    let mut air = joined(network([patient(ap_role()), patient(station_role())]));
    air.set_faults(lossy(seed, lose, damage));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sent = [vec![], vec![]];
    for _ in 0..packets {
        let len = rng.random_range(4..1500);
        let from = rng.random_range(0..2);
        sent[from].extend(air.packets(from, 1 - from, 1, len));
        if rng.random_bool(0.1) {
            air.run(ms(rng.random_range(0..5)));
        }
    }
    air.run_till("all sent", is_quiet);
    // What is behind a gap at the end goes up by a request, or if that is given up as well in time.
    air.set_faults(|_, _| Fate::Arrives);
    air.run(PATIENCE + ms(100));
    for (from, to) in [(AP, STATION), (STATION, AP)] {
        let received = air.received(to);
        assert!(received.is_sorted_by(|a, b| a < b), "once and in order: {received:?}");
        assert!(received.iter().all(|number| sent[from].contains(number)));
        let missing = sent[from].len() - received.len();
        assert!(missing <= given_up(&air, from), "{missing} are missing silently");
    }
    assert_eq!(
        air.notices(STATION).iter().filter(|n| crate::network::is_association(n)).count(),
        1
    );
}

proptest! {
    #[test]
    fn with_block_ack(seed: u64, lose in 0.0..0.4, damage in 0.0..0.4, packets in 1..300usize) {
        check(dot11n, seed, lose, damage, packets);
    }

    #[test]
    fn with_acks(seed: u64, lose in 0.0..0.4, damage in 0.0..0.2, packets in 1..100usize) {
        check(dot11a, seed, lose, damage, packets);
    }
}
