//! Soft-decision Viterbi decoder for the code of 17.3.5.6 (K = 7, 133, 171).
//!
//! Soft bits are pushed as they arrive, and bits are decided once all survivors agree on them, so
//! that little is left to do when the last symbol is there; the last traceback starts from the
//! all-zero state that the tail leads to. The trellis step has one scalar definition and faster
//! twins that must agree with it bit for bit.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;

use crate::convolutional::outputs;

/// States of the decoder: the last six bits, the newest lowest.
pub(super) const STATES: usize = 64;
/// Start metric of the states in which the encoder cannot have started. Six bits of the
/// strongest kind cannot make it up, and 16 bits hold it.
const IMPOSSIBLE: i16 = -8000;
/// Steps between renormalisations. In so many steps a metric moves by at most 32 * 254, and all
/// metrics lie within 6 * 2 * 254 of each other once the start is past: 16 bits are enough.
const RENORMALISE: usize = 32;

/// Bits that are decided at a time, whole bytes, so that an aggregate's survivors stay in the
/// cache.
const DECIDED: usize = 2048;
/// Steps after which survivors have merged: two and a half times the code's memory over its
/// redundancy would do, 90 steps at R = 5/6.
const MERGED: usize = 256;

/// Metrics of the pairs (1,1), (1,0), (0,1), (0,0) in one step, indexed by [`BRANCH`].
pub(super) type BranchMetrics = [i16; 4];

/// Index into [`BranchMetrics`] of a zero bit from each of the lower 32 states. A one has the
/// opposite pair, and so has a zero from the state 32 higher: both generators tap both ends of
/// the register.
pub(super) const BRANCH: [u8; STATES / 2] = {
    let mut branch = [0; STATES / 2];
    let mut state = 0;
    while state < STATES / 2 {
        // The encoder has its newest bit highest.
        let window = (state as u8).reverse_bits() >> 2;
        let [a, b] = outputs(window);
        branch[state] = 2 * (1 - a) + (1 - b);
        state += 1;
    }
    branch
};

/// A step of the trellis for each branch metric, appending for each a word whose bit s tells
/// which predecessor of state s survives: 0 for s/2, 1 for s/2 + 32.
type Advance = fn(&mut [i16; STATES], &[BranchMetrics], &mut Vec<u64>);

/// The decoder and its memory.
pub(super) struct Viterbi {
    metrics: [i16; STATES],
    survivors: Vec<u64>,
    branches: Vec<BranchMetrics>,
    decoded: Vec<u8>,
    advance: Advance,
}

impl Viterbi {
    /// The fastest decoder for this machine.
    pub(super) fn new() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(advance) = avx2::advance() {
            return Self::with(advance);
        }
        Self::with(scalar::advance)
    }

    fn with(advance: Advance) -> Self {
        Self {
            metrics: [0; STATES],
            survivors: Vec::new(),
            branches: Vec::new(),
            decoded: Vec::new(),
            advance,
        }
    }

    /// Begins a code word from the all-zero state.
    pub(super) fn begin(&mut self) {
        self.metrics = [IMPOSSIBLE; STATES];
        self.metrics[0] = 0;
        self.survivors.clear();
        self.decoded.clear();
    }

    /// Takes the soft bits A1 B1 A2 B2 .., each from -127 to 127, positive for a one.
    pub(super) fn push(&mut self, pairs: &[i8]) {
        for pairs in pairs.chunks(2 * RENORMALISE) {
            self.branches.clear();
            self.branches.extend(pairs.chunks_exact(2).map(|pair| {
                let (a, b) = (i16::from(pair[0]), i16::from(pair[1]));
                [a + b, a - b, b - a, -a - b]
            }));
            (self.advance)(&mut self.metrics, &self.branches, &mut self.survivors);
            let base = self.metrics[0];
            self.metrics.iter_mut().for_each(|metric| *metric -= base);
            if self.survivors.len() >= DECIDED + MERGED {
                self.decide();
            }
        }
    }

    /// Decides the oldest bits.
    fn decide(&mut self) {
        let metrics = self.metrics.iter().enumerate();
        let (best, _) = metrics.max_by_key(|&(_, metric)| metric).expect("there are states");
        let state = trace_back(&self.survivors[DECIDED..], best as u64, &mut []);
        let from = self.decoded.len();
        self.decoded.resize(from + DECIDED / 8, 0);
        trace_back(&self.survivors[..DECIDED], state, &mut self.decoded[from..]);
        self.survivors.drain(..DECIDED);
    }

    /// Decides the bits that are left, from the all-zero state after the last. Returns all bits,
    /// eight to a byte, the first bit lowest.
    pub(super) fn finish(&mut self) -> &[u8] {
        let from = self.decoded.len();
        self.decoded.resize(from + self.survivors.len().div_ceil(8), 0);
        trace_back(&self.survivors, 0, &mut self.decoded[from..]);
        self.survivors.clear();
        &self.decoded
    }
}

/// Follows the survivors back from `state` after the last of them. Returns the state before the
/// first; `decoded`, if not empty, gets a bit for each.
fn trace_back(survivors: &[u64], mut state: u64, decoded: &mut [u8]) -> u64 {
    let mut bytes = decoded.iter_mut().rev();
    for survivors in survivors.chunks(8).rev() {
        let mut bits = 0;
        for word in survivors.iter().rev() {
            bits = bits << 1 | state & 1;
            state = state >> 1 | (word >> state & 1) << 5;
        }
        if let Some(byte) = bytes.next() {
            *byte = bits as u8;
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convolutional::Encoder;
    use proptest::prelude::*;

    fn soft_code_word(bits: &[u8]) -> Vec<i8> {
        let mut encoder = Encoder::default();
        let tail = [0; 6];
        let coded = bits.iter().chain(&tail).flat_map(|&bit| encoder.encode(bit));
        coded.map(|bit| if bit == 1 { 100 } else { -100 }).collect()
    }

    fn packed(bits: &[u8]) -> Vec<u8> {
        let bytes = bits.chunks(8);
        bytes.map(|byte| byte.iter().rev().fold(0, |out, bit| out << 1 | bit)).collect()
    }

    fn decode(decoder: &mut Viterbi, soft: &[i8], chunk: usize) -> Vec<u8> {
        decoder.begin();
        soft.chunks(2 * chunk).for_each(|soft| decoder.push(soft));
        decoder.finish().to_vec()
    }

    proptest! {
        #[test]
        fn scattered_errors_are_corrected_whatever_the_chunks(
            bits in proptest::collection::vec(0..2u8, 50..6000),
            chunk in 1..100usize,
            phase in 0..20usize,
        ) {
            let mut soft = soft_code_word(&bits);
            // Every 20th soft bit has the wrong sign, every tenth is erased.
            soft.iter_mut().skip(phase).step_by(20).for_each(|soft| *soft = -*soft);
            soft.iter_mut().skip(phase + 5).step_by(10).for_each(|soft| *soft = 0);
            let decoded = decode(&mut Viterbi::new(), &soft, chunk);
            let bits: Vec<u8> = bits.into_iter().chain([0; 6]).collect();
            prop_assert_eq!(decoded, packed(&bits));
        }

        #[test]
        fn every_kernel_agrees_with_the_scalar_one(
            soft in proptest::collection::vec(-127..=127i8, 0..8000),
        ) {
            let soft = &soft[..soft.len() / 2 * 2];
            let mut scalar = Viterbi::with(scalar::advance);
            let mut fastest = Viterbi::new();
            prop_assert_eq!(decode(&mut scalar, soft, 64), decode(&mut fastest, soft, 64));
            prop_assert_eq!(scalar.survivors, fastest.survivors);
            prop_assert_eq!(scalar.metrics, fastest.metrics);
        }
    }

    #[test]
    fn the_strongest_soft_bits_do_not_overflow() {
        let mut decoder = Viterbi::with(scalar::advance);
        for sign in [127, -127] {
            decoder.begin();
            decoder.push(&vec![sign; 100_000]);
            let least = *decoder.metrics.iter().min().unwrap();
            let greatest = *decoder.metrics.iter().max().unwrap();
            assert!(greatest - least <= 6 * 2 * 254, "{least} {greatest}");
        }
    }
}
