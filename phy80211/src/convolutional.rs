//! The convolutional code, K = 7, g0 = 133, g1 = 171 (octal), and its puncturing (17.3.5.6).

use multiversion::multiversion;

use crate::CodeRate;

/// Generator polynomials with the newest bit highest, as Figure 17-8 draws them.
const G0: u8 = 0o133;
const G1: u8 = 0o171;
/// Bits that the encoder remembers.
const MEMORY: usize = 6;

/// The encoder's shift register, as the standard draws it.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    /// The six bits before this one, the newest in bit 5.
    register: u8,
}

#[cfg(test)]
impl Encoder {
    /// Encodes one bit to the pair A (sent first), B.
    pub fn encode(&mut self, bit: u8) -> [u8; 2] {
        let window = (bit & 1) << 6 | self.register;
        self.register = window >> 1;
        outputs(window)
    }
}

/// A and B for a window of seven bits, the newest in bit 6.
pub(crate) const fn outputs(window: u8) -> [u8; 2] {
    [(window & G0).count_ones() as u8 & 1, (window & G1).count_ones() as u8 & 1]
}

impl CodeRate {
    /// Which of A1 B1 A2 B2 .. are sent; the pattern repeats (Figures 17-9 and
    /// 19-11).
    pub(crate) const fn puncturing(self) -> &'static [bool] {
        match self {
            Self::Half => &[true, true],
            Self::TwoThirds => &[true, true, true, false],
            Self::ThreeQuarters => &[true, true, true, false, false, true],
            Self::FiveSixths => &[true, true, true, false, false, true, true, false, false, true],
        }
    }

    /// Indices, among the unpunctured A1 B1 A2 B2 .., of the bits that are sent.
    pub(crate) fn sent(self) -> impl Iterator<Item = usize> {
        self.puncturing().iter().cycle().enumerate().filter(|(_, sent)| **sent).map(|(i, _)| i)
    }
}

/// Encodes `bits` (one a byte) from an all-zero register to A1 B1 A2 B2 .., nothing punctured.
///
/// Each output is a sum of seven neighbouring bits, so that many are computed side by side.
pub(crate) fn encode_pairs(bits: &[u8], pairs: &mut Vec<u8>) {
    pairs.clear();
    pairs.resize(2 * bits.len(), 0);
    encode_slice(bits, pairs);
}

#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
fn encode_slice(bits: &[u8], pairs: &mut [u8]) {
    /// Bits that are encoded at a time.
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK + MEMORY];
    for (bits, pairs) in bits.chunks(BLOCK).zip(pairs.chunks_mut(2 * BLOCK)) {
        block.copy_within(BLOCK.., 0);
        block[MEMORY..][..bits.len()].copy_from_slice(bits);
        let (mut a, mut b) = ([0; BLOCK], [0; BLOCK]);
        for i in 0..BLOCK {
            let at = |delay: usize| block[i + MEMORY - delay];
            let common = at(0) ^ at(2) ^ at(3) ^ at(6);
            (a[i], b[i]) = (common ^ at(5), common ^ at(1));
        }
        for (pair, (a, b)) in pairs.chunks_exact_mut(2).zip(a.into_iter().zip(b)) {
            pair.copy_from_slice(&[a, b]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn impulse_response_is_the_generators() {
        let mut encoder = Encoder::default();
        let (mut a, mut b) = (0, 0);
        for bit in [1, 0, 0, 0, 0, 0, 0] {
            let [out_a, out_b] = encoder.encode(bit);
            (a, b) = (a << 1 | out_a, b << 1 | out_b);
        }
        assert_eq!((a, b), (G0, G1));
    }

    #[test]
    fn free_distance_is_ten() {
        // The least weight of a path that leaves state 0 and comes back (Dijkstra by levels).
        let mut best = [u32::MAX; 64];
        let weight = |window: u8| outputs(window).iter().sum::<u8>() as u32;
        best[32] = weight(64);
        for _ in 0..64 {
            for state in 1..64u8 {
                for bit in [0, 64] {
                    let window = bit | state;
                    let through = best[state as usize].saturating_add(weight(window));
                    let next = &mut best[(window >> 1) as usize];
                    *next = through.min(*next);
                }
            }
        }
        assert_eq!(best[0], 10);
    }

    proptest! {
        #[test]
        fn many_bits_at_once_are_encoded_as_one_by_one(
            bits in proptest::collection::vec(0..2u8, 0..300),
        ) {
            let mut pairs = vec![7; 3];
            encode_pairs(&bits, &mut pairs);
            let mut encoder = Encoder::default();
            let expected: Vec<u8> = bits.iter().flat_map(|&bit| encoder.encode(bit)).collect();
            prop_assert_eq!(pairs, expected);
        }
    }

    #[test]
    fn puncturing_sends_what_the_rate_says() {
        for rate in CodeRate::ALL {
            let (data, coded) = rate.ratio();
            let sent: Vec<_> = rate.sent().take_while(|&place| place < 2 * 60).collect();
            assert_eq!(sent.len(), 60 * coded / data);
            assert_eq!(sent.last().unwrap() / 2, 59);
        }
    }
}
