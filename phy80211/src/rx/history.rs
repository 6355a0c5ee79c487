//! The samples that may still be needed, by their absolute index.
//!
//! Every decision of the receiver is a function of absolute indices, so that how the samples
//! were cut into chunks cannot change what is decoded.

use num_complex::Complex32;

/// A window onto the sample stream that slides forward.
#[derive(Default)]
pub(super) struct History {
    samples: Vec<Complex32>,
    /// Absolute index of `samples[0]`.
    base: u64,
}

/// Samples are moved to the front only when this many can go at once, so that each is moved
/// less than once on average.
const SLACK: usize = 16 * 1024;

impl History {
    pub(super) fn push(&mut self, samples: &[Complex32]) {
        self.samples.extend_from_slice(samples);
    }

    /// One past the newest sample.
    pub(super) fn end(&self) -> u64 {
        self.base + self.samples.len() as u64
    }

    /// `len` samples from the absolute index `from`.
    pub(super) fn get(&self, from: u64, len: usize) -> &[Complex32] {
        let at = (from - self.base) as usize;
        &self.samples[at..at + len]
    }

    /// Goes on with a sample later than the newest, without those between and before.
    pub(super) fn skip_to(&mut self, index: u64) {
        self.samples.clear();
        self.base = index;
    }

    /// Allows samples before `index` to be dropped.
    pub(super) fn forget_before(&mut self, index: u64) {
        let droppable = (index.saturating_sub(self.base) as usize).min(self.samples.len());
        if droppable >= SLACK.max(self.samples.len() / 2) {
            self.samples.drain(..droppable);
            self.base += droppable as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_keep_their_index_while_old_ones_go() {
        let mut history = History::default();
        for block in 0..1000u64 {
            let samples: Vec<_> =
                (0..100).map(|i| Complex32::new((block * 100 + i) as f32, 0.0)).collect();
            history.push(&samples);
            history.forget_before((block * 100).saturating_sub(300));
            assert_eq!(history.end(), block * 100 + 100);
            assert_eq!(history.get(block * 100, 100), samples);
        }
        assert!(history.samples.len() < 3 * SLACK);
    }
}
