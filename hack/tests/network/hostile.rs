//! Somebody answers in place of a client, with rides that he made up, cut, lengthened or repeated.

use hack::Policy;
use mac::PhyIndication;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use crate::bench::{AP, Bench, Direction, POLICIES, Setup, Standard};
use crate::check::assert_no_stall;
use crate::faults::{riders, rng, with_riders};

/// Something that the client has not sent.
fn forgery(rng: &mut ChaCha8Rng, real: &[u8], earlier: &[Vec<u8>]) -> Vec<u8> {
    let mut riders = real.to_vec();
    match rng.random_range(0..5) {
        0 => {
            riders = vec![0; rng.random_range(0..2000)];
            rng.fill_bytes(&mut riders);
        }
        1 => riders.truncate(rng.random_range(0..=real.len())),
        2 => riders.extend_from_slice(real),
        3 if !real.is_empty() => {
            let bit = rng.random_range(0..8 * real.len());
            riders[bit / 8] ^= 1 << (bit % 8);
        }
        _ => riders.clone_from(&earlier[rng.random_range(0..earlier.len())]),
    }
    riders
}

fn run(setup: &Setup, victim: usize) -> Bench {
    let mut bench = Bench::new(setup);
    let (mut rng, mut earlier) = (rng(setup.seed), vec![vec![]]);
    bench.network.set_faults(move |_, node, indication| match indication {
        PhyIndication::Rx(ppdu) if node == victim && rng.random_bool(0.1) => {
            let Some(real) = riders(&ppdu) else { return PhyIndication::Rx(ppdu) };
            let forged = forgery(&mut rng, &real, &earlier);
            earlier.push(real);
            PhyIndication::Rx(with_riders(&ppdu, &forged))
        }
        other => other,
    });
    bench.finish();
    bench
}

/// What a forged response replaces is lost: that is no more than a forged Ack does to data. But
/// nothing comes out that did not go in, and flows go on.
#[test]
fn forged_rides_alter_double_and_reorder_nothing() {
    for standard in [Standard::Dot11a, Standard::Dot11n] {
        for (direction, victim) in [(Direction::Download, AP), (Direction::Upload, 1)] {
            for policy in POLICIES {
                for seed in 1..4 {
                    let bytes = 2_000_000;
                    let setup =
                        Setup { standard, direction, bytes, seed, ..Setup::download(policy) };
                    let bench = run(&setup, victim);
                    bench.ledger().assert_in_order();
                    assert_no_stall(&bench, &run(&setup.natively(), victim));
                    println!(
                        "{policy:?} {direction:?} {standard:?}: {} of {} lost, {} gaps",
                        bench.ledger().lost_acks(),
                        bench.ledger().acks(),
                        bench.stats(victim).gaps
                    );
                }
            }
        }
    }
}

#[test]
fn rides_of_clients_that_have_announced_nothing_are_ignored() {
    let setup = Setup { clients: vec![None], ..Setup::download(Policy::Adaptive) };
    let bench = run(&setup, AP);
    bench.ledger().assert_complete();
    assert_eq!(bench.stats(AP).rides_received, 0);
}
