//! Which segment goes out next: NextSeg() of RFC 6675 section 4, within the congestion window, the
//! peer's window (RFC 9293 section 3.8.6) and what the application has.

use mac::Instant;

use super::{Phase, Sender};
use crate::tcp::{Transfer, seq::Seq};

/// A segment to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Outgoing {
    pub seq: Seq,
    /// Offset of the payload in the application's stream.
    pub offset: u64,
    pub len: usize,
    pub fin: bool,
    pub psh: bool,
    pub retransmission: bool,
    /// Congestion window reduced.
    pub cwr: bool,
}

impl Sender {
    /// The next segment that may go out now.
    pub fn next(&mut self, now: Instant) -> Option<Outgoing> {
        if std::mem::take(&mut self.probe_due) {
            self.timer = Some(now + self.rtt.rto());
            return Some(self.probe());
        }
        let outgoing = match self.scoreboard.next_lost() {
            Some(index) => self.retransmit(index, now),
            None => self.send_new(now).or_else(|| self.send_doubtful(now)),
        };
        match outgoing {
            Some(_) => self.timer = self.timer.or(Some(now + self.rtt.rto())),
            None if self.is_shut_out() => self.timer = self.timer.or(Some(now + self.rtt.rto())),
            None => {}
        }
        outgoing
    }

    fn retransmit(&mut self, index: usize, now: Instant) -> Option<Outgoing> {
        let segment = self.scoreboard.segment(index);
        if !self.retransmit_now && !self.fits(segment.len()) {
            return None;
        }
        self.retransmit_now = false;
        self.scoreboard.retransmit(index, now);
        if segment.seq == self.una {
            // The first has a whole timeout again; else it would expire before the ACK can come.
            self.timer = None;
        }
        self.stats.segments_retransmitted += 1;
        Some(self.outgoing(segment.seq, segment.end, true))
    }

    fn send_new(&mut self, now: Instant) -> Option<Outgoing> {
        let left = self.unsent();
        let usable = (self.una + self.peer_window).since(self.nxt);
        let len = self.smss.min(left).min(usable);
        // RFC 9293 section 3.8.6.2.1, against silly windows.
        let worth_it = len == self.smss || len == left || self.scoreboard.is_empty();
        let fin = self.fin == Some(self.nxt + len);
        if (len == 0 && !fin) || !worth_it || !self.fits(len) {
            return None;
        }
        let (seq, end) = (self.nxt, self.nxt + len + u64::from(fin));
        self.scoreboard.send(seq, end, now);
        self.nxt = end;
        Some(self.outgoing(seq, end, false))
    }

    /// NextSeg() rules 3 and 4 of RFC 6675: with nothing better to send, fast recovery resends
    /// what may be lost, and once the last segment.
    fn send_doubtful(&mut self, now: Instant) -> Option<Outgoing> {
        let Phase::Fast { rescued, .. } = &mut self.phase else { return None };
        if !self.sack {
            return None;
        }
        let mut index = self.scoreboard.next_doubtful();
        if index.is_none() && !std::mem::replace(rescued, true) {
            index = self.scoreboard.last_unsacked();
        }
        let index = index?;
        if !self.fits(self.scoreboard.segment(index).len()) {
            return None;
        }
        self.retransmit(index, now)
    }

    /// Bytes that the application still has to send.
    fn unsent(&self) -> u64 {
        match (self.fin, self.transfer) {
            (Some(fin), _) => fin.since(self.nxt),
            (None, Transfer::Nothing) => 0,
            (None, Transfer::Fed) => self.fed.since(self.nxt),
            (None, _) => u64::MAX,
        }
    }

    fn fits(&self, len: u64) -> bool {
        self.scoreboard.pipe() + len <= self.window.cwnd
    }

    /// Whether there is data, and nothing in the network whose ACK could open the window.
    fn is_shut_out(&self) -> bool {
        self.unsent() > 0 && self.scoreboard.is_empty() && self.peer_window == 0
    }

    fn outgoing(&mut self, seq: Seq, end: Seq, retransmission: bool) -> Outgoing {
        let data_end = self.fin.map_or(end, |fin| end.min(fin));
        if let Phase::Fast { prr: Some(prr), .. } = &mut self.phase {
            prr.on_sent(end.since(seq));
        }
        self.stats.segments_sent += 1;
        Outgoing {
            seq,
            offset: seq.since(self.start),
            len: data_end.since(seq) as usize,
            fin: data_end < end,
            psh: self.fin == Some(data_end) && data_end > seq,
            retransmission,
            cwr: !retransmission && std::mem::take(&mut self.cwr_due),
        }
    }

    /// As Linux does it: a segment without data whose number is used up draws an ACK.
    fn probe(&mut self) -> Outgoing {
        let seq = self.una - 1;
        let (offset, len) = (0, 0);
        Outgoing { seq, offset, len, fin: false, psh: false, retransmission: true, cwr: false }
    }
}
