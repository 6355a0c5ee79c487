//! Responses that are lost, and requests, and promises that are not kept.

use std::time::Duration;

use hack::Policy;
use mac::Instant;
use rand::RngExt;

use crate::bench::{AP, Direction, START, Setup, Standard};
use crate::check::{check, with_all};
use crate::faults::{Kind, lose, rng};

#[test]
fn acks_ride_when_nothing_happens() {
    for direction in [Direction::Download, Direction::Upload] {
        for standard in [Standard::Dot11a, Standard::Dot11n] {
            let setup = |policy| Setup { direction, standard, ..Setup::download(policy) };
            with_all(setup, |setup| {
                let bench = check(setup, || |_, _, indication| indication);
                let end = if direction == Direction::Download { 1 } else { AP };
                let (acks, confirmed) = (bench.ledger().acks(), bench.stats(end).confirmed);
                let policy = setup.ap.expect("it has one");
                // Most natively sent ACKs are sooner in the air than a response.
                let least = if policy == Policy::Opportunistic { 1 } else { acks * 8 / 10 };
                assert!(confirmed >= least as u64, "{confirmed} of {acks}: {setup:?}");
                assert_eq!(bench.stats(1 - end).gaps, 0);
            });
        }
    }
}

#[test]
fn responses_may_be_lost_at_any_rate() {
    for standard in [Standard::Dot11a, Standard::Dot11n] {
        for direction in [Direction::Download, Direction::Upload] {
            for loss in [0.02, 0.1, 0.3, 0.5] {
                let bytes = 2_000_000;
                let seed = (loss * 1000.0) as u64;
                let setup =
                    |policy| Setup { standard, direction, bytes, seed, ..Setup::download(policy) };
                with_all(setup, |setup| {
                    check(setup, || {
                        let mut rng = rng(seed);
                        move |_, _, indication| {
                            lose(indication, |kind, _| {
                                kind == Kind::Response && rng.random_bool(loss)
                            })
                        }
                    });
                });
            }
        }
    }
}

#[test]
fn all_responses_may_be_lost_for_300_ms() {
    for standard in [Standard::Dot11a, Standard::Dot11n] {
        with_all(
            |policy| Setup { standard, ..Setup::download(policy) },
            |setup| {
                check(setup, || {
                    |now: Instant, node, indication| {
                        let since = now.since(START);
                        let burst = Duration::from_millis(150)..Duration::from_millis(450);
                        let is_hit = node == AP && burst.contains(&since);
                        lose(indication, |kind, _| kind == Kind::Response && is_hit)
                    }
                });
            },
        );
    }
}

#[test]
fn requests_may_be_lost_together_with_responses() {
    with_all(Setup::download, |setup| {
        check(setup, || {
            let mut rng = rng(7);
            move |_, _, indication| {
                lose(indication, |kind, _| match kind {
                    Kind::Request => rng.random_bool(0.5),
                    Kind::Response => rng.random_bool(0.2),
                    Kind::Data | Kind::Other => false,
                })
            }
        });
    });
}

#[test]
fn a_promise_of_more_data_may_be_broken() {
    for standard in [Standard::Dot11a, Standard::Dot11n] {
        with_all(
            |policy| Setup { standard, ..Setup::download(policy) },
            |setup| {
                let bench = check(setup, || {
                    |now: Instant, node, indication| {
                        let silence = Duration::from_millis(150)..Duration::from_millis(600);
                        let is_hit = node != AP && silence.contains(&now.since(START));
                        lose(indication, |kind, _| {
                            is_hit && matches!(kind, Kind::Data | Kind::Request)
                        })
                    }
                });
                assert!(bench.ledger().longest_ack_wait() < Duration::from_millis(150));
            },
        );
    }
}
