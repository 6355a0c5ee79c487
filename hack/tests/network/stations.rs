//! Stations that restart, leave, sleep, or have never heard of HACK.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hack::Policy;
use mac::{Command, PhyIndication, ReasonCode};

use crate::bench::{AP, Bench, Direction, Setup, address};
use crate::check::{PATIENCE, with_all};
use crate::faults::{Kind, is_to, lose, riders};

const CLIENT: usize = 1;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn both_directions(check: impl Fn(&Setup)) {
    for direction in [Direction::Download, Direction::Upload] {
        with_all(|policy| Setup { direction, ..Setup::download(policy) }, &check);
    }
}

/// How long it takes to go on depends on when TCP tries again: no longer than it may natively.
#[test]
fn an_ap_or_a_client_that_restarts_begins_anew() {
    for node in [AP, CLIENT] {
        both_directions(|setup| {
            let longest_pause = |setup: &Setup| {
                let pauses = (0..10).map(|time| {
                    let mut bench = Bench::new(setup);
                    bench.run(ms(150 + 13 * time));
                    bench.restart(node);
                    // Without something to say a client would not learn that it was forgotten.
                    bench.connect(0, 40_001);
                    bench.finish();
                    bench.ledger().assert_in_order();
                    bench.ledger().longest_pause()
                });
                pauses.max().unwrap_or_default()
            };
            let (paused, natively) = (longest_pause(setup), longest_pause(&setup.natively()));
            assert!(paused < natively + PATIENCE, "{setup:?}: {paused:?} instead of {natively:?}");
        });
    }
}

#[test]
fn what_a_client_holds_when_it_leaves_is_dropped_and_told() {
    both_directions(|setup| {
        for time in 200..210 {
            let mut bench = Bench::new(setup);
            bench.run(ms(time));
            let (peer, reason) = (address(AP), ReasonCode::STA_LEAVING);
            bench.network.command(bench.nodes[CLIENT], Command::Leave { peer, reason });
            bench.run(ms(300));
            bench.ledger().assert_nothing_vanished();
        }
    });
}

#[test]
fn a_client_that_sleeps_holds_nothing_back() {
    both_directions(|setup| {
        for time in 200..210 {
            let mut bench = Bench::new(setup);
            bench.run(ms(time));
            bench.network.command(bench.nodes[CLIENT], Command::PowerSave(true));
            while !bench.ledger().is_asleep(CLIENT) {
                bench.run(Duration::from_micros(100));
            }
            // From now on there is nothing that anything could ride on.
            bench.network.set_faults(|_, node, indication| {
                lose(indication, |kind, _| node == CLIENT && kind == Kind::Data)
            });
            bench.run(ms(300));
            bench.network.set_faults(|_, _, indication| indication);
            bench.network.command(bench.nodes[CLIENT], Command::PowerSave(false));
            bench.finish();
            bench.ledger().assert_in_order();
            if setup.direction == Direction::Download {
                assert_eq!(bench.ledger().lost_acks(), 0, "{setup:?}");
                let waited = bench.ledger().longest_ack_wait();
                assert!(waited < ms(30), "{setup:?}: {waited:?}");
            }
        }
    });
}

#[test]
fn nothing_rides_to_who_has_not_announced_that_it_takes_riders() {
    for direction in [Direction::Download, Direction::Upload] {
        with_all(
            |policy| Setup {
                clients: vec![Some(policy), None],
                bytes: 2_000_000,
                direction,
                ..Setup::download(policy)
            },
            |setup| {
                let mut bench = Bench::new(setup);
                assert_eq!(riders_heard(&mut bench, 2), 0);
                let end = if direction == Direction::Download { CLIENT } else { AP };
                assert!(bench.stats(end).held > 0);
            },
        );
    }
    let strangers = Setup { ap: None, bytes: 2_000_000, ..Setup::download(Policy::Adaptive) };
    let mut bench = Bench::new(&strangers);
    assert_eq!(riders_heard(&mut bench, AP), 0);
}

/// How often something rides to a node until all is over, nothing of which is lost.
fn riders_heard(bench: &mut Bench, at: usize) -> usize {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    bench.network.set_faults(move |_, node, indication| {
        if let PhyIndication::Rx(ppdu) = &indication
            && node == at
            && is_to(ppdu, address(node))
            && riders(ppdu).is_some_and(|riders| !riders.is_empty())
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
        indication
    });
    bench.finish();
    bench.ledger().assert_complete();
    heard.load(Ordering::Relaxed)
}
