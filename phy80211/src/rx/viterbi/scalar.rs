//! The trellis step in plain Rust: what the others are compared with.

use super::{BRANCH, BranchMetrics, STATES};

pub(super) fn advance(
    metrics: &mut [i16; STATES],
    branches: &[BranchMetrics],
    survivors: &mut Vec<u64>,
) {
    const HALF: usize = STATES / 2;
    for branch in branches {
        let old = *metrics;
        let mut word = 0;
        for state in 0..HALF {
            let metric = branch[BRANCH[state] as usize];
            let (low, high) = (old[state], old[state + HALF]);
            // Successor 2 * state takes a zero, 2 * state + 1 a one.
            for (bit, metric) in [(0, metric), (1, -metric)] {
                let (from_low, from_high) = (low + metric, high - metric);
                metrics[2 * state + bit] = from_low.max(from_high);
                word |= u64::from(from_high > from_low) << (2 * state + bit);
            }
        }
        survivors.push(word);
    }
}
