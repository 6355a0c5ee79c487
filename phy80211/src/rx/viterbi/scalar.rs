//! The trellis step in plain Rust: what the others are compared with.

use super::branch::{Branch, PAIR};
use super::kernel::{GROUP, Metrics, NORMALISE_AT, Soft, Survivors};

pub(super) fn advance(metrics: &mut Metrics, soft: &[Soft], survivors: &mut [Survivors]) {
    let pairs = soft.as_flattened().chunks(2 * GROUP);
    for (pairs, survivors) in pairs.zip(survivors.as_flattened_mut().chunks_mut(GROUP)) {
        let floor = *metrics.0.iter().min().expect("there are states");
        for (i, (pair, survivors)) in pairs.chunks(2).zip(survivors).enumerate() {
            *survivors = step(metrics, Branch::new(pair[0], pair[1]));
            if i == NORMALISE_AT {
                metrics.0.iter_mut().for_each(|metric| *metric -= floor);
            }
        }
    }
}

fn step(metrics: &mut Metrics, branch: Branch) -> u64 {
    let old = metrics.0;
    let mut survivors = 0;
    for (i, pair) in PAIR.into_iter().enumerate() {
        let cost = branch.costs[usize::from(pair)];
        let complement = branch.total[0] - cost;
        for (state, by_even, by_odd) in [(i, cost, complement), (i + 32, complement, cost)] {
            let even = old[2 * i].saturating_add(by_even);
            let odd = old[2 * i + 1].saturating_add(by_odd);
            metrics.0[state] = even.min(odd);
            survivors |= u64::from(odd <= even) << state;
        }
    }
    survivors
}
