//! The samples of the last moments.

use phy80211::Complex32;

/// A ring of samples that follow each other, with the number of each.
pub struct Ring {
    samples: Vec<Complex32>,
    /// The number of the next sample.
    next: u64,
    /// Samples that are there.
    len: usize,
}

impl Ring {
    /// A ring that keeps so many samples.
    pub fn new(capacity: usize) -> Self {
        Self { samples: vec![Complex32::ZERO; capacity.max(1)], next: 0, len: 0 }
    }

    /// Samples from number `from` on. Where some are missing before them, what was there goes.
    pub fn push(&mut self, from: u64, samples: &[Complex32]) {
        if from != self.next {
            (self.next, self.len) = (from, 0);
        }
        let capacity = self.samples.len();
        let skipped = samples.len().saturating_sub(capacity);
        self.next += skipped as u64;
        for &sample in &samples[skipped..] {
            let place = (self.next % capacity as u64) as usize;
            self.samples[place] = sample;
            self.next += 1;
        }
        self.len = (self.len + samples.len()).min(capacity);
    }

    /// The number of the next sample.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The samples from one number to another, as many of them as are there, and the number of the
    /// first.
    pub fn between(&self, from: u64, to: u64) -> (u64, Vec<Complex32>) {
        let oldest = self.next - self.len as u64;
        let (from, to) = (from.clamp(oldest, self.next), to.clamp(oldest, self.next));
        let capacity = self.samples.len() as u64;
        (from, (from..to).map(|number| self.samples[(number % capacity) as usize]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(from: u64, to: u64) -> Vec<Complex32> {
        (from..to).map(|number| Complex32::new(number as f32, 0.0)).collect()
    }

    #[test]
    fn the_last_samples_are_there_by_their_numbers() {
        let mut ring = Ring::new(10);
        ring.push(100, &numbers(100, 107));
        assert_eq!(ring.between(90, 103), (100, numbers(100, 103)));
        ring.push(107, &numbers(107, 114));
        assert_eq!(ring.between(0, 1000), (104, numbers(104, 114)));
        ring.push(114, &numbers(114, 150));
        assert_eq!((ring.between(0, 1000), ring.next()), ((140, numbers(140, 150)), 150));
    }

    #[test]
    fn nothing_from_before_a_gap_is_taken_for_what_follows_it() {
        let mut ring = Ring::new(10);
        ring.push(0, &numbers(0, 5));
        ring.push(7, &numbers(7, 9));
        assert_eq!(ring.between(0, 100), (7, numbers(7, 9)));
    }
}
