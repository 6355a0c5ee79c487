//! Picking bytes from all over a table: what interleaving and puncturing come to, once the places
//! are known.

#[cfg(target_arch = "x86_64")]
mod avx512;

/// Most bytes that a table has: the coded bits of a symbol at 40 MHz and MCS 7, in whole
/// registers.
const MAX_TABLE: usize = 1152;

/// Writes the bytes of `table` that are at `places`, as many; zero where a place is beyond it.
pub(crate) fn gather(table: &[u8], places: &[u16], picked: &mut [u8]) {
    assert!(table.len() <= MAX_TABLE && picked.len() == places.len());
    #[cfg(target_arch = "x86_64")]
    if avx512::gather(table, places, picked) {
        return;
    }
    gather_one_by_one(table, places, picked);
}

/// In plain Rust: what the faster twin is compared with.
pub(crate) fn gather_one_by_one(table: &[u8], places: &[u16], picked: &mut [u8]) {
    for (picked, &place) in picked.iter_mut().zip(places) {
        *picked = table.get(usize::from(place)).copied().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_twin_agrees_with_the_plain_one(
            table in proptest::collection::vec(any::<u8>(), 0..=MAX_TABLE),
            mut places in proptest::collection::vec(0..MAX_TABLE as u16 + 100, 0..1100),
            seed: u16,
        ) {
            places.push(seed);
            let (mut fast, mut plain) = (vec![1; places.len()], vec![2; places.len()]);
            gather(&table, &places, &mut fast);
            gather_one_by_one(&table, &places, &mut plain);
            prop_assert_eq!(fast, plain);
        }
    }
}
