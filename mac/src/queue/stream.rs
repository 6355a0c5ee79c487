use std::collections::VecDeque;

use super::{Agreement, Outgoing};
use crate::{AccessCategory, Acknowledged, Instant, MacAddr, Msdu, SequenceNumber};

/// The frames for one receiver and TID in their order, and what was agreed on their Block Ack:
/// the originator of 10.25.
///
/// Frames stay in the queue until they are acknowledged or given up; those that have been sent
/// are at its head.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) receiver: MacAddr,
    /// None for management frames, data without QoS and what goes to groups.
    pub(crate) tid: Option<u8>,
    pub(crate) category: AccessCategory,
    pub(crate) agreement: Agreement,
    /// A Block Ack request is to be sent before anything else, and how often it was in vain.
    pub(crate) request: Option<u8>,
    /// A request that was to move the recipient's window was given up: it is sent again once the
    /// recipient is heard.
    owes_request: bool,
    /// How often in a row an RTS was not answered.
    pub(crate) unanswered_rts: u8,
    /// The receiver sleeps.
    pub(crate) held: bool,
    /// So many frames may be sent though it sleeps.
    pub(crate) released: usize,
    queue: VecDeque<Outgoing>,
    /// Packets that have arrived, behind one that has not.
    behind_gap: Vec<(SequenceNumber, Msdu)>,
    next_sequence: SequenceNumber,
}

/// What a Block Ack or the lack of one made of the MPDUs that were sent.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Acknowledged MPDUs, and how many of them had been sent more than once.
    pub(crate) acknowledged: usize,
    pub(crate) of_them_retried: usize,
    /// MPDUs to be sent again.
    pub(crate) lost: usize,
    /// Frames that have been sent too often.
    pub(crate) given_up: Vec<Outgoing>,
    /// Frames that have arrived.
    pub(crate) delivered: Vec<Outgoing>,
}

impl Stream {
    pub(crate) fn new(
        receiver: MacAddr,
        tid: Option<u8>,
        category: AccessCategory,
        held: bool,
    ) -> Self {
        Self {
            receiver,
            tid,
            category,
            agreement: Agreement::None { ask_from: Instant::ZERO },
            request: None,
            owes_request: false,
            unanswered_rts: 0,
            held,
            released: 0,
            queue: VecDeque::new(),
            behind_gap: vec![],
            next_sequence: SequenceNumber::default(),
        }
    }

    pub(crate) fn push(&mut self, frame: Outgoing) {
        self.queue.push_back(frame);
    }

    /// Frames that have not been acknowledged.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.queue.iter()
    }

    pub(crate) fn head(&self) -> Option<&Outgoing> {
        self.queue.front()
    }

    /// Whether there is something that may be sent now. While an agreement is asked for nothing
    /// is, or the recipient would not know where the first MPDU under it is.
    pub(crate) fn is_eligible(&self) -> bool {
        let something = self.request.is_some() || !self.queue.is_empty();
        let asking = self.agreement.asked_until().is_some();
        something && !asking && (!self.held || self.released > 0)
    }

    /// The first MPDU that is not acknowledged: WinStartO.
    pub(crate) fn window_start(&self) -> SequenceNumber {
        self.queue.front().and_then(|head| head.sequence).unwrap_or(self.next_sequence)
    }

    /// The number of the next frame that has none yet.
    pub(crate) fn next_sequence(&self) -> SequenceNumber {
        self.next_sequence
    }

    /// The first `count` frames are sent now, with numbers if they have none yet: of their own
    /// under a TID, of the station otherwise.
    pub(crate) fn send(&mut self, count: usize, mut number: impl FnMut() -> SequenceNumber) {
        for frame in self.queue.iter_mut().take(count) {
            if frame.sequence.is_none() {
                frame.sequence = Some(match self.tid {
                    // SNS2: QoS frames to one receiver under one TID (Table 10-5).
                    Some(_) => {
                        let sequence = self.next_sequence;
                        self.next_sequence = sequence.next();
                        sequence
                    }
                    None => number(),
                });
            }
            frame.in_flight = true;
        }
    }

    /// Counts an attempt for what is in flight; done once the frames have been made, whose Retry
    /// bit tells of earlier ones.
    pub(crate) fn count_attempt(&mut self) {
        for frame in self.queue.iter_mut().take_while(|frame| frame.in_flight) {
            frame.attempts = frame.attempts.saturating_add(1);
        }
    }

    /// Settles what is in flight: MPDUs that `arrived` says have are done, the others are sent
    /// again unless that was done `limit` times. Those of a Block Ack agreement have no such limit
    /// but their lifetime (10.23.2.12.1).
    pub(crate) fn settle(
        &mut self,
        limit: u8,
        arrived: impl Fn(SequenceNumber) -> bool,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        let limited = self.agreement.window().is_none();
        let in_flight = self.queue.iter().take_while(|frame| frame.in_flight).count();
        let mut kept = Vec::new();
        for mut frame in self.queue.drain(..in_flight) {
            frame.in_flight = false;
            if frame.sequence.is_some_and(&arrived) {
                verdict.acknowledged += 1;
                verdict.of_them_retried += usize::from(frame.attempts > 1);
                verdict.delivered.push(frame);
            } else if limited && frame.attempts >= limit {
                verdict.given_up.push(frame);
            } else {
                verdict.lost += 1;
                kept.push(frame);
            }
        }
        for frame in kept.into_iter().rev() {
            self.queue.push_front(frame);
        }
        let heard_again = verdict.acknowledged > 0 && self.owes_request;
        if (!verdict.given_up.is_empty() || heard_again) && self.agreement.window().is_some() {
            // The recipient holds later MPDUs back until it is told that these will not come.
            self.request = Some(0);
            self.owes_request = false;
        }
        verdict
    }

    /// Nobody answers a request: what is in flight counts as lost.
    pub(crate) fn give_up_request(&mut self, limit: u8) -> Verdict {
        self.request = None;
        let verdict = self.settle(limit, |_| false);
        self.owes_request = self.request.is_none();
        verdict
    }

    /// Settles what is in flight by a Block Ack.
    pub(crate) fn settle_by(&mut self, limit: u8, block_ack: &Acknowledged) -> Verdict {
        self.settle(limit, |sequence| {
            // What lies before the recipient's window has arrived, or it would wait for it.
            block_ack.acknowledges(sequence) || sequence.is_before(block_ack.start)
        })
    }

    /// A packet has arrived; its receiver passes it up once all before it are there or known not to
    /// come.
    pub(crate) fn arrived(&mut self, sequence: SequenceNumber, msdu: Msdu) {
        self.behind_gap.push((sequence, msdu));
    }

    /// The packets that have been passed up since this was asked last.
    pub(crate) fn passed_up(&mut self) -> Vec<Msdu> {
        let start = self.window_start();
        let in_order = self.agreement.window().is_none();
        // The recipient has still to be told of what was given up.
        let untold = self.request.is_some() || self.owes_request;
        let passed = self
            .behind_gap
            .extract_if(.., |(sequence, _)| in_order || (!untold && sequence.is_before(start)));
        passed.map(|(_, msdu)| msdu).collect()
    }

    /// Gives up the head, which could not even be announced.
    pub(crate) fn give_up_head(&mut self) -> Verdict {
        self.unanswered_rts = 0;
        let head = self.take_head_if(|_| true);
        Verdict { given_up: head.into_iter().collect(), ..Verdict::default() }
    }

    /// Takes the head, if it fits the description and is not in flight.
    pub(crate) fn take_head_if(
        &mut self,
        unwanted: impl Fn(&Outgoing) -> bool,
    ) -> Option<Outgoing> {
        let head = self.queue.front()?;
        if head.in_flight || !unwanted(head) {
            return None;
        }
        let numbered = head.sequence.is_some() && self.agreement.window().is_some();
        if numbered {
            self.request = Some(0);
        }
        self.queue.pop_front()
    }

    /// Empties the queue.
    pub(crate) fn clear(&mut self) -> VecDeque<Outgoing> {
        (self.request, self.owes_request) = (None, false);
        self.behind_gap.clear();
        std::mem::take(&mut self.queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Content;

    fn packet(order: u64) -> Outgoing {
        let address = MacAddr([2, 0, 0, 0, 0, 1]);
        let payload = vec![order as u8].into();
        let msdu =
            Msdu { destination: address, source: address, priority: 0, ethertype: 0x0800, payload };
        let (content, tid, arrived) = (Content::Msdu(msdu), Some(0), Instant::ZERO);
        Outgoing {
            content,
            tid,
            arrived,
            order,
            sequence: None,
            attempts: 0,
            in_flight: false,
            ht_control: false,
        }
    }

    /// Sends what is queued; the MPDUs of these numbers arrive. What has been passed up then.
    fn send(stream: &mut Stream, arrive: &[u16]) -> Vec<u8> {
        stream.send(stream.len(), SequenceNumber::default);
        let verdict = stream.settle(7, |sequence| arrive.contains(&sequence.value()));
        for frame in verdict.delivered {
            let Content::Msdu(msdu) = frame.content else { panic!("it is a packet") };
            stream.arrived(frame.sequence.expect("it was sent"), msdu);
        }
        stream.passed_up().iter().map(|msdu| msdu.payload[0]).collect()
    }

    #[test]
    fn a_packet_that_arrives_behind_a_gap_is_passed_up_when_the_gap_is_filled() {
        let receiver = MacAddr([2, 0, 0, 0, 0, 2]);
        let mut stream = Stream::new(receiver, Some(0), AccessCategory::BestEffort, false);
        stream.agreement = Agreement::Active { buffer_size: 64 };
        (0..4).for_each(|order| stream.push(packet(order)));
        assert_eq!(send(&mut stream, &[0, 2]), [0]);
        assert_eq!(send(&mut stream, &[3]), [0; 0]);
        assert_eq!(send(&mut stream, &[1]), [2, 3, 1]);
    }

    #[test]
    fn what_waits_for_a_packet_that_was_given_up_is_passed_up_when_the_recipient_was_told() {
        let receiver = MacAddr([2, 0, 0, 0, 0, 2]);
        let mut stream = Stream::new(receiver, Some(0), AccessCategory::BestEffort, false);
        stream.agreement = Agreement::Active { buffer_size: 64 };
        (0..2).for_each(|order| stream.push(packet(order)));
        assert_eq!(send(&mut stream, &[1]), [0; 0]);
        let given_up = stream.take_head_if(|_| true);
        assert!(given_up.is_some() && stream.passed_up().is_empty());
        stream.request = None;
        assert_eq!(stream.passed_up().len(), 1);
    }
}
