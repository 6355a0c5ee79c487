//! The bytes that applications send: a pattern that repeats, so that any part of an endless stream
//! is a slice of one table.

use std::sync::LazyLock;

/// A prime beyond 2¹⁵: data in the wrong place, off by segments or by a power of two, differ.
const PERIOD: usize = 32_771;

static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut state = 1u32;
    let period: Vec<u8> = (0..PERIOD)
        .map(|_| {
            // Numerical Recipes' generator, whose high bits are good enough.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    // An IP packet from any place on is in one piece.
    period.iter().copied().cycle().take(PERIOD + usize::from(u16::MAX)).collect()
});

/// `len` bytes of every application's stream, from its byte `offset` on.
///
/// # Panics
/// If `len` is more than an IP packet can carry.
pub fn pattern(offset: u64, len: usize) -> &'static [u8] {
    let start = (offset % PERIOD as u64) as usize;
    &TABLE[start..start + len]
}
