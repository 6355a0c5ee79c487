//! The convolutional code, K = 7, g0 = 133, g1 = 171 (octal), and its puncturing (17.3.5.6).

use crate::CodeRate;

/// Generator polynomials with the newest bit highest, as Figure 17-8 draws them.
const G0: u8 = 0o133;
const G1: u8 = 0o171;

/// The encoder's shift register.
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

/// Encodes `bits` (one a byte) from an all-zero register and punctures, onto the end of `coded`.
pub(crate) fn encode(bits: &[u8], rate: CodeRate, coded: &mut Vec<u8>) {
    let mut encoder = Encoder::default();
    let pairs = bits.iter().flat_map(|&bit| encoder.encode(bit));
    let sent = pairs.zip(rate.puncturing().iter().cycle()).filter(|(_, sent)| **sent);
    coded.extend(sent.map(|(bit, _)| bit));
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn puncturing_sends_what_the_rate_says() {
        for rate in CodeRate::ALL {
            let mut coded = Vec::new();
            encode(&[1; 60], rate, &mut coded);
            let (data, sent) = rate.ratio();
            assert_eq!(coded.len(), 60 * sent / data);
            assert_eq!(rate.sent().take(coded.len()).last().unwrap() / 2, 59);
        }
    }
}
