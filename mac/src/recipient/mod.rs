//! The receiving side of a peer's frames: what has arrived before, and in which order it goes up.

mod reorder;
mod scoreboard;

pub(crate) use reorder::Reorder;
pub(crate) use scoreboard::Scoreboard;

use std::time::Duration;

use crate::{SequenceControl, SequenceNumber};

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

    pub(crate) fn request(&mut self, start: SequenceNumber, pass: impl FnMut(T)) {
        self.scoreboard.request(start);
        self.reorder.request(start, pass);
    }
}

/// Finds frames that are sent again though they have arrived, outside agreements (10.3.2.14): the
/// last sequence control of each TID, of data without QoS, and of management frames.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastReceived([Option<SequenceControl>; 18]);

/// Frames whose numbers are compared with each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberedAs {
    Qos {
        tid: u8,
    },
    DataWithoutQos,
    /// They have the numbers of data without QoS, and may overtake those.
    Management,
}

impl LastReceived {
    /// Notes a frame. Whether it is new.
    pub(crate) fn is_new(
        &mut self,
        numbered: NumberedAs,
        retry: bool,
        sequence_control: SequenceControl,
    ) -> bool {
        let last = &mut self.0[match numbered {
            NumberedAs::Qos { tid } => usize::from(tid & 0xf),
            NumberedAs::DataWithoutQos => 16,
            NumberedAs::Management => 17,
        }];
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
        let data = NumberedAs::DataWithoutQos;
        assert!(last.is_new(data, true, number(5)));
        assert!(!last.is_new(data, true, number(5)));
        assert!(last.is_new(NumberedAs::Qos { tid: 0 }, true, number(5)));
        assert!(last.is_new(data, false, number(5)));
        assert!(last.is_new(NumberedAs::Management, true, number(6)));
        assert!(!last.is_new(data, true, number(5)));
        assert!(last.is_new(data, true, number(6)));
    }
}
