//! The block interleaver of one OFDM symbol (17.3.5.7).

/// Where coded bit k of a symbol goes: the two permutations of Equations 17-18 and 17-19.
///
/// The first puts adjacent coded bits on far-apart subcarriers, the second alternates them
/// between more and less significant bits of the constellation.
pub fn permutation(n_cbps: usize, n_bpsc: usize) -> Vec<usize> {
    let s = (n_bpsc / 2).max(1);
    (0..n_cbps)
        .map(|k| {
            let i = (n_cbps / 16) * (k % 16) + k / 16;
            s * (i / s) + (i + n_cbps - 16 * i / n_cbps) % s
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OfdmRate;

    #[test]
    fn every_rate_permutes() {
        for rate in OfdmRate::ALL {
            let mut places = permutation(rate.n_cbps(), rate.n_bpsc());
            places.sort_unstable();
            assert!(places.into_iter().eq(0..rate.n_cbps()));
        }
    }

    #[test]
    fn adjacent_bits_are_three_subcarriers_apart() {
        for rate in OfdmRate::ALL {
            let places = permutation(rate.n_cbps(), rate.n_bpsc());
            for pair in places.windows(2) {
                let [a, b] = [pair[0], pair[1]].map(|place| place / rate.n_bpsc());
                assert!(a.abs_diff(b) >= 3, "{rate:?}");
            }
        }
    }
}
