//! What a radio has received and its program has not yet read.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use num_complex::Complex32;

use crate::radio::{RxChunk, SampleTime};

/// Blocks between the air's thread and a reader's.
pub(super) struct Inbox {
    block: usize,
    state: Mutex<State>,
    filled: Condvar,
}

struct State {
    /// The newest blocks, each at its number modulo their count.
    ring: Vec<Complex32>,
    /// Which of them are silence: what is in the ring for them means nothing.
    silent: Vec<bool>,
    /// None before the radio has started.
    open: Option<Span>,
    lost: u64,
    closed: Option<String>,
}

/// What is there to be read.
struct Span {
    start: SampleTime,
    end: SampleTime,
}

/// No samples will follow, and why.
pub(super) struct Closed(pub(super) String);

impl Inbox {
    pub(super) fn new(block: usize, blocks: usize) -> Self {
        let state = State {
            ring: vec![Complex32::ZERO; block * blocks],
            silent: vec![true; blocks],
            open: None,
            lost: 0,
            closed: None,
        };
        Self { block, state: Mutex::new(state), filled: Condvar::new() }
    }

    /// Takes in samples from `now` on.
    pub(super) fn open(&self, now: SampleTime) {
        self.lock().open = Some(Span { start: now, end: now });
    }

    /// Nobody reads any more.
    pub(super) fn abandon(&self) {
        self.lock().open = None;
    }

    /// No samples will follow.
    pub(super) fn close(&self, reason: &str) {
        self.lock().closed = Some(reason.to_owned());
        self.filled.notify_all();
    }

    /// Whether a block would displace none.
    pub(super) fn has_room(&self) -> bool {
        let state = self.lock();
        let Some(span) = &state.open else { return true };
        span.end.since(span.start) as usize + self.block <= state.ring.len()
    }

    /// Takes in a block, silence if none; the oldest is lost if there is no room.
    pub(super) fn push(&self, samples: Option<&[Complex32]>) {
        let mut state = self.lock();
        let State { ring, silent, open, lost, .. } = &mut *state;
        let Some(span) = open else { return };
        let block = self.block as u64;
        if span.end.since(span.start) + block > ring.len() as u64 {
            let kept_from = span.start - span.start.0 % block + block;
            *lost += kept_from.since(span.start);
            span.start = kept_from;
        }
        let place = (span.end.0 / block) as usize % silent.len();
        silent[place] = samples.is_none();
        if let Some(samples) = samples {
            ring[place * self.block..][..self.block].copy_from_slice(samples);
        }
        span.end += block;
        drop(state);
        self.filled.notify_one();
    }

    /// Reads what is there, and waits for the first of it.
    pub(super) fn read(
        &self,
        samples: &mut [Complex32],
        timeout: Duration,
    ) -> Result<RxChunk, Closed> {
        let nothing = |state: &mut State| {
            state.closed.is_none() && state.open.as_ref().is_none_or(|span| span.start == span.end)
        };
        let (mut state, _) = self
            .filled
            .wait_timeout_while(self.lock(), timeout, nothing)
            .unwrap_or_else(PoisonError::into_inner);
        let State { ring, silent, open, lost, closed } = &mut *state;
        let Some(span) = open.as_mut().filter(|span| span.start < span.end) else {
            return match closed {
                Some(reason) => Err(Closed(reason.clone())),
                None => Ok(RxChunk::default()),
            };
        };
        let time = span.start;
        let len = samples.len().min(span.end.since(time) as usize);
        let mut left = &mut samples[..len];
        while !left.is_empty() {
            let within = span.start.0 as usize % self.block;
            let place = span.start.0 as usize / self.block % silent.len();
            let count = left.len().min(self.block - within);
            let (now, rest) = left.split_at_mut(count);
            if silent[place] {
                now.fill(Complex32::ZERO);
            } else {
                now.copy_from_slice(&ring[place * self.block + within..][..count]);
            }
            span.start += count as u64;
            left = rest;
        }
        Ok(RxChunk { len, time, lost: std::mem::take(lost) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inbox: &Inbox, len: usize) -> (RxChunk, Vec<f32>) {
        let mut samples = vec![Complex32::ONE; len];
        let chunk = inbox.read(&mut samples, Duration::ZERO).ok().unwrap();
        (chunk, samples[..chunk.len].iter().map(|sample| sample.re).collect())
    }

    #[test]
    fn blocks_are_read_in_any_pieces() {
        let inbox = Inbox::new(4, 3);
        inbox.open(SampleTime(8));
        inbox.push(Some(&[Complex32::new(2.0, 0.0); 4]));
        inbox.push(None);
        let (chunk, samples) = read(&inbox, 3);
        assert_eq!((chunk.time, samples), (SampleTime(8), vec![2.0; 3]));
        let (chunk, samples) = read(&inbox, 9);
        assert_eq!((chunk.time, samples), (SampleTime(11), vec![2.0, 0.0, 0.0, 0.0, 0.0]));
        assert_eq!(read(&inbox, 9).0.len, 0);
    }

    #[test]
    fn a_full_inbox_loses_the_oldest_and_says_how_much() {
        let inbox = Inbox::new(4, 2);
        inbox.open(SampleTime(0));
        inbox.push(None);
        read(&inbox, 1);
        inbox.push(None);
        assert!(!inbox.has_room());
        inbox.push(Some(&[Complex32::new(3.0, 0.0); 4]));
        let (chunk, samples) = read(&inbox, 100);
        assert_eq!((chunk.time, chunk.lost), (SampleTime(4), 3));
        assert_eq!(samples, [0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]);
        inbox.push(None);
        assert_eq!(read(&inbox, 100).0.lost, 0);
    }

    #[test]
    fn what_is_there_is_read_before_the_end() {
        let inbox = Inbox::new(4, 2);
        inbox.open(SampleTime(0));
        inbox.push(None);
        inbox.close("over");
        assert_eq!(read(&inbox, 100).0.len, 4);
        assert!(inbox.read(&mut [Complex32::ZERO; 4], Duration::ZERO).is_err());
    }
}
