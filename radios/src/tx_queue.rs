//! What was handed in to be transmitted and is not yet on the air.

use std::collections::VecDeque;

use num_complex::Complex32;

use crate::radio::{SampleTime, TxEvent};

/// Samples that came in one call.
struct Chunk {
    at: SampleTime,
    samples: Vec<Complex32>,
    used: usize,
    /// No sample of the same burst was before.
    begins: bool,
    ends: bool,
}

/// A burst to which further samples may belong.
struct Open {
    next: SampleTime,
    /// It came too late or ran dry: what belongs to it is not transmitted.
    refused: bool,
}

/// Bursts in the order of their times.
#[derive(Default)]
pub(crate) struct TxQueue {
    chunks: VecDeque<Chunk>,
    open: Option<Open>,
    /// Where the last burst that was accepted ends.
    end: SampleTime,
    /// Up to where a burst that has not ended was mixed.
    on_air: Option<SampleTime>,
    waiting: usize,
}

/// Samples of a burst, to be mixed.
pub(crate) struct Piece<'a> {
    pub(crate) at: SampleTime,
    pub(crate) samples: &'a [Complex32],
    /// They are the first of their burst.
    pub(crate) begins: bool,
    /// They are the last of their burst, as far as is known.
    pub(crate) ends: bool,
}

impl TxQueue {
    /// Samples that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes in samples, the first of which is for `at`, when the next to be mixed is for `now`.
    /// Hands the buffer back if there is nothing in it to be mixed.
    pub(crate) fn push(
        &mut self,
        now: SampleTime,
        at: SampleTime,
        samples: Vec<Complex32>,
        ends: bool,
    ) -> (Option<TxEvent>, Option<Vec<Complex32>>) {
        let open = self.open.take();
        let goes_on = open.as_ref().is_some_and(|open| open.next == at);
        let next = at + samples.len() as u64;
        if goes_on && open.is_some_and(|open| open.refused) {
            self.open = (!ends).then_some(Open { next, refused: true });
            return (None, Some(samples));
        }
        if !goes_on || (ends && samples.is_empty()) {
            self.end_last();
        }
        if samples.is_empty() {
            self.open = (goes_on && !ends).then_some(Open { next, refused: false });
            return (None, Some(samples));
        }
        let free_from = self.end.max(now);
        let late = at < free_from;
        self.open = (!ends).then_some(Open { next, refused: late });
        if late {
            self.end_last();
            return (Some(TxEvent::Late { at, by: free_from.since(at) }), Some(samples));
        }
        self.end = next;
        self.waiting += samples.len();
        self.chunks.push_back(Chunk { at, samples, used: 0, begins: !goes_on, ends });
        (None, None)
    }

    /// What was accepted last is the end of its burst.
    fn end_last(&mut self) {
        match self.chunks.back_mut() {
            Some(last) => last.ends = true,
            None => self.on_air = None,
        }
    }

    /// Hands the samples for times before `end` to `mix` and used buffers to `give_back`. Tells if a
    /// burst has run dry.
    pub(crate) fn take_until(
        &mut self,
        end: SampleTime,
        mut mix: impl FnMut(Piece),
        mut give_back: impl FnMut(Vec<Complex32>),
    ) -> Option<TxEvent> {
        while let Some(chunk) = self.chunks.front_mut() {
            let at = chunk.at + chunk.used as u64;
            if at >= end {
                return None;
            }
            let left = &chunk.samples[chunk.used..];
            let piece = &left[..left.len().min(end.since(at) as usize)];
            let used = chunk.used + piece.len();
            mix(Piece {
                at,
                samples: piece,
                begins: chunk.begins && chunk.used == 0,
                ends: chunk.ends && used == chunk.samples.len(),
            });
            chunk.used = used;
            self.waiting -= piece.len();
            if chunk.used == chunk.samples.len() {
                let next = at + piece.len() as u64;
                let done = self.chunks.pop_front().expect("it was looked at");
                self.on_air = (!done.ends).then_some(next);
                give_back(done.samples);
            }
        }
        let at = self.on_air.filter(|&at| at < end)?;
        self.on_air = None;
        if let Some(open) = &mut self.open {
            open.refused = true;
        }
        Some(TxEvent::Underflow { at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(len: usize) -> Vec<Complex32> {
        vec![Complex32::ONE; len]
    }

    /// What would be mixed before `end`: time and length of each piece.
    fn taken(queue: &mut TxQueue, end: u64) -> (Vec<(u64, usize)>, Option<TxEvent>) {
        let mut pieces = Vec::new();
        let event = queue.take_until(
            SampleTime(end),
            |piece| pieces.push((piece.at.0, piece.samples.len())),
            drop,
        );
        (pieces, event)
    }

    #[test]
    fn bursts_are_cut_where_blocks_end() {
        let mut queue = TxQueue::default();
        queue.push(SampleTime(0), SampleTime(90), samples(20), false);
        queue.push(SampleTime(0), SampleTime(110), samples(5), true);
        assert_eq!(taken(&mut queue, 50), (vec![], None));
        assert_eq!(taken(&mut queue, 100), (vec![(90, 10)], None));
        assert_eq!(taken(&mut queue, 200), (vec![(100, 10), (110, 5)], None));
        assert_eq!(queue.waiting(), 0);
    }

    #[test]
    fn all_of_a_late_burst_is_refused_and_told_once() {
        let mut queue = TxQueue::default();
        let late = TxEvent::Late { at: SampleTime(90), by: 10 };
        assert_eq!(queue.push(SampleTime(100), SampleTime(90), samples(20), false).0, Some(late));
        assert_eq!(queue.push(SampleTime(100), SampleTime(110), samples(20), true).0, None);
        assert_eq!(taken(&mut queue, 1000), (vec![], None));
        queue.push(SampleTime(100), SampleTime(130), samples(1), true);
        assert_eq!(taken(&mut queue, 1000).0, [(130, 1)]);
    }

    #[test]
    fn a_burst_that_runs_dry_is_over() {
        let mut queue = TxQueue::default();
        queue.push(SampleTime(0), SampleTime(0), samples(100), false);
        assert_eq!(taken(&mut queue, 100), (vec![(0, 100)], None));
        assert_eq!(taken(&mut queue, 200).1, Some(TxEvent::Underflow { at: SampleTime(100) }));
        assert_eq!(queue.push(SampleTime(200), SampleTime(100), samples(200), false).0, None);
        assert_eq!(queue.push(SampleTime(200), SampleTime(300), samples(1), true).0, None);
        assert_eq!(taken(&mut queue, 1000), (vec![], None));
    }

    #[test]
    fn a_burst_ends_by_its_mark_by_an_empty_one_or_by_another_burst() {
        for how in 0..3 {
            let mut queue = TxQueue::default();
            queue.push(SampleTime(0), SampleTime(0), samples(10), how == 0);
            match how {
                1 => drop(queue.push(SampleTime(0), SampleTime(10), vec![], true)),
                2 => drop(queue.push(SampleTime(0), SampleTime(50), samples(5), true)),
                _ => {}
            }
            assert_eq!(taken(&mut queue, 100).1, None, "{how}");
        }
    }

    #[test]
    fn bursts_do_not_overlap() {
        let mut queue = TxQueue::default();
        queue.push(SampleTime(0), SampleTime(0), samples(10), true);
        let late = TxEvent::Late { at: SampleTime(9), by: 1 };
        assert_eq!(queue.push(SampleTime(0), SampleTime(9), samples(5), true).0, Some(late));
        assert_eq!(queue.push(SampleTime(0), SampleTime(10), samples(5), true).0, None);
    }
}
