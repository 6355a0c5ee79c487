//! The block interleaver of one OFDM symbol of one stream (17.3.5.7, 19.3.11.8).

use crate::Modulation;
use crate::subcarriers::Tones;

/// Where coded bit k of a symbol goes: the two permutations of Equations 17-18 and 17-19, with
/// the number of columns as a parameter (Table 19-17).
///
/// The first puts adjacent coded bits on far-apart subcarriers, the second alternates them
/// between more and less significant bits of the constellation.
pub fn permutation(tones: &Tones, modulation: Modulation) -> Vec<usize> {
    let n_bpsc = modulation.n_bpsc();
    let n_cbps = tones.data.len() * n_bpsc;
    let columns = tones.interleaver_columns;
    let s = (n_bpsc / 2).max(1);
    (0..n_cbps)
        .map(|k| {
            let i = (n_cbps / columns) * (k % columns) + k / columns;
            s * (i / s) + (i + n_cbps - columns * i / n_cbps) % s
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subcarriers::{HT20, HT40, NON_HT};

    const MODULATIONS: [Modulation; 4] =
        [Modulation::Bpsk, Modulation::Qpsk, Modulation::Qam16, Modulation::Qam64];

    #[test]
    fn every_symbol_is_permuted() {
        for tones in [&NON_HT, &HT20, &HT40] {
            for modulation in MODULATIONS {
                let mut places = permutation(tones, modulation);
                places.sort_unstable();
                assert!(places.into_iter().eq(0..tones.data.len() * modulation.n_bpsc()));
            }
        }
    }

    #[test]
    fn adjacent_bits_are_rows_apart() {
        for (tones, apart) in [(&NON_HT, 3), (&HT20, 4), (&HT40, 6)] {
            for modulation in MODULATIONS {
                let places = permutation(tones, modulation);
                for pair in places.windows(2) {
                    let [a, b] = [pair[0], pair[1]].map(|place| place / modulation.n_bpsc());
                    assert!(a.abs_diff(b) >= apart, "{modulation:?}");
                }
            }
        }
    }
}
