//! The receiving side of a peer's frames: what has arrived before, and in which order it goes up.

mod reorder;
mod scoreboard;

pub(crate) use reorder::Reorder;
pub(crate) use scoreboard::Scoreboard;

use std::time::Duration;

use crate::{Instant, SequenceControl, SequenceNumber};

/// The recipient of a Block Ack agreement (10.25.6).
#[derive(Debug)]
pub(crate) struct Recipient<T> {
    pub(crate) scoreboard: Scoreboard,
    pub(crate) reorder: Reorder<T>,
}

impl<T> Recipient<T> {
    pub(crate) fn new(start: SequenceNumber, window: u16, release_after: Duration) -> Self {
        let scoreboard = Scoreboard::new(start);
        Self { scoreboard, reorder: Reorder::new(start, window, release_after) }
    }

    pub(crate) fn request(&mut self, now: Instant, start: SequenceNumber, pass: impl FnMut(T)) {
        self.scoreboard.request(start);
        self.reorder.request(now, start, pass);
    }
}

/// Finds frames that are sent again though they have arrived, outside agreements (10.3.2.14): the
/// last sequence control of each TID and of frames without QoS.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastReceived([Option<SequenceControl>; 17]);

impl LastReceived {
    const WITHOUT_QOS: usize = 16;

    /// Notes a frame. Whether it is new.
    pub(crate) fn is_new(
        &mut self,
        tid: Option<u8>,
        retry: bool,
        sequence_control: SequenceControl,
    ) -> bool {
        let last = &mut self.0[tid.map_or(Self::WITHOUT_QOS, |tid| usize::from(tid & 0xf))];
        let repeated = retry && *last == Some(sequence_control);
        *last = Some(sequence_control);
        !repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_retry_with_the_number_of_the_last_frame_is_old() {
        let mut last = LastReceived::default();
        let number = |n| SequenceControl::unfragmented(SequenceNumber::new(n));
        assert!(last.is_new(None, true, number(5)));
        assert!(!last.is_new(None, true, number(5)));
        assert!(last.is_new(Some(0), true, number(5)));
        assert!(last.is_new(None, false, number(5)));
        assert!(last.is_new(None, true, number(6)));
    }
}
