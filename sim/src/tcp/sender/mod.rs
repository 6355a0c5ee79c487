//! The sending half of a connection: what may be sent, what must be sent again, and how fast.
//!
//! Congestion control and loss recovery after RFC 5681, 6675 (with SACK), 6582 (without), 6937,
//! 3042 and 3168; flow control after RFC 9293 section 3.8.6; the timer after RFC 6298.
//! Limited transmit needs no code of its own: a duplicate ACK lowers `pipe`, and that lets a new
//! segment out. Not here: RACK-TLP (RFC 8985) but for lost retransmissions, F-RTO (RFC 5682),
//! undoing of spurious reductions; a lost tail waits for the retransmission timer.

mod prr;
mod rack;
mod rtt;
mod scoreboard;
mod transmit;

use std::time::Duration;

use mac::Instant;

use self::{
    prr::Prr,
    scoreboard::{Acked, DUP_THRESH, Scoreboard},
};
pub(super) use self::{rtt::RttEstimator, scoreboard::SackBlocks, transmit::Outgoing};
use super::{
    Config, RecoveryRule, SenderStats, TracePoint, Transfer,
    congestion::{self, CongestionControl, Coupling, Progress, Window},
    seq::Seq,
};

/// What the sender needs to know of a segment that acknowledges.
#[derive(Clone, Debug)]
pub(super) struct Ack {
    /// SEG.SEQ, by which the windows of two segments are told apart in age.
    pub seq: Seq,
    /// SEG.ACK.
    pub ack: Seq,
    /// SEG.WND in bytes.
    pub window: u64,
    pub sack: SackBlocks,
    /// It has neither data nor SYN nor FIN.
    pub pure: bool,
    /// ECN-Echo.
    pub ece: bool,
    /// The age of the segment whose arrival caused this ACK, by its timestamp.
    pub echoed_age: Option<Duration>,
}

/// Where the sender is in recovering from a loss.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Nothing is known to be lost.
    Open,
    /// Fast recovery, until everything up to RecoveryPoint has arrived.
    Fast { prr: Option<Prr>, rescued: bool },
    /// Slow start after a timeout.
    Loss,
}

#[derive(Debug)]
pub(super) struct Sender {
    smss: u64,
    sack: bool,
    rule: RecoveryRule,
    rack: bool,
    /// The first byte of the application's stream.
    start: Seq,
    /// The number of the FIN, once it is known.
    fin: Option<Seq>,
    transfer: Transfer,
    /// The end of what may be sent, with [`Transfer::Fed`].
    fed: Seq,
    /// SND.UNA and SND.NXT.
    una: Seq,
    nxt: Seq,
    /// SND.WND and SND.WL1.
    peer_window: u64,
    wl1: Seq,

    window: Window,
    control: Box<dyn CongestionControl>,
    rtt: RttEstimator,
    scoreboard: Scoreboard,
    phase: Phase,
    /// RecoveryPoint: SND.NXT when the last recovery began.
    recovery_point: Seq,
    dup_acks: u32,
    /// The first segment goes out again whatever the window says.
    retransmit_now: bool,
    /// Marks of before this are answered already (RFC 3168 section 6.1.2).
    reduced_until: Seq,
    reduced_at: Instant,
    cwr_due: bool,
    /// Expires when the first segment should have been acknowledged, or a closed window opened.
    timer: Option<Instant>,
    probe_due: bool,
    stats: SenderStats,
    trace: Option<Vec<TracePoint>>,
}

/// What the handshake leaves to the sender.
#[derive(Debug)]
pub(super) struct Opened {
    /// The number after our SYN's.
    pub start: Seq,
    pub smss: u64,
    pub sack: bool,
    pub peer_window: u64,
    /// The SYN was lost: RFC 5681 section 3.1 wants a small initial window.
    pub syn_was_lost: bool,
    pub rtt: RttEstimator,
}

impl Sender {
    pub fn new(config: &Config, opened: Opened) -> Sender {
        let Opened { start, smss, sack, peer_window, syn_was_lost, rtt } = opened;
        let initial_window = if syn_was_lost { 1 } else { config.initial_window };
        Sender {
            smss,
            sack,
            rule: config.recovery,
            rack: config.rack && sack,
            start,
            fin: match config.transfer {
                Transfer::Bytes(bytes) => Some(start + bytes),
                Transfer::Nothing | Transfer::Unlimited | Transfer::Fed => None,
            },
            transfer: config.transfer,
            fed: start,
            una: start,
            nxt: start,
            peer_window,
            wl1: Seq::initial(0),
            window: Window::new(config, smss, initial_window, start),
            control: congestion::control(config.algorithm),
            rtt,
            scoreboard: Scoreboard::new(start),
            phase: Phase::Open,
            recovery_point: start - 1,
            dup_acks: 0,
            retransmit_now: false,
            reduced_until: start,
            reduced_at: Instant::ZERO,
            cwr_due: false,
            timer: None,
            probe_due: false,
            stats: SenderStats::default(),
            trace: config.trace.then(Vec::new),
        }
    }

    pub fn nxt(&self) -> Seq {
        self.nxt
    }

    /// So many bytes more may be sent.
    pub fn feed(&mut self, bytes: u64) {
        self.fed = self.fed + bytes;
    }

    /// Whether another segment could go out now, beyond what may be sent already.
    pub fn has_room(&self) -> bool {
        let waiting = self.fed.since(self.nxt);
        self.scoreboard.pipe() + waiting + self.smss <= self.window.cwnd
    }

    /// The windows of all subflows of the connection that this is one of.
    pub fn couple(&mut self, coupling: Coupling) {
        self.control.couple(coupling);
    }

    /// Another path had to send what this one was too slow for: half the window.
    pub fn penalise(&mut self) {
        self.window.ssthresh = (self.window.cwnd / 2).max(2 * self.smss);
        self.window.cwnd = self.window.ssthresh;
    }

    /// The FIN follows what was sent so far.
    pub fn close(&mut self) {
        if self.fin.is_none() {
            self.fin = Some(self.nxt);
        }
    }

    pub fn on_peer_closed(&mut self) {
        if self.transfer == Transfer::Nothing {
            self.close();
        }
    }

    /// Whether everything has been acknowledged, the FIN included.
    pub fn is_done(&self) -> bool {
        self.fin.is_some_and(|fin| self.una > fin)
    }

    pub fn next_timeout(&self) -> Option<Instant> {
        self.timer
    }

    pub fn stats(&self) -> SenderStats {
        let data_end = self.fin.map_or(self.una, |fin| fin.min(self.una));
        SenderStats {
            bytes_acknowledged: data_end.since(self.start),
            cwnd: self.window.cwnd,
            ssthresh: self.window.ssthresh,
            bytes_in_flight: self.scoreboard.pipe(),
            srtt: self.rtt.srtt(),
            rto: self.rtt.rto(),
            ..self.stats
        }
    }

    pub fn trace(&self) -> &[TracePoint] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// An ACK at or before SND.NXT has arrived.
    pub fn on_ack(&mut self, now: Instant, ack: &Ack) {
        if ack.ack < self.una {
            return;
        }
        let window_changed = self.update_peer_window(ack);
        let flight = self.nxt.since(self.una);
        let cwnd_was_used = self.is_cwnd_limited(flight);

        let acked = self.scoreboard.acknowledge(ack.ack, now);
        self.una = ack.ack;
        let sacked = if self.sack { self.scoreboard.sack(&ack.sack) } else { 0 };
        // RFC 6675 section 2 and RFC 5681 section 2.
        let duplicate = match self.sack {
            true => sacked > 0,
            false => acked.bytes == 0 && ack.pure && !window_changed && flight > 0,
        };
        self.sample_rtt(ack, &acked);
        if acked.bytes > 0 {
            self.dup_acks = 0;
            self.timer = (!self.scoreboard.is_empty()).then(|| now + self.rtt.rto());
        }
        if duplicate {
            self.dup_acks += 1;
            if !self.sack && !matches!(self.phase, Phase::Loss) {
                self.scoreboard.segment_departed(self.smss);
            }
        }
        self.scoreboard.detect_losses(self.smss);
        if self.rack {
            self.look_for_lost_retransmissions(now);
        }

        if !matches!(self.phase, Phase::Open) && self.una >= self.recovery_point {
            self.end_recovery();
        } else if acked.bytes > 0 && cwnd_was_used && !matches!(self.phase, Phase::Fast { .. }) {
            let progress = Progress {
                now,
                acked: acked.bytes,
                rtt: acked.rtt,
                srtt: self.rtt.srtt().unwrap_or_default(),
                una: self.una,
                nxt: self.nxt,
            };
            self.window.grow(&mut *self.control, progress);
        }
        match &mut self.phase {
            Phase::Open => self.look_for_congestion(now, ack.ece, flight),
            Phase::Fast { prr, .. } => {
                if !self.sack && acked.bytes > 0 {
                    // A partial ACK: RFC 6582 section 3.2 step 3.
                    self.scoreboard.mark_first_lost();
                    self.retransmit_now = true;
                }
                if let Some(prr) = prr {
                    let news = match self.sack || !duplicate {
                        true => acked.delivered + sacked,
                        false => self.smss,
                    };
                    let pipe = self.scoreboard.pipe();
                    self.window.cwnd = prr.window(news, pipe, self.window.ssthresh, self.smss);
                }
            }
            Phase::Loss => {}
        }
        self.record(now);
    }

    /// RFC 9293 section 3.10.7.4: the window of the newest segment counts.
    fn update_peer_window(&mut self, ack: &Ack) -> bool {
        let newer = self.wl1 < ack.seq || ack.ack > self.una || ack.window > self.peer_window;
        if !newer && self.wl1 != ack.seq {
            return false;
        }
        self.wl1 = self.wl1.max(ack.seq);
        if ack.window > 0 {
            self.probe_due = false;
            if self.scoreboard.is_empty() {
                self.timer = None;
            }
        }
        std::mem::replace(&mut self.peer_window, ack.window) != ack.window
    }

    /// A window that was not used must not grow (RFC 9438 section 5.8, RFC 7661). In slow start,
    /// half of it is use enough: the other half is what the last round trip added.
    fn is_cwnd_limited(&self, flight: u64) -> bool {
        let slow_start = self.window.cwnd < self.window.ssthresh;
        let used = if slow_start { 2 * flight } else { flight };
        used + self.smss > self.window.cwnd
    }

    /// By RFC 6298 section 3, and for what was retransmitted by RFC 7323 section 4.
    fn sample_rtt(&mut self, ack: &Ack, acked: &Acked) {
        let echoed = ack.echoed_age.filter(|_| acked.bytes > 0);
        if let Some(rtt) = acked.rtt.or(echoed) {
            self.rtt.sample(rtt);
        }
    }

    fn look_for_congestion(&mut self, now: Instant, ece: bool, flight: u64) {
        // Without SACK, duplicates of what is before the RecoveryPoint are echoes of our own
        // retransmissions (RFC 6582 section 3.2 step 1).
        let three_duplicates =
            self.dup_acks >= DUP_THRESH && (self.sack || self.una > self.recovery_point);
        if three_duplicates || self.scoreboard.first_is_lost() {
            self.begin_fast_recovery(now, flight);
        } else if ece && self.una > self.reduced_until {
            // Beyond what carried CWR, or the mark is the one that was answered.
            self.reduce(now, flight);
            self.window.cwnd = self.window.ssthresh;
            self.stats.ecn_reductions += 1;
        }
    }

    /// RFC 6675 section 5 step 4, RFC 6582 section 3.2 step 2.
    fn begin_fast_recovery(&mut self, now: Instant, flight: u64) {
        // RFC 5681 section 3.2: not counting what limited transmit has sent.
        let flight = flight.min(self.window.cwnd);
        if self.una >= self.reduced_until {
            self.reduce(now, flight);
        }
        self.scoreboard.mark_first_lost();
        self.retransmit_now = true;
        self.recovery_point = self.nxt;
        self.phase = match self.rule {
            RecoveryRule::Classic => {
                self.window.cwnd = self.window.ssthresh;
                Phase::Fast { prr: None, rescued: false }
            }
            RecoveryRule::Proportional => {
                let mut prr = Prr::new(flight);
                let pipe = self.scoreboard.pipe();
                let arrived = flight.saturating_sub(pipe + self.smss);
                self.window.cwnd = prr.window(arrived, pipe, self.window.ssthresh, self.smss);
                Phase::Fast { prr: Some(prr), rescued: false }
            }
        };
        self.stats.fast_recoveries += 1;
    }

    fn look_for_lost_retransmissions(&mut self, now: Instant) {
        // RFC 8985 section 6.2 step 4, but for the adaptation to reordering that was seen.
        let reordering_window = self.rtt.srtt().unwrap_or_default() / 4;
        let lost = self.scoreboard.detect_lost_retransmissions(reordering_window);
        let Phase::Fast { prr, .. } = &mut self.phase else { return };
        if lost.is_some_and(|sent| sent >= self.reduced_at) {
            // RFC 5681 section 4.3: another indication of congestion.
            if let Some(prr) = prr {
                *prr = Prr::new(self.scoreboard.pipe());
            }
            self.reduce(now, self.window.cwnd);
            self.window.cwnd = self.window.cwnd.min(self.window.ssthresh);
        }
    }

    fn reduce(&mut self, now: Instant, flight: u64) {
        self.window.ssthresh = self.control.reduce(&self.window, flight);
        self.reduced_until = self.nxt;
        self.reduced_at = now;
        self.cwr_due = true;
    }

    fn end_recovery(&mut self) {
        if let Phase::Fast { prr, .. } = self.phase {
            self.window.cwnd = match prr {
                None if !self.sack => {
                    // RFC 6582 section 3.2 step 3, against a burst.
                    let flight = self.nxt.since(self.una);
                    self.window.ssthresh.min(flight.max(self.smss) + self.smss)
                }
                _ => self.window.ssthresh,
            };
        }
        self.phase = Phase::Open;
        self.dup_acks = 0;
        self.retransmit_now = false;
    }

    /// The timer has expired.
    pub fn on_timeout(&mut self, now: Instant) {
        self.timer = None;
        self.rtt.back_off();
        if self.scoreboard.is_empty() {
            // RFC 9293 section 3.8.6.1: ask whether the window is still closed.
            self.probe_due = true;
            return;
        }
        // RFC 5681 section 3.1: ssthresh is kept if the retransmission was lost as well.
        if !(matches!(self.phase, Phase::Loss) && self.una < self.reduced_until) {
            let flight = self.nxt.since(self.una).min(self.window.cwnd.max(self.smss));
            self.reduce(now, flight);
            self.control.on_timeout();
        }
        self.window.cwnd = self.smss;
        self.scoreboard.mark_all_lost();
        self.phase = Phase::Loss;
        self.recovery_point = self.nxt;
        self.retransmit_now = true;
        self.dup_acks = 0;
        self.stats.timeouts += 1;
        self.record(now);
    }

    fn record(&mut self, at: Instant) {
        let Some(trace) = &mut self.trace else { return };
        let Window { cwnd, ssthresh, .. } = self.window;
        if trace.last().is_none_or(|last| (last.cwnd, last.ssthresh) != (cwnd, ssthresh)) {
            trace.push(TracePoint { at, cwnd, ssthresh, srtt: self.rtt.srtt() });
        }
    }
}
