//! Opening a connection: SYN, SYN-ACK and what they agree on (RFC 9293 section 3.5; options of RFC
//! 7323 section 1.3, RFC 2018 section 2; ECN after RFC 3168 section 6.1.1).
//!
//! Not here: simultaneous open, SYN cookies, Fast Open.

use bytes::Bytes;
use mac::Instant;

use super::{
    Config,
    emitter::{Emitter, Parts},
    sender::RttEstimator,
    seq::Seq,
};
use crate::packet::{Ecn, Flags, TcpOptions, TcpSegment, Timestamps};

/// What both sides can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// SMSS: the bytes of data in a full segment.
    pub smss: u16,
    pub sack: bool,
    pub timestamps: bool,
    pub ecn: bool,
    /// With window scaling.
    pub shifts: Option<Shifts>,
}

/// How far the windows in the headers are shifted (RFC 7323 section 2.3).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shifts {
    /// Those we send.
    pub own: u8,
    /// Those we receive.
    pub peer: u8,
}

/// The other side's SYN.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerSyn {
    pub terms: Terms,
    /// The number after it: RCV.NXT.
    pub nxt: Seq,
    /// SEG.WND, never scaled in a SYN.
    pub window: u16,
    pub timestamp: Option<u32>,
}

/// What a segment means for a connection that is being opened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Progress {
    Waiting,
    Refused,
    /// Both SYNs are acknowledged, or will be by our next segment.
    Agreed(PeerSyn),
}

/// SYN-SENT, or SYN-RECEIVED once there is a [`PeerSyn`].
#[derive(Debug)]
pub(super) struct Opening {
    pub emitter: Emitter,
    pub iss: Seq,
    pub peer: Option<PeerSyn>,
    pub rtt: RttEstimator,
    sent_at: Instant,
    pub deadline: Instant,
    /// A SYN had to be repeated.
    pub syn_was_lost: bool,
    due: bool,
}

impl Opening {
    pub fn new(config: &Config, emitter: Emitter, peer: Option<PeerSyn>, now: Instant) -> Opening {
        Opening {
            emitter,
            iss: Seq::initial(config.iss),
            peer,
            rtt: RttEstimator::new(config.initial_rto, config.min_rto),
            sent_at: now,
            deadline: Instant::FAR_FUTURE,
            syn_was_lost: false,
            due: true,
        }
    }

    /// RFC 9293 sections 3.10.7.3 and 3.10.7.4.
    pub fn on_segment(&mut self, config: &Config, now: Instant, segment: &TcpSegment) -> Progress {
        let Flags { syn, ack, rst, .. } = segment.flags;
        let acknowledged = ack && segment.ack == (self.iss + 1).wire();
        match self.peer {
            None if rst && acknowledged => Progress::Refused,
            None if syn && acknowledged => {
                self.sample_rtt(now);
                Progress::Agreed(PeerSyn::new(config, segment))
            }
            Some(_) if rst => Progress::Refused,
            Some(_) if syn => {
                self.repeat();
                Progress::Waiting
            }
            Some(peer) if acknowledged => {
                self.sample_rtt(now);
                Progress::Agreed(peer)
            }
            _ => Progress::Waiting,
        }
    }

    /// The first round-trip time, by Karn's rule.
    fn sample_rtt(&mut self, now: Instant) {
        if !self.syn_was_lost {
            self.rtt.sample(now.since(self.sent_at));
        }
    }

    pub fn on_timeout(&mut self) {
        self.rtt.back_off();
        self.repeat();
    }

    fn repeat(&mut self) {
        self.syn_was_lost = true;
        self.due = true;
        self.deadline = Instant::FAR_FUTURE;
    }

    /// The SYN or SYN-ACK, if it is time for it.
    pub fn poll_transmit(&mut self, config: &Config, now: Instant) -> Option<Bytes> {
        if !std::mem::take(&mut self.due) {
            return None;
        }
        self.sent_at = now;
        self.deadline = now + self.rtt.rto();
        let value = self.emitter.clock(now);
        let options = match self.peer {
            None => TcpOptions {
                mss: Some(config.mss),
                window_scale: config.window_scaling.then(|| config.window_shift()),
                sack_permitted: config.sack,
                timestamps: config.timestamps.then_some(Timestamps { value, echo_reply: 0 }),
                ..TcpOptions::default()
            },
            Some(PeerSyn { terms, timestamp, .. }) => TcpOptions {
                mss: Some(config.mss),
                window_scale: terms.shifts.map(|shifts| shifts.own),
                sack_permitted: terms.sack,
                timestamps: timestamp.map(|echo_reply| Timestamps { value, echo_reply }),
                ..TcpOptions::default()
            },
        };
        let flags = match self.peer {
            // ECN-setup SYN and SYN-ACK.
            None => Flags { syn: true, ece: config.ecn, cwr: config.ecn, ..Flags::default() },
            Some(peer) => Flags { syn: true, ece: peer.terms.ecn, ..Flags::default() },
        };
        Some(self.emitter.emit(Parts {
            seq: self.iss,
            ack: self.peer.map(|peer| peer.nxt),
            window: config.syn_window(),
            flags,
            ecn: Ecn::NotEct,
            options,
            payload: &[],
        }))
    }
}

impl PeerSyn {
    /// What our configuration and the other side's SYN or SYN-ACK have in common.
    pub fn new(config: &Config, syn: &TcpSegment) -> PeerSyn {
        let TcpOptions { mss, window_scale, sack_permitted, timestamps, .. } = &syn.options;
        let timestamp = timestamps.filter(|_| config.timestamps).map(|both| both.value);
        let shifts = window_scale
            .filter(|_| config.window_scaling)
            .map(|peer| Shifts { own: config.window_shift(), peer: peer.min(14) });
        // RFC 9293 section 3.7.1: without the option, 536; what every segment has of options
        // comes out of it.
        let mss = mss.unwrap_or(536).min(config.mss);
        let options_len = if timestamp.is_some() { 12 } else { 0 };
        let Flags { ack, ece, cwr, .. } = syn.flags;
        PeerSyn {
            terms: Terms {
                smss: mss.saturating_sub(options_len).max(1),
                sack: config.sack && *sack_permitted,
                timestamps: timestamp.is_some(),
                ecn: config.ecn && ece && cwr != ack,
                shifts,
            },
            nxt: Seq::initial(syn.seq) + 1,
            window: syn.window,
            timestamp,
        }
    }
}
