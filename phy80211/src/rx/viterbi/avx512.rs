//! The trellis step with AVX-512: 64 metrics of 8 bits in one register, in the order of states.

use std::arch::x86_64::*;
use std::hint::black_box;

use super::avx2_branch::branches;
use super::branch::PAIR;
use super::kernel::{GROUP, Kernel, Metrics, NORMALISE_AT, STATES, Soft, Survivors};

/// The kernel, if this processor has AVX-512 with the instructions on bytes (VBMI).
pub(super) fn kernel() -> Option<Kernel> {
    fn checked(metrics: &mut Metrics, soft: &[Soft], survivors: &mut [Survivors]) {
        // SAFETY: this function is only handed out below, where these features were found.
        unsafe { advance(metrics, soft, survivors) }
    }
    let found = std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi");
    found.then_some(Kernel { name: "AVX-512", advance: checked })
}

/// The even predecessor of each state.
const EVEN: [u8; STATES] = {
    let mut even = [0; STATES];
    let mut state = 0;
    while state < STATES {
        even[state] = (2 * state % STATES) as u8;
        state += 1;
    }
    even
};

/// Shuffle that spreads the costs over the branches from the even predecessors.
const SPREAD: [u8; STATES] = {
    let mut spread = [0; STATES];
    let mut i = 0;
    while i < STATES / 2 {
        spread[i] = PAIR[i];
        spread[i + STATES / 2] = 3 - PAIR[i];
        i += 1;
    }
    spread
};

#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; STATES]) -> __m512i {
    // SAFETY: 64 bytes are there, and unaligned access is used.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512bw,avx512vbmi")]
fn advance(metrics: &mut Metrics, soft: &[Soft], survivors: &mut [Survivors]) {
    let (spread, evens) = (load(&SPREAD), load(&EVEN));
    let odds = _mm512_or_si512(evens, _mm512_set1_epi8(1));
    let mut state = load(&metrics.0);
    for (soft, survivors) in soft.iter().zip(survivors) {
        let branches = branches(soft);
        // Loads from memory spread the costs for free; the compiler, if it could, would shuffle
        // them out of the registers that they came from, and shuffles are what there is least of.
        let groups = black_box(&branches).as_chunks::<GROUP>().0.iter();
        for (branches, survivors) in groups.zip(survivors.as_chunks_mut::<GROUP>().0) {
            let floor = least(state);
            for (i, (branch, survivors)) in branches.iter().zip(survivors).enumerate() {
                let costs = _mm512_set1_epi32(i32::from_ne_bytes(branch.costs));
                let total = _mm512_set1_epi32(i32::from_ne_bytes(branch.total));
                let cost = _mm512_shuffle_epi8(costs, spread);
                let complement = _mm512_sub_epi8(total, cost);
                let even = _mm512_adds_epu8(_mm512_permutexvar_epi8(evens, state), cost);
                let odd = _mm512_adds_epu8(_mm512_permutexvar_epi8(odds, state), complement);
                state = _mm512_min_epu8(even, odd);
                *survivors = _mm512_cmple_epu8_mask(odd, even);
                if i == NORMALISE_AT {
                    state = _mm512_sub_epi8(state, floor);
                }
            }
        }
    }
    // SAFETY: 64 bytes are there, and unaligned access is used.
    unsafe { _mm512_storeu_si512(metrics.0.as_mut_ptr().cast(), state) };
}

/// The least of the bytes, in each byte.
#[target_feature(enable = "avx512bw")]
fn least(bytes: __m512i) -> __m512i {
    let half =
        _mm256_min_epu8(_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64::<1>(bytes));
    let quarter = _mm_min_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
    let words = _mm_min_epu8(quarter, _mm_srli_epi16::<8>(quarter));
    _mm512_broadcastb_epi8(_mm_minpos_epu16(words))
}
