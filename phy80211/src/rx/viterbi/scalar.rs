//! The trellis step in plain Rust: what the others are compared with.

use super::branch::{Branch, PAIR};
use super::kernel::{GROUP, Metrics, NORMALISE_AT};

/// The branches of the soft bits A1 B1 A2 B2 ...
pub(super) fn weigh(pairs: &[i8], branches: &mut Vec<Branch>) {
    branches.extend(pairs.chunks_exact(2).map(|pair| Branch::new(pair[0], pair[1])));
}

/// Takes a step for each branch.
pub(super) fn advance(metrics: &mut Metrics, branches: &[Branch], survivors: &mut [u64]) {
    for (branches, survivors) in branches.chunks(GROUP).zip(survivors.chunks_mut(GROUP)) {
        let floor = *metrics.0.iter().min().expect("there are states");
        for (i, (branch, survivors)) in branches.iter().zip(survivors).enumerate() {
            *survivors = step(metrics, branch);
            if i == NORMALISE_AT {
                metrics.0.iter_mut().for_each(|metric| *metric -= floor);
            }
        }
    }
}

fn step(metrics: &mut Metrics, branch: &Branch) -> u64 {
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
