//! Gathering with AVX-512: a table of 128 bytes is two registers, in which one instruction (VBMI)
//! looks up 64 places; larger tables are several such.

use std::arch::x86_64::*;

use super::MAX_TABLE;

/// Bytes in a register.
const WIDTH: usize = 64;
/// Bytes of the table that one lookup sees: as many as seven bits can name.
const LOOKUP: usize = 2 * WIDTH;

/// Gathers, if this processor can; false if not.
pub(super) fn gather(table: &[u8], places: &[u16], picked: &mut [u8]) -> bool {
    let found = std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi");
    if found {
        // SAFETY: the features are there.
        unsafe { gather_avx512(table, places, picked) };
    }
    found
}

#[target_feature(enable = "avx512bw,avx512vbmi")]
fn gather_avx512(table: &[u8], places: &[u16], picked: &mut [u8]) {
    let mut registers = [_mm512_setzero_si512(); MAX_TABLE / WIDTH];
    for (register, bytes) in registers.iter_mut().zip(table.chunks(WIDTH)) {
        *register = load(bytes);
    }
    let lookups = &registers.as_chunks::<2>().0[..table.len().div_ceil(LOOKUP)];
    for (places, picked) in places.chunks(WIDTH).zip(picked.chunks_mut(WIDTH)) {
        let (first, second) = places.split_at(places.len().min(WIDTH / 2));
        let (first, second) = (load_places(first), load_places(second));
        let places = join(_mm512_cvtepi16_epi8(first), _mm512_cvtepi16_epi8(second));
        // Saturated, for a place far beyond the table must not come back into it.
        let number = |places| _mm512_cvtusepi16_epi8(_mm512_srli_epi16::<7>(places));
        let numbers = join(number(first), number(second));
        let mut found = _mm512_setzero_si512();
        for (n, &[low, high]) in lookups.iter().enumerate() {
            let here = _mm512_cmpeq_epi8_mask(numbers, _mm512_set1_epi8(n as i8));
            let bytes = _mm512_maskz_permutex2var_epi8(here, low, places, high);
            found = _mm512_or_si512(found, bytes);
        }
        // SAFETY: only as many bytes are written as there are.
        unsafe {
            _mm512_mask_storeu_epi8(picked.as_mut_ptr().cast(), first_of(picked.len()), found);
        }
    }
}

/// Up to 64 bytes, zeros after them.
#[target_feature(enable = "avx512bw")]
fn load(bytes: &[u8]) -> __m512i {
    // SAFETY: only as many bytes are read as there are.
    unsafe { _mm512_maskz_loadu_epi8(first_of(bytes.len()), bytes.as_ptr().cast()) }
}

/// Up to 32 places.
#[target_feature(enable = "avx512bw")]
fn load_places(places: &[u16]) -> __m512i {
    // SAFETY: only as many places are read as there are.
    unsafe { _mm512_maskz_loadu_epi16(first_of(places.len()) as u32, places.as_ptr().cast()) }
}

/// A mask of the first so many of 64.
fn first_of(count: usize) -> u64 {
    u64::MAX.checked_shr(64 - count.min(64) as u32).unwrap_or(0)
}

#[target_feature(enable = "avx512f")]
fn join(low: __m256i, high: __m256i) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}
