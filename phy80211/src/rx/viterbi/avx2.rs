//! The trellis step with AVX2: 64 metrics of 16 bits in four registers.

use std::arch::x86_64::*;

use super::{Advance, BRANCH, BranchMetrics, STATES};

/// The step, if this processor has AVX2.
pub(super) fn advance() -> Option<Advance> {
    fn checked(metrics: &mut [i16; STATES], branches: &[BranchMetrics], survivors: &mut Vec<u64>) {
        // SAFETY: this function is only handed out below, where AVX2 was found.
        unsafe { advance_avx2(metrics, branches, survivors) }
    }
    std::arch::is_x86_feature_detected!("avx2").then_some(checked as Advance)
}

/// Byte shuffles that spread the four branch metrics over the lower 32 states, 16 a register.
const SPREAD: [[i8; 32]; 2] = {
    let mut spread = [[0; 32]; 2];
    let mut state = 0;
    while state < STATES / 2 {
        let low_byte = 2 * BRANCH[state] as i8;
        spread[state / 16][2 * (state % 16)] = low_byte;
        spread[state / 16][2 * (state % 16) + 1] = low_byte + 1;
        state += 1;
    }
    spread
};

#[target_feature(enable = "avx2")]
unsafe fn advance_avx2(
    metrics: &mut [i16; STATES],
    branches: &[BranchMetrics],
    survivors: &mut Vec<u64>,
) {
    // SAFETY: the pointers are to arrays of 32 bytes or more, and unaligned access is used.
    let load = |p: *const i16| unsafe { _mm256_loadu_si256(p.cast()) };
    let mut state: [__m256i; 4] = std::array::from_fn(|i| load(metrics[16 * i..].as_ptr()));
    let spread = [load(SPREAD[0].as_ptr().cast()), load(SPREAD[1].as_ptr().cast())];
    let odd_bytes = _mm256_set1_epi16(0xff00u16 as i16);

    for branch in branches {
        let packed = i64::from_ne_bytes(bytemuck::cast(*branch));
        let four = _mm256_set1_epi64x(packed);
        let mut next = state;
        let mut word = 0u64;
        for half in 0..2 {
            let metric = _mm256_shuffle_epi8(four, spread[half]);
            let (low, high) = (state[half], state[half + 2]);
            let (low_0, high_0) = (_mm256_add_epi16(low, metric), _mm256_sub_epi16(high, metric));
            let (low_1, high_1) = (_mm256_sub_epi16(low, metric), _mm256_add_epi16(high, metric));
            let zeros = _mm256_max_epi16(low_0, high_0);
            let ones = _mm256_max_epi16(low_1, high_1);
            let chose_0 = _mm256_cmpgt_epi16(high_0, low_0);
            let chose_1 = _mm256_cmpgt_epi16(high_1, low_1);
            // Successors alternate: a zero's, a one's. So do the bytes of the choices.
            let choices = _mm256_blendv_epi8(chose_0, chose_1, odd_bytes);
            word |= u64::from(_mm256_movemask_epi8(choices) as u32) << (32 * half);
            let (left, right) =
                (_mm256_unpacklo_epi16(zeros, ones), _mm256_unpackhi_epi16(zeros, ones));
            next[2 * half] = _mm256_permute2x128_si256::<0x20>(left, right);
            next[2 * half + 1] = _mm256_permute2x128_si256::<0x31>(left, right);
        }
        survivors.push(word);
        state = next;
    }
    for (i, register) in state.into_iter().enumerate() {
        // SAFETY: sixteen metrics remain from 16 * i on.
        unsafe { _mm256_storeu_si256(metrics[16 * i..].as_mut_ptr().cast(), register) };
    }
}
