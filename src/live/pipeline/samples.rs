//! The ring that samples go through, and with them the time of each chunk.

use std::time::Instant;

use phy80211::Complex32;
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

/// Chunks that may be under way at once.
const CHUNKS: usize = 4096;

/// A chunk of samples under way.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// Its first sample on the radio's clock.
    pub time: u64,
    /// Samples in it.
    pub len: usize,
    /// When the radio delivered it.
    pub at: Instant,
}

/// Where samples go in.
pub struct SampleSink {
    samples: HeapProd<Complex32>,
    chunks: HeapProd<Chunk>,
}

/// Where they come out.
pub struct SampleSource {
    samples: HeapCons<Complex32>,
    chunks: HeapCons<Chunk>,
}

/// A ring for so many samples.
pub fn sample_ring(capacity: usize) -> (SampleSink, SampleSource) {
    let (samples_in, samples_out) = HeapRb::new(capacity).split();
    let (chunks_in, chunks_out) = HeapRb::new(CHUNKS).split();
    (
        SampleSink { samples: samples_in, chunks: chunks_in },
        SampleSource { samples: samples_out, chunks: chunks_out },
    )
}

impl SampleSink {
    /// Puts a chunk in, all of it or, where it does not fit, nothing. Whether it did.
    pub fn push(&mut self, time: u64, samples: &[Complex32], at: Instant) -> bool {
        if self.samples.vacant_len() < samples.len() || self.chunks.is_full() {
            return false;
        }
        self.samples.push_slice(samples);
        let pushed = self.chunks.try_push(Chunk { time, len: samples.len(), at });
        pushed.is_ok()
    }
}

impl SampleSource {
    /// Has `take` look at the next chunk, in one or two pieces, each with the time of its first
    /// sample. Whether there was one.
    pub fn pop(&mut self, mut take: impl FnMut(&Chunk, u64, &[Complex32])) -> bool {
        let Some(chunk) = self.chunks.try_pop() else { return false };
        let (first, second) = self.samples.as_slices();
        let first = &first[..chunk.len.min(first.len())];
        let second = &second[..chunk.len - first.len()];
        take(&chunk, chunk.time, first);
        if !second.is_empty() {
            take(&chunk, chunk.time + first.len() as u64, second);
        }
        self.samples.skip(chunk.len);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_come_out_as_they_went_in_and_what_does_not_fit_is_refused() {
        let (mut sink, mut source) = sample_ring(10);
        let samples: Vec<_> = (0..8).map(|i| Complex32::new(i as f32, 0.0)).collect();
        let mut out = vec![];
        for round in 0..20 {
            assert!(sink.push(100 * round, &samples[..7], Instant::now()));
            assert!(!sink.push(100 * round + 7, &samples[..4], Instant::now()));
            out.clear();
            let took = source.pop(|_, time, piece| {
                assert_eq!(time, 100 * round + out.len() as u64);
                out.extend_from_slice(piece);
            });
            assert!(took && out == samples[..7]);
        }
        assert!(!source.pop(|_, _, _| panic!("there is nothing")));
    }
}
