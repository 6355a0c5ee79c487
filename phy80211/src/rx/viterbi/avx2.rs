//! The trellis step with AVX2: 64 metrics of 8 bits in two registers.
//!
//! The metrics lie so that the two predecessors of a state are at the same place of the two
//! registers, and the new metrics come to lie so again by two shuffles. With the bits of a state
//! from the newest to the oldest called 5 to 0, bit 0 chooses the register, bit 5 the half of it,
//! and the place in the half is bits 1 2 3 4: reversed, which is the order in which `unpack`
//! moves them on.

use std::arch::x86_64::*;
use std::hint::black_box;

use super::avx2_branch::branches;
use super::branch::PAIR;
use super::kernel::{GROUP, Kernel, Metrics, NORMALISE_AT, Soft, Survivors};

/// The kernel, if this processor has AVX2.
pub(super) fn kernel() -> Option<Kernel> {
    fn checked(metrics: &mut Metrics, soft: &[Soft], survivors: &mut [Survivors]) {
        // SAFETY: this function is only handed out below, where AVX2 was found.
        unsafe { advance(metrics, soft, survivors) }
    }
    let found = std::arch::is_x86_feature_detected!("avx2");
    found.then_some(Kernel { name: "AVX2", advance: checked })
}

/// A number of four bits reversed.
const fn reversed(i: usize) -> usize {
    (i as u8).reverse_bits() as usize >> 4
}

/// Shuffle that reverses the bits of each place in 16 bytes, twice over.
const REVERSE: [u8; 32] = {
    let mut shuffle = [0; 32];
    let mut i = 0;
    while i < 32 {
        shuffle[i] = reversed(i % 16) as u8;
        i += 1;
    }
    shuffle
};

/// Shuffle that spreads the costs of a zero over the even states.
const SPREAD: [u8; 32] = {
    let mut spread = [0; 32];
    let mut i = 0;
    while i < 32 {
        spread[i] = PAIR[i / 16 * 16 + reversed(i % 16)];
        i += 1;
    }
    spread
};

#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: 32 bytes are there, and unaligned access is used.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
fn advance(metrics: &mut Metrics, soft: &[Soft], survivors: &mut [Survivors]) {
    let (spread, reverse) = (load(&SPREAD), load(&REVERSE));
    let [mut even, mut odd] = enter(&metrics.0, reverse);
    for (soft, survivors) in soft.iter().zip(survivors) {
        let branches = branches(soft);
        // Loads from memory spread the costs for free; the compiler, if it could, would shuffle
        // them out of the registers that they came from, and shuffles are what there is least of.
        let groups = black_box(&branches).as_chunks::<GROUP>().0.iter();
        for (branches, survivors) in groups.zip(survivors.as_chunks_mut::<GROUP>().0) {
            let floor = least(_mm256_min_epu8(even, odd));
            for (i, (branch, survivors)) in branches.iter().zip(survivors).enumerate() {
                let costs = _mm256_set1_epi32(i32::from_ne_bytes(branch.costs));
                let total = _mm256_set1_epi32(i32::from_ne_bytes(branch.total));
                let cost = _mm256_shuffle_epi8(costs, spread);
                let complement = _mm256_sub_epi8(total, cost);
                let odd_0 = _mm256_adds_epu8(odd, complement);
                let odd_1 = _mm256_adds_epu8(odd, cost);
                let zeros = _mm256_min_epu8(_mm256_adds_epu8(even, cost), odd_0);
                let ones = _mm256_min_epu8(_mm256_adds_epu8(even, complement), odd_1);
                let word = |chosen, odd| {
                    let is_odd = _mm256_cmpeq_epi8(chosen, odd);
                    let mask = _mm256_movemask_epi8(_mm256_shuffle_epi8(is_odd, reverse));
                    u64::from(mask as u32)
                };
                *survivors = word(zeros, odd_0) | word(ones, odd_1) << 32;
                let low = _mm256_permute2x128_si256::<0x20>(zeros, ones);
                let high = _mm256_permute2x128_si256::<0x31>(zeros, ones);
                (even, odd) = (_mm256_unpacklo_epi8(low, high), _mm256_unpackhi_epi8(low, high));
                if i == NORMALISE_AT {
                    (even, odd) = (_mm256_sub_epi8(even, floor), _mm256_sub_epi8(odd, floor));
                }
            }
        }
    }
    leave([even, odd], reverse, &mut metrics.0);
}

/// The least of the bytes, in each byte.
#[target_feature(enable = "avx2")]
fn least(bytes: __m256i) -> __m256i {
    let half = _mm_min_epu8(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256::<1>(bytes));
    let words = _mm_min_epu8(half, _mm_srli_epi16::<8>(half));
    _mm256_broadcastb_epi8(_mm_minpos_epu16(words))
}

/// From the order of states to that of the registers.
#[target_feature(enable = "avx2")]
fn enter(metrics: &[u8; 64], reverse: __m256i) -> [__m256i; 2] {
    let (halves, _) = metrics.as_chunks::<32>();
    let [low, high] = [0, 1].map(|i| _mm256_shuffle_epi8(load(&halves[i]), reverse));
    interleave(low, high)
}

/// From the order of the registers to that of states.
#[target_feature(enable = "avx2")]
fn leave([even, odd]: [__m256i; 2], reverse: __m256i, metrics: &mut [u8; 64]) {
    let [even, odd] = [even, odd].map(|register| _mm256_shuffle_epi8(register, reverse));
    let [low, high] = [_mm256_unpacklo_epi8(even, odd), _mm256_unpackhi_epi8(even, odd)];
    let sorted = [
        _mm256_permute2x128_si256::<0x20>(low, high),
        _mm256_permute2x128_si256::<0x31>(low, high),
    ];
    for (half, sorted) in metrics.as_chunks_mut::<32>().0.iter_mut().zip(sorted) {
        // SAFETY: 32 bytes are there, and unaligned access is used.
        unsafe { _mm256_storeu_si256(half.as_mut_ptr().cast(), sorted) };
    }
}

#[target_feature(enable = "avx2")]
fn interleave(low: __m256i, high: __m256i) -> [__m256i; 2] {
    let first = _mm256_permute2x128_si256::<0x20>(low, high);
    let second = _mm256_permute2x128_si256::<0x31>(low, high);
    [_mm256_unpacklo_epi8(first, second), _mm256_unpackhi_epi8(first, second)]
}
