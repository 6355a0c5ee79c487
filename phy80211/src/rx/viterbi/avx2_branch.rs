//! Branch metrics with AVX2: a block at a time.

use std::arch::x86_64::*;

use super::branch::{Branch, CLIP};
use super::kernel::{BLOCK, Soft};

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn branches(soft: &Soft) -> [Branch; BLOCK] {
    let zero = _mm256_setzero_si256();
    // SAFETY: 32 bytes are there, and unaligned access is used.
    let soft = unsafe { _mm256_loadu_si256(soft.as_ptr().cast()) };
    // Quarters 0 2 1 3: unpacking takes a quarter of each half, and its halves are to be in order.
    let soft = _mm256_permute4x64_epi64::<0b11_01_10_00>(soft);
    let strength =
        |soft| _mm256_min_epu8(_mm256_max_epi8(soft, zero), _mm256_set1_epi8(CLIP as i8));
    let (zeros, ones) = (strength(soft), strength(_mm256_subs_epi8(zero, soft)));
    // For each step, the costs of a zero as A and as B, and of a one.
    let quads = [_mm256_unpacklo_epi16(zeros, ones), _mm256_unpackhi_epi16(zeros, ones)];
    let (a, b) = (in_each_quad([0, 0, 2, 2]), in_each_quad([1, 3, 1, 3]));
    let backwards = in_each_quad([3, 2, 1, 0]);
    let mut branches = [Branch::default(); BLOCK];
    for (quads, eight) in quads.into_iter().zip(branches.as_chunks_mut::<8>().0) {
        let costs = _mm256_add_epi8(_mm256_shuffle_epi8(quads, a), _mm256_shuffle_epi8(quads, b));
        let totals = _mm256_add_epi8(costs, _mm256_shuffle_epi8(costs, backwards));
        let (low, high) =
            (_mm256_unpacklo_epi32(costs, totals), _mm256_unpackhi_epi32(costs, totals));
        let out: *mut __m256i = eight.as_mut_ptr().cast();
        // SAFETY: eight branches are 64 bytes, and unaligned access is used.
        unsafe {
            _mm256_storeu_si256(out, _mm256_permute2x128_si256::<0x20>(low, high));
            _mm256_storeu_si256(out.add(1), _mm256_permute2x128_si256::<0x31>(low, high));
        }
    }
    branches
}

/// The shuffle that does this within each four bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn in_each_quad(bytes: [u8; 4]) -> __m256i {
    let within = _mm256_set1_epi32(i32::from_ne_bytes(bytes));
    let quad = _mm_set_epi32(0x0c0c_0c0c, 0x0808_0808, 0x0404_0404, 0);
    _mm256_add_epi8(within, _mm256_broadcastsi128_si256(quad))
}
