//! Responses that are lost, and requests, and promises that are not kept.

use std::time::Duration;

use hack::Policy;
use mac::{Instant, PhyIndication};
use rand::RngExt;

use crate::bench::{AP, Bench, Direction, POLICIES, START, Setup, Standard};
use crate::faults::{Kind, lose, rng};

/// Beyond what the same network without HACK would have paused.
const PATIENCE: Duration = Duration::from_millis(200);

/// Runs a network with faults with and without HACK. No ACK may be missing, and no flow may pause
/// for long that does not without.
fn check<F>(setup: &Setup, faults: impl Fn() -> F) -> Bench
where
    F: FnMut(Instant, usize, PhyIndication) -> PhyIndication + 'static,
{
    let run = |setup: &Setup| {
        let mut bench = Bench::new(setup);
        bench.network.set_faults(faults());
        bench.finish();
        bench
    };
    let native = run(&setup.natively());
    native.ledger().assert_complete();
    let bench = run(setup);
    let (natively, paused) = (native.ledger().longest_pause(), bench.ledger().longest_pause());
    println!(
        "{setup:?}: paused {paused:?}, natively {natively:?}, {:?} {:?}",
        bench.stats(0),
        bench.stats(1)
    );
    bench.ledger().assert_complete();
    assert!(paused < natively + PATIENCE, "{setup:?}: {paused:?} instead of {natively:?}");
    bench
}

fn with_all(setup: impl Fn(Policy) -> Setup, check: impl Fn(&Setup)) {
    for policy in POLICIES {
        check(&setup(policy));
    }
}

#[test]
fn acks_ride_when_nothing_happens() {
    for direction in [Direction::Download, Direction::Upload] {
        for standard in [Standard::Dot11a, Standard::Dot11n] {
            let setup = |policy| Setup { direction, standard, ..Setup::download(policy) };
            with_all(setup, |setup| {
                let bench = check(setup, || |_, _, indication| indication);
                let end = if direction == Direction::Download { 1 } else { AP };
                assert!(bench.stats(end).confirmed > 500, "{setup:?}: {:?}", bench.stats(end));
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
