//! What waits to be sent: for each receiver and TID a [`Stream`], and who of them is next.

mod agreement;
mod outgoing;
mod stream;

pub(crate) use agreement::Agreement;
pub(crate) use outgoing::{Content, Direction, Outgoing, SentWith};
pub(crate) use stream::{Stream, Verdict};

use std::time::Duration;

use crate::{AccessCategory, DropReason, Instant, MacAddr};

/// How many packets an access category may queue, those in flight included. Management frames are
/// not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueLimit {
    /// In all: a station with much to receive leaves no room for the others.
    Shared(usize),
    /// For each receiver.
    PerReceiver(usize),
}

/// Frames other than packets that are queued at most. A flood of requests, which a host's queue
/// limit does not count, is answered only so far.
const MAX_OWN_FRAMES: usize = 256;

/// Which stream is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schedule {
    /// First come, first served: the stream whose first frame came first.
    #[default]
    Fifo,
    /// Each stream in turn.
    RoundRobin,
}

/// The frames of a station that are queued, or sent and not acknowledged.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) streams: Vec<Stream>,
    limit: QueueLimit,
    schedule: Schedule,
    lifetime: Option<Duration>,
    next_order: u64,
    /// Packets under a TID have an HT Control field.
    pub(crate) with_ht_control: bool,
    /// Packets of each category.
    packets: [usize; 4],
    /// Of each category the stream that was chosen last.
    last: [usize; 4],
}

/// A stream's place in [`Queues`].
pub(crate) type StreamIndex = usize;

impl Queues {
    pub(crate) fn new(limit: QueueLimit, schedule: Schedule, lifetime: Option<Duration>) -> Self {
        let (streams, next_order) = (vec![], 0);
        Self {
            streams,
            limit,
            schedule,
            lifetime,
            next_order,
            with_ht_control: false,
            packets: [0; 4],
            last: [0; 4],
        }
    }

    pub(crate) fn find(&self, receiver: MacAddr, tid: Option<u8>) -> Option<StreamIndex> {
        self.streams.iter().position(|stream| (stream.receiver, stream.tid) == (receiver, tid))
    }

    /// The stream for a receiver, TID and category, which is made if it is new.
    ///
    /// A stream without TID has no state once it is empty, and its place is taken by the next new
    /// one: whoever sends us frames under ever new addresses fills nothing but these places.
    pub(crate) fn stream(
        &mut self,
        receiver: MacAddr,
        tid: Option<u8>,
        category: AccessCategory,
        held: bool,
    ) -> StreamIndex {
        let wanted = |s: &Stream| (s.receiver, s.tid, s.category) == (receiver, tid, category);
        if let Some(index) = self.streams.iter().position(wanted) {
            return index;
        }
        let stream = Stream::new(receiver, tid, category, held);
        match self.streams.iter().position(|stream| stream.tid.is_none() && stream.len() == 0) {
            Some(free) => {
                self.streams[free] = stream;
                free
            }
            None => {
                self.streams.push(stream);
                self.streams.len() - 1
            }
        }
    }

    /// Queues a frame, if there is room for it.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        stream: StreamIndex,
        content: Content,
    ) -> Result<(), DropReason> {
        let category = self.streams[stream].category as usize;
        if matches!(content, Content::Msdu(_)) {
            let full = match self.limit {
                QueueLimit::Shared(limit) => self.packets[category] >= limit,
                QueueLimit::PerReceiver(limit) => self.packets_for(stream) >= limit,
            };
            if full {
                return Err(DropReason::QueueFull);
            }
            self.packets[category] += 1;
        } else if self.own_frames() >= MAX_OWN_FRAMES {
            return Err(DropReason::QueueFull);
        }
        let (order, tid) = (self.next_order, self.streams[stream].tid);
        let is_packet = matches!(content, Content::Msdu(_));
        let ht_control = self.with_ht_control && tid.is_some() && is_packet;
        self.next_order += 1;
        self.streams[stream].push(Outgoing {
            content,
            tid,
            arrived: now,
            order,
            sequence: None,
            attempts: 0,
            in_flight: false,
            ht_control,
        });
        Ok(())
    }

    fn packets_for(&self, stream: StreamIndex) -> usize {
        let Stream { receiver, category, .. } = self.streams[stream];
        let alike =
            self.streams.iter().filter(|s| (s.receiver, s.category) == (receiver, category));
        alike.map(Stream::len).sum()
    }

    fn own_frames(&self) -> usize {
        let without_tid = self.streams.iter().filter(|stream| stream.tid.is_none());
        let frames = without_tid.flat_map(Stream::iter);
        frames.filter(|frame| !matches!(frame.content, Content::Msdu(_))).count()
    }

    /// Frames queued for a receiver, those in flight included.
    pub(crate) fn frames_for(&self, receiver: MacAddr) -> impl Iterator<Item = &Outgoing> {
        let streams = self.streams.iter().filter(move |stream| stream.receiver == receiver);
        streams.flat_map(Stream::iter)
    }

    /// How many those are.
    pub(crate) fn backlog(&self, receiver: MacAddr) -> usize {
        let streams = self.streams.iter().filter(|stream| stream.receiver == receiver);
        streams.map(Stream::len).sum()
    }

    /// Packets of a category.
    pub(crate) fn packets(&self, category: AccessCategory) -> usize {
        self.packets[category as usize]
    }

    /// A frame has left its stream, sent or not.
    pub(crate) fn gone(&mut self, category: AccessCategory, frame: &Outgoing) {
        if matches!(frame.content, Content::Msdu(_)) {
            self.packets[category as usize] -= 1;
        }
    }

    /// Whether a category has something that may be sent.
    pub(crate) fn is_eligible(&self, category: AccessCategory) -> bool {
        self.streams.iter().any(|stream| stream.category == category && stream.is_eligible())
    }

    /// The stream that is next among those of a category. One that may wait goes if there is no
    /// other.
    pub(crate) fn choose(
        &mut self,
        category: AccessCategory,
        may_wait: impl Fn(&Stream) -> bool,
    ) -> Option<StreamIndex> {
        let streams = self.streams.iter().enumerate();
        let eligible = streams.filter(|(_, s)| s.category == category && s.is_eligible());
        let last = self.last[category as usize];
        let chosen = match self.schedule {
            // A stream that has a request to send and no frame left goes first.
            Schedule::Fifo => {
                eligible.min_by_key(|(_, s)| (may_wait(s), s.head().map_or(0, |head| head.order)))
            }
            Schedule::RoundRobin => {
                eligible.min_by_key(|(index, s)| (may_wait(s), *index <= last, *index))
            }
        };
        let (index, _) = chosen?;
        self.last[category as usize] = index;
        Some(index)
    }

    /// Takes frames from the head of a stream that have waited for too long.
    pub(crate) fn take_expired(&mut self, now: Instant, stream: StreamIndex) -> Option<Outgoing> {
        let lifetime = self.lifetime?;
        let stream = &mut self.streams[stream];
        let frame = stream.take_head_if(|head| head.arrived + lifetime < now)?;
        let category = stream.category;
        self.gone(category, &frame);
        Some(frame)
    }

    /// Ends all streams to a receiver and yields their frames.
    pub(crate) fn remove(&mut self, receiver: MacAddr) -> Vec<Outgoing> {
        let mut frames = vec![];
        let ended = self.streams.iter_mut().filter(|stream| stream.receiver == receiver);
        for stream in ended {
            let category = stream.category as usize;
            for frame in stream.clear() {
                if matches!(frame.content, Content::Msdu(_)) {
                    self.packets[category] -= 1;
                }
                frames.push(frame);
            }
            *stream = Stream::new(receiver, None, stream.category, false);
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queues() -> Queues {
        Queues::new(QueueLimit::Shared(10), Schedule::Fifo, None)
    }

    fn address(number: u16) -> MacAddr {
        let [high, low] = number.to_be_bytes();
        MacAddr([2, 0, 0, 0, high, low])
    }

    #[test]
    fn answers_to_ever_new_stations_take_turns_in_the_same_places() {
        let mut queues = queues();
        for number in 0..1000 {
            let receiver = address(number);
            let stream = queues.stream(receiver, None, AccessCategory::Voice, false);
            queues.push(Instant::ZERO, stream, Content::Null).unwrap();
            let verdict = queues.streams[stream].give_up_head();
            assert_eq!(verdict.given_up.len(), 1);
        }
        assert_eq!(queues.streams.len(), 1);
    }

    #[test]
    fn frames_of_our_own_have_a_limit_too() {
        let mut queues = queues();
        let pushed = (0..1000).filter(|&number| {
            let stream = queues.stream(address(number), None, AccessCategory::Voice, false);
            queues.push(Instant::ZERO, stream, Content::Null).is_ok()
        });
        assert_eq!(pushed.count(), MAX_OWN_FRAMES);
    }

    #[test]
    fn a_receiver_has_a_stream_for_each_tid_and_category() {
        let mut queues = queues();
        let mut stream = |tid, category| {
            let stream = queues.stream(address(1), tid, category, false);
            queues.push(Instant::ZERO, stream, Content::Null).unwrap();
            stream
        };
        let streams = [
            stream(Some(0), AccessCategory::BestEffort),
            stream(None, AccessCategory::BestEffort),
            stream(None, AccessCategory::Voice),
        ];
        assert_eq!(streams, [0, 1, 2]);
    }
}
