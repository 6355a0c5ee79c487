//! Eq. 3.1: c_i = b_i^alpha / sum b_j^alpha x C.

use std::time::Duration;

/// The longest cycle: a path must be back before TCP takes its silence for a loss, which it does
/// after 200 ms at the least.
pub const MAX_CYCLE: Duration = Duration::from_millis(200);

/// Slots in proportion to a power of bandwidths, of a cycle all of which they take, none shorter
/// than `min`. If that cannot be, or no bandwidth is known, all are the same.
///
/// ```
/// use std::time::Duration;
/// use channel_switch::slots;
///
/// let ms = Duration::from_millis;
/// assert_eq!(slots(&[20.0, 4.0], 2.0, ms(200), ms(10)), [ms(190), ms(10)]);
/// assert_eq!(slots(&[20.0, 4.0], 0.0, ms(200), ms(10)), [ms(100), ms(100)]);
/// ```
pub fn slots(bandwidths: &[f64], alpha: f64, cycle: Duration, min: Duration) -> Vec<Duration> {
    let n = bandwidths.len();
    let cycle = cycle.as_nanos() as u64;
    let min = (min.as_nanos() as u64).min(cycle / n.max(1) as u64);
    let largest = bandwidths.iter().copied().filter(|b| b.is_finite()).fold(0.0, f64::max);
    let weigh = |b: &f64| match largest > 0.0 && b.is_finite() {
        true => (b.max(0.0) / largest).powf(alpha),
        false => f64::from(u8::from(largest <= 0.0)),
    };
    let weights: Vec<f64> = bandwidths.iter().map(weigh).collect();
    // Who would get less than the least gets that, and the others divide what is left.
    let mut floored = vec![false; n];
    let slots = loop {
        let of_others = |value: &dyn Fn(usize) -> f64| -> f64 {
            (0..n).filter(|&i| !floored[i]).map(value).sum()
        };
        let left = cycle - min * floored.iter().filter(|f| **f).count() as u64;
        let sum = of_others(&|i| weights[i]);
        let share = |i: usize| match floored[i] {
            true => min,
            false => (left as f64 * (weights[i] / sum)) as u64,
        };
        let shares: Vec<u64> = (0..n).map(share).collect();
        let short: Vec<usize> = (0..n).filter(|&i| !floored[i] && shares[i] < min).collect();
        if short.is_empty() {
            break shares;
        }
        short.into_iter().for_each(|i| floored[i] = true);
    };
    let mut slots: Vec<Duration> = slots.into_iter().map(Duration::from_nanos).collect();
    // What rounding left over goes to the largest.
    let left = Duration::from_nanos(cycle).saturating_sub(slots.iter().sum());
    let best = (0..n).max_by(|&a, &b| weights[a].total_cmp(&weights[b]));
    if let Some(best) = best {
        slots[best] += left;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const C: Duration = MAX_CYCLE;
    const MIN: Duration = Duration::from_millis(10);

    proptest! {
        #[test]
        fn slots_fill_the_cycle_and_none_is_too_short(
            bandwidths in prop::collection::vec(0.0..1e9f64, 1..12),
            alpha in 0.0..4.0f64,
        ) {
            let slots = slots(&bandwidths, alpha, C, MIN);
            prop_assert_eq!(slots.iter().sum::<Duration>(), C);
            prop_assert!(slots.iter().all(|slot| *slot >= MIN), "{:?}", slots);
        }

        #[test]
        fn who_brings_more_gets_no_less(
            bandwidths in prop::collection::vec(0.0..1e9f64, 2..12),
            alpha in 0.0..4.0f64,
        ) {
            let slots = slots(&bandwidths, alpha, C, MIN);
            for (a, c) in bandwidths.iter().zip(&slots) {
                for (b, d) in bandwidths.iter().zip(&slots) {
                    // Rounding.
                    prop_assert!(a < b || *c + Duration::from_nanos(12) >= *d);
                }
            }
        }

        #[test]
        fn to_bring_more_than_before_is_never_to_get_less(
            bandwidths in prop::collection::vec(1.0..1e9f64, 2..8),
            gain in 1.0..10.0f64,
            alpha in 0.0..4.0f64,
        ) {
            let before = slots(&bandwidths, alpha, C, MIN);
            let mut more = bandwidths.clone();
            more[0] *= gain;
            let after = slots(&more, alpha, C, MIN);
            prop_assert!(after[0] + Duration::from_nanos(12) >= before[0]);
        }

        #[test]
        fn nonsense_is_nothing(bandwidths in prop::collection::vec(any::<f64>(), 0..12), alpha in 0.0..4.0f64) {
            let slots = slots(&bandwidths, alpha, C, MIN);
            let sum = if bandwidths.is_empty() { Duration::ZERO } else { C };
            prop_assert_eq!(slots.iter().sum::<Duration>(), sum);
        }
    }

    #[test]
    fn the_paper_s_examples() {
        let ms = |slots: Vec<Duration>| slots.iter().map(Duration::as_millis).collect::<Vec<_>>();
        assert_eq!(ms(slots(&[20.0, 20.0], 2.0, C, MIN)), [100, 100]);
        assert_eq!(ms(slots(&[20.0, 14.0], 2.0, C, MIN)), [134, 65]);
        assert_eq!(ms(slots(&[20.0, 14.0], 1.0, C, MIN)), [117, 82]);
    }

    #[test]
    fn too_many_for_the_least_slot_have_all_the_same() {
        let slots = slots(&[1.0; 40], 2.0, C, MIN);
        assert!(slots.iter().all(|slot| *slot == Duration::from_millis(5)));
    }
}
