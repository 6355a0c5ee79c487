//! The sums with 256-bit registers. Multiplications and additions stay apart, so that each lane
//! comes to what it does in plain Rust.

use std::arch::x86_64::*;

use num_complex::Complex32;

use super::Parts;

/// The sums, if the machine has AVX2.
pub(super) fn parts(now: &[Complex32], before: &[Complex32], dc: Complex32) -> Option<Parts> {
    if !is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the feature is there.
    Some(unsafe { parts_avx2(now, before, dc) })
}

#[target_feature(enable = "avx2")]
fn parts_avx2(now: &[Complex32], before: &[Complex32], dc: Complex32) -> Parts {
    /// Swaps the real and the imaginary part of each sample.
    const SWAP: i32 = 0b10_11_00_01;
    let dc = _mm256_setr_ps(dc.re, dc.im, dc.re, dc.im, dc.re, dc.im, dc.re, dc.im);
    let [mut same, mut cross, mut energy, mut total] = [_mm256_setzero_ps(); 4];
    for (now, before) in now.chunks_exact(4).zip(before.chunks_exact(4)) {
        // SAFETY: both are chunks of four samples, which are eight floats.
        let (raw, before) = unsafe {
            (_mm256_loadu_ps(now.as_ptr().cast()), _mm256_loadu_ps(before.as_ptr().cast()))
        };
        let x = _mm256_sub_ps(raw, dc);
        let y = _mm256_sub_ps(before, dc);
        same = _mm256_add_ps(same, _mm256_mul_ps(x, y));
        cross = _mm256_add_ps(cross, _mm256_mul_ps(x, _mm256_permute_ps::<SWAP>(y)));
        energy = _mm256_add_ps(energy, _mm256_mul_ps(x, x));
        total = _mm256_add_ps(total, raw);
    }
    let fold = |lanes: __m256| {
        let quads = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps::<1>(lanes));
        let pair = _mm_add_ps(quads, _mm_movehl_ps(quads, quads));
        [_mm_cvtss_f32(pair), _mm_cvtss_f32(_mm_movehdup_ps(pair))]
    };
    Parts { same: fold(same), cross: fold(cross), energy: fold(energy), total: fold(total) }
}
