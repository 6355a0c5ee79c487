//! The convolutional code, K = 7, g0 = 133, g1 = 171 (octal), and its puncturing (17.3.5.6).

use multiversion::multiversion;

use crate::CodeRate;

/// Generator polynomials with the newest bit highest, as Figure 17-8 draws them.
const G0: u8 = 0o133;
const G1: u8 = 0o171;
/// Bits that the encoder remembers.
pub(crate) const MEMORY: usize = 6;

/// The encoder's shift register, as the standard draws it.
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    /// The six bits before this one, the newest in bit 5.
    register: u8,
}

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

/// Bits, one a byte, that begin with as many zeros as the encoder remembers.
#[derive(Debug, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// No bits yet.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
        self.0.resize(MEMORY, 0);
    }

    /// The bits, to be appended to; the first [`MEMORY`] are the zeros.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// The bits.
    pub(crate) fn bits(&self) -> &[u8] {
        &self.0[MEMORY..]
    }

    /// Encodes from an all-zero register. For each `n` bits `coded` gets their outputs A, then
    /// their outputs B.
    pub(crate) fn encode(&self, n: usize, coded: &mut Vec<u8>) {
        coded.clear();
        coded.resize(2 * self.bits().len(), 0);
        for (symbol, coded) in coded.chunks_exact_mut(2 * n).enumerate() {
            let (a, b) = coded.split_at_mut(n);
            encode_symbol(&self.0[symbol * n..][..n + MEMORY], a, b);
        }
    }
}

/// Each output is a sum of neighbouring bits, so that many are computed side by side. The first
/// [`MEMORY`] bits come before those that are encoded.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(crate) fn encode_symbol(bits: &[u8], a: &mut [u8], b: &mut [u8]) {
    plain_encode_symbol(bits, a, b);
}

#[inline(always)]
pub(crate) fn plain_encode_symbol(bits: &[u8], a: &mut [u8], b: &mut [u8]) {
    let n = a.len();
    let b = &mut b[..n];
    let delayed = |delay: usize| &bits[MEMORY - delay..][..n];
    let (d0, d1, d2, d3) = (delayed(0), delayed(1), delayed(2), delayed(3));
    let (d5, d6) = (delayed(5), delayed(6));
    for i in 0..n {
        let common = d0[i] ^ d2[i] ^ d3[i] ^ d6[i];
        (a[i], b[i]) = (common ^ d5[i], common ^ d1[i]);
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
            symbols in 0..5usize,
            n in 1..80usize,
            seed: u64,
        ) {
            let mut message = Message::default();
            message.clear();
            let bits = (0..symbols * n).map(|i| (seed.rotate_left(i as u32 * 7) >> 11 & 1) as u8);
            message.buffer().extend(bits);
            let mut coded = vec![7; 3];
            message.encode(n, &mut coded);
            let mut encoder = Encoder::default();
            for (bits, coded) in message.bits().chunks(n).zip(coded.chunks(2 * n)) {
                for (i, &bit) in bits.iter().enumerate() {
                    prop_assert_eq!([coded[i], coded[n + i]], encoder.encode(bit));
                }
            }
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
