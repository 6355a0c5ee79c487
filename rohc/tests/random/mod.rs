//! Pseudo-random numbers, for tests and benches.

/// A small generator of pseudo-random numbers (PCG).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    /// An octet.
    pub fn octet(&mut self) -> u8 {
        self.below(256) as u8
    }
}
