//! The receiver: samples in, PPDUs out (17.3.12).
//!
//! ```text
//! samples -> detect -> timing -> cfo -> channel          once a PPDU
//!         -> equalise (track) -> demap -> deinterleave -> Viterbi    each symbol
//!         -> descramble -> PSDU                          with the last symbol
//! ```
//!
//! Symbols are decoded as they arrive. While a PPDU is received, a surge of power starts a
//! second search, and a stronger PPDU that it finds takes over (the capture effect).

mod air;
mod bins;
mod cfo;
mod channel;
mod dc;
mod deinterleave;
mod demap;
mod demodulator;
mod descramble;
mod detect;
mod equalise;
mod frame;
mod halves;
mod header;
mod history;
mod layout;
mod ppdu;
mod repair;
mod rotate;
mod search;
mod smoother;
mod spectrum;
pub mod stages;
mod sums;
mod timing;
mod tone;
mod track;
mod unsupported;
mod viterbi;
mod workshop;

use std::collections::VecDeque;

use num_complex::Complex32;

use crate::{Bandwidth, MAX_HT_PSDU_LEN};
use air::Air;
pub use frame::{
    ChannelEstimate, Data, Format, FrameDetail, Measured, RxEvent, RxFailure, RxFrame, RxHeader,
    RxVector, SampleIndex,
};
use halves::Splitter;
use ppdu::{Ppdu, Progress};
use search::Search;
pub use unsupported::Unsupported;
pub use viterbi::{Kernel, Viterbi};
use workshop::Workshop;

/// Samples that are taken in at a time, so that memory stays bounded whatever is pushed.
const PIECE: usize = 4096;
/// Samples of a 20 MHz channel for which a search goes on after a surge of power: a preamble and
/// some.
const SURGE_SEARCH: u64 = 640;
/// Samples by which the start of a PPDU may seem to differ between the halves of a channel.
const SAME_START: u64 = 8;

/// What a receiver should take and tell.
#[derive(Debug, Clone)]
pub struct RxConfig {
    /// Bandwidth of the channel. Samples are pushed at [`Bandwidth::sample_rate_hz`].
    pub bandwidth: Bandwidth,
    /// Longest PSDU in bytes; a header that announces more is a failure.
    pub max_psdu_len: usize,
    /// What to keep of each PPDU beyond scalars.
    pub detail: Detail,
}

impl Default for RxConfig {
    fn default() -> Self {
        Self {
            bandwidth: Bandwidth::Mhz20,
            max_psdu_len: MAX_HT_PSDU_LEN,
            detail: Detail::default(),
        }
    }
}

/// What [`RxFrame::detail`] should hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Equalised points of every symbol.
    pub constellation: bool,
    /// EVM of every data subcarrier.
    pub subcarrier_evm: bool,
}

/// Counts of what the receiver did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RxStats {
    /// Short training fields found.
    pub detections: u64,
    /// Of those, the ones that no long training field followed: noise and interference.
    pub without_long_field: u64,
    /// Preambles found. Each became an [`RxFrame`], but where both halves of 40 MHz had the same.
    pub preambles: u64,
}

/// A streaming receiver for one channel.
///
/// In a channel of 40 MHz it receives PPDUs of 20 MHz in either half, one in each at a time,
/// and those that take the whole.
pub struct Receiver {
    config: RxConfig,
    air: Air,
    pushed: u64,
    lanes: Vec<Lane>,
    workshop: Workshop,
    events: VecDeque<RxEvent>,
    stats: RxStats,
    /// A frame has ended, and what came after it has not been looked at.
    paused: bool,
}

/// Reception in one stream of 20 MHz.
struct Lane {
    search: Search,
    /// The PPDU being received.
    ppdu: Option<Box<Ppdu>>,
    /// While a PPDU is received: the sample at which a search for a stronger one gives up.
    surge_until: Option<u64>,
    /// The PPDU of the other lane takes this one as well.
    asleep: bool,
}

impl Receiver {
    /// A receiver that has seen nothing yet.
    pub fn new(config: RxConfig) -> Self {
        let wide = config.bandwidth == Bandwidth::Mhz40;
        let lane = |_| Lane { search: Search::new(), ppdu: None, surge_until: None, asleep: false };
        Self {
            config,
            air: Air::new(wide),
            pushed: 0,
            lanes: (0..if wide { 2 } else { 1 }).map(lane).collect(),
            workshop: Workshop::new(wide),
            events: VecDeque::new(),
            stats: RxStats::default(),
            paused: false,
        }
    }

    /// Takes in samples, any number of them: the frames are the same however the stream is cut.
    pub fn push(&mut self, samples: &[Complex32]) {
        self.pushed += samples.len() as u64;
        self.take(samples);
    }

    fn take(&mut self, samples: &[Complex32]) {
        let mut pieces = samples.chunks(PIECE).peekable();
        while let Some(piece) = pieces.next() {
            self.air.push(piece);
            self.work(pieces.peek().is_none());
        }
    }

    /// Does what the samples at hand allow. With `pausing` it is done no further than to the end
    /// of a frame, which may have to be answered first.
    fn work(&mut self, pausing: bool) {
        self.paused = false;
        self.split();
        while self.step() {
            if pausing && self.paused {
                return;
            }
            self.split();
        }
        let needed = self.lanes.iter().filter(|lane| !lane.asleep).map(Lane::needs_from).min();
        self.air.forget_before(needed.unwrap_or(0));
    }

    /// The next frame that is complete, in the order in which they ended.
    pub fn next_frame(&mut self) -> Option<RxFrame> {
        loop {
            if let RxEvent::Frame(frame) = self.next_event()? {
                return Some(*frame);
            }
        }
    }

    /// The next event: headers as they become known, frames as they end. What came with the last
    /// samples of a frame but after them is looked at when that frame has been taken.
    pub fn next_event(&mut self) -> Option<RxEvent> {
        if self.events.is_empty() && self.paused {
            self.work(true);
        }
        self.events.pop_front()
    }

    /// The bytes of the PSDU on the air that are already decided, so that an answer can be
    /// prepared: all but the last two or three thousand bits that were received. `None` while no
    /// PPDU is received; of two in the halves of the channel, that in the lower.
    pub fn psdu_so_far(&self) -> Option<&[u8]> {
        let ppdu = self.lanes.iter().find_map(|lane| lane.ppdu.as_ref())?;
        Some(ppdu.psdu_so_far())
    }

    /// Whether a PPDU is being received: its preamble was found and its end has not come.
    pub fn is_receiving(&self) -> bool {
        self.lanes.iter().any(|lane| lane.ppdu.is_some())
    }

    /// How many samples later than its last one a PPDU may be told: what a filter needs that
    /// looks ahead.
    pub fn delay(&self) -> usize {
        if self.config.bandwidth == Bandwidth::Mhz40 { Splitter::DELAY } else { 0 }
    }

    /// Forgets the PPDU in progress and goes on with the samples that come next, as if they did
    /// not follow those before: for a radio that was deaf in between, because it transmitted.
    pub fn restart(&mut self) {
        let end = self.air.end();
        for lane in &mut self.lanes {
            lane.ppdu = None;
            lane.surge_until = None;
            lane.asleep = false;
            lane.search.restart(end);
        }
    }

    /// Says that no more samples come: a PPDU in progress becomes
    /// [`RxFailure::OutOfSamples`].
    pub fn finish(&mut self) {
        if self.config.bandwidth == Bandwidth::Mhz40 {
            // What is still in the filter.
            self.take(&[Complex32::ZERO; Splitter::DELAY]);
        }
        self.work(false);
        let end = self.pushed / self.config.bandwidth.oversampling() as u64;
        for lane in &mut self.lanes {
            if let Some(mut ppdu) = lane.ppdu.take() {
                self.events.push_back(RxEvent::Frame(ppdu.cut_off(end, &self.config)));
            }
        }
    }

    /// Samples pushed so far.
    pub fn position(&self) -> SampleIndex {
        SampleIndex(self.pushed)
    }

    /// Counts so far.
    pub fn stats(&self) -> RxStats {
        self.stats
    }

    /// Sees to it that lanes that read the halves of a 40 MHz channel have them.
    fn split(&mut self) {
        let awake = self.lanes.iter().filter(|lane| !lane.asleep && lane.reads_halves());
        if let Some(from) = awake.map(Lane::needs_from).min() {
            self.air.split(from);
        }
    }

    /// Does the next piece of work that the samples at hand allow; false if there is none.
    ///
    /// Of two lanes, the one goes on whose next step comes first in time, so that what one lane
    /// finds meets the other in the same state however the stream was cut.
    fn step(&mut self) -> bool {
        let awake = || self.lanes.iter().enumerate().filter(|(_, lane)| !lane.asleep);
        let Some((at, lane)) = awake().min_by_key(|(_, lane)| lane.needs_until()) else {
            return false;
        };
        let Some(ppdu) = &lane.ppdu else {
            let other = awake().find(|&(other, _)| other != at);
            let limit = other.map_or(u64::MAX, |(other, lane)| {
                // Of steps at the same time, those of the first lane come first.
                lane.needs_until() - u64::from(at > other)
            });
            return self.search(at, limit.min(self.air.end()));
        };
        let ready = ppdu.is_ready(&self.air);
        if ready {
            self.receive(at);
        }
        ready
    }

    /// Searches the samples of a lane up to `limit`; false if that led to nothing.
    fn search(&mut self, at: usize, limit: u64) -> bool {
        let lane = &mut self.lanes[at];
        if lane.needs_until() > limit {
            return false;
        }
        lane.ppdu = lane.search.advance(&self.air, at, limit, &mut self.workshop, &mut self.stats);
        true
    }

    /// Reads a symbol of the PPDU in progress in a lane.
    fn receive(&mut self, at: usize) {
        let lane = &mut self.lanes[at];
        let Some(ppdu) = &mut lane.ppdu else { return };
        let read_until = ppdu.lane_until();
        match ppdu.read_symbol(&self.air, &mut self.workshop, &self.config) {
            Progress::Done { frame, resume } => self.end(at, frame, resume),
            Progress::Symbol { surge } => {
                if surge && lane.surge_until.is_none() {
                    lane.search.restart(read_until - crate::SYMBOL_SAMPLES as u64);
                    lane.surge_until = Some(read_until + SURGE_SEARCH);
                }
                if let Some(until) = lane.surge_until {
                    self.split();
                    self.search_for_stronger(at, read_until, until);
                }
                self.join_halves(at);
                let ppdu = self.lanes[at].ppdu.as_mut();
                let header = ppdu.and_then(|ppdu| ppdu.header(&self.config));
                self.events.extend(header.map(RxEvent::Header));
            }
        }
    }

    /// Ends the PPDU of a lane.
    fn end(&mut self, at: usize, frame: Box<RxFrame>, resume: u64) {
        let start = self.lanes[at].ppdu.take().map_or(0, |ppdu| ppdu.start());
        // Where both halves have the same header, one that can read it is enough.
        let header_is_lost =
            frame.rxvector.is_none() || matches!(frame.outcome, Err(RxFailure::HtSig(_)));
        let signal = frame.rxvector.and_then(|rxvector| rxvector.l_sig);
        let mut others = self.lanes.iter().filter_map(|lane| lane.ppdu.as_ref());
        let told_by_other = header_is_lost
            && others.any(|other| {
                let same_signal = signal.is_none() || signal == other.signal();
                other.start().abs_diff(start) <= SAME_START && same_signal
            });
        for (n, lane) in self.lanes.iter_mut().enumerate() {
            let woken = std::mem::take(&mut lane.asleep);
            // The search after a surge goes on where it is.
            let searching = lane.surge_until.is_some() && n == at;
            if (n == at && !searching) || woken {
                lane.search.restart(resume);
            }
            if n == at {
                lane.surge_until = None;
            }
        }
        if !told_by_other {
            self.events.push_back(RxEvent::Frame(frame));
            self.paused = true;
        }
    }

    /// Looks for a stronger PPDU in the samples of a lane up to `limit`.
    fn search_for_stronger(&mut self, at: usize, limit: u64, until: u64) {
        let lane = &mut self.lanes[at];
        let found = lane.search.advance(&self.air, at, limit, &mut self.workshop, &mut self.stats);
        if let Some(stronger) = found {
            let start = stronger.start();
            lane.surge_until = None;
            if let Some(mut weaker) = lane.ppdu.replace(stronger) {
                self.events.push_back(RxEvent::Frame(weaker.captured(start, &self.config)));
            }
            for lane in &mut self.lanes {
                if std::mem::take(&mut lane.asleep) {
                    lane.search.restart(start);
                }
            }
        } else if limit >= until {
            lane.surge_until = None;
        }
    }

    /// Sees to it that a PPDU that takes both halves of the channel is received once: by both
    /// together while they have the same symbols, then as a whole.
    fn join_halves(&mut self, at: usize) {
        let Some(other_at) = (0..self.lanes.len()).find(|&other| other != at) else { return };
        let takes_all =
            self.lanes[at].ppdu.as_ref().map(|ppdu| (ppdu.takes_all(), ppdu.lane_until()));
        if let (true, Some((false, until))) = (self.lanes[other_at].asleep, takes_all) {
            // They were not the same after all.
            self.lanes[other_at].asleep = false;
            self.lanes[other_at].search.restart(until - crate::SYMBOL_SAMPLES as u64);
        }
        let [Some(ppdu), Some(other)] = [at, other_at].map(|at| self.lanes[at].ppdu.as_ref())
        else {
            // Alone, but it may have turned out to be twice as wide.
            let takes_all = self.lanes[at].ppdu.as_ref().is_some_and(|ppdu| ppdu.takes_all());
            self.lanes[other_at].asleep |= takes_all;
            return;
        };
        let same_start = ppdu.start().abs_diff(other.start()) <= SAME_START;
        let signal = ppdu.signal_just_read();
        let same = same_start && signal.is_some() && signal == other.signal_just_read();
        if !(same || ppdu.takes_all()) {
            return;
        }
        let start = ppdu.start();
        let lane = &mut self.lanes[other_at];
        lane.asleep = true;
        lane.surge_until = None;
        let Some(mut other) = lane.ppdu.take() else { return };
        if !same {
            let at = start.max(other.start());
            self.events.push_back(RxEvent::Frame(other.captured(at, &self.config)));
        } else if let Some(ppdu) = &mut self.lanes[at].ppdu {
            ppdu.join(*other);
        }
    }
}

impl Lane {
    /// One past the last sample that the next step needs.
    fn needs_until(&self) -> u64 {
        self.ppdu.as_ref().map_or_else(|| self.search.needs_until(), |ppdu| ppdu.needs_until())
    }

    /// Whether it reads samples of its half: all but a PPDU 40 MHz wide does.
    fn reads_halves(&self) -> bool {
        self.surge_until.is_some() || self.ppdu.as_ref().is_none_or(|ppdu| !ppdu.is_wide())
    }

    /// First sample that may still be read.
    fn needs_from(&self) -> u64 {
        let search = self.search.needs_from();
        match &self.ppdu {
            None => search,
            Some(ppdu) if self.surge_until.is_some() => ppdu.needs_from().min(search),
            Some(ppdu) => ppdu.needs_from(),
        }
    }
}
