//! Which `ack_stride` to scale acknowledgment numbers with: the compressor's choice (RFC 6846 section
//! 6.4.8.2). A new one costs `co_common` a few times, so it must prove itself first.

/// A step of at most this many strides, else the window of `lsb(4, 3)` soon ends.
const MAX_STEP: u32 = 3;
/// Steps in a row that must suit a new stride.
const PROOF: u8 = 8;
/// Misses, less hits, from which another stride is sought.
const PATIENCE: u8 = 12;

/// Follows the steps of a flow's acknowledgment number.
#[derive(Debug, Clone, Default)]
pub(super) struct Stride {
    current: u16,
    /// Steps that were no multiples of the stride, less those that were.
    misses: u8,
    candidate: u16,
    proof: u8,
}

impl Stride {
    /// The stride in use; 0 for none.
    pub fn current(&self) -> u16 {
        self.current
    }

    /// Takes note of a step.
    pub fn observe(&mut self, step: u32) {
        if step == 0 || step > u32::from(u16::MAX) * MAX_STEP {
            return;
        }
        if suits(self.current, step) {
            self.misses = self.misses.saturating_sub(1);
            return;
        }
        self.misses = (self.misses + 1).min(PATIENCE);
        if suits(self.candidate, step) {
            self.proof += 1;
        } else if let Ok(candidate) = u16::try_from(step) {
            self.candidate = candidate;
            self.proof = 1;
        }
        if self.proof >= PROOF && (self.current == 0 || self.misses == PATIENCE) {
            self.current = self.candidate;
            self.misses = 0;
            self.proof = 0;
        }
    }
}

fn suits(stride: u16, step: u32) -> bool {
    stride != 0 && step.is_multiple_of(stride.into()) && step / u32::from(stride) <= MAX_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_flow_settles_on_its_segment_size() {
        let mut stride = Stride::default();
        for step in [2896, 1448, 2896, 2896, 1448, 2896, 2896, 2896, 2896, 2896] {
            stride.observe(step);
        }
        assert_eq!(stride.current(), 1448);
    }

    #[test]
    fn one_odd_step_does_not_unsettle_it() {
        let mut stride = Stride { current: 1448, ..Stride::default() };
        stride.observe(77);
        stride.observe(2896);
        assert_eq!(stride.current(), 1448);
    }
}
