//! Switches at random times, with ACKs that ride: nothing is lost, doubled, reordered or altered.
//!
//! `CHANNEL_SWITCHES=1000000` makes a million of them.

use std::time::Duration;

use channel_switch::{Policy, Switching};
use rand::RngExt;

use crate::bench::{Bench, Setup, rng};

/// A network as chance has it. How often its client has switched.
fn run(seed: u64) -> u64 {
    let mut chance = rng(seed, 77);
    let aps: &[u8] = match chance.random_range(0..3) {
        0 => &[36, 149],
        1 => &[36, 36, 149],
        _ => &[36, 149, 44],
    };
    let policies = [
        hack::Policy::Timer(Duration::from_millis(10)),
        hack::Policy::Opportunistic,
        hack::Policy::MoreData,
        hack::Policy::Adaptive,
    ];
    let setup = Setup {
        ht: chance.random_bool(0.7),
        hack: Some(policies[chance.random_range(0..4)]),
        policy: match chance.random_range(0..3) {
            0 => Policy::Equal,
            1 => Policy::FatVap,
            _ => Policy::Adaptive { alpha: 2.0 },
        },
        cycle: Duration::from_micros(chance.random_range(18_000..50_000)),
        switching: Switching {
            retune: Duration::from_nanos(chance.random_range(0..500_000)),
            linger: Duration::from_nanos(chance.random_range(50_000..600_000)),
            ..Switching::default()
        },
        seed,
        ..Setup::new(aps)
    };
    let mut bench = Bench::new(&setup).joined();
    for round in 0..3 {
        for ap in 0..aps.len() {
            for download in [true, false] {
                if round == 0 || chance.random_bool(0.6) {
                    bench.transfer(ap, chance.random_range(20_000..1_500_000), download);
                }
            }
        }
        bench.run(Duration::from_micros(chance.random_range(0..1_500_000)));
    }
    bench.finish();
    bench.ledger().assert_complete();
    bench.ledger().assert_nothing_vanished();
    assert_eq!(bench.dropped(), 0, "{setup:?}");
    assert_eq!(bench.watch().joined_and_lost(), (aps.len(), 0), "{setup:?}");
    bench.watch().visits
}

#[test]
fn switching_loses_nothing() {
    let wanted = std::env::var("CHANNEL_SWITCHES").ok().and_then(|number| number.parse().ok());
    let wanted: u64 = wanted.unwrap_or(3000);
    let next = std::sync::atomic::AtomicU64::new(1);
    let switches = std::sync::atomic::AtomicU64::new(0);
    let work = || {
        while switches.load(std::sync::atomic::Ordering::Relaxed) < wanted {
            let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            switches.fetch_add(run(seed), std::sync::atomic::Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (networks, switches) = (next.into_inner() - 1, switches.into_inner());
    eprintln!("{switches} switches in {networks} networks");
}
