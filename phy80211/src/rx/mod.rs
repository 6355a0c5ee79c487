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

mod cfo;
mod channel;
mod dc;
mod deinterleave;
mod demap;
mod descramble;
mod detect;
mod equalise;
mod frame;
mod history;
mod ppdu;
mod repair;
mod rotate;
mod spectrum;
mod sums;
mod timing;
mod tone;
mod track;
mod viterbi;
mod workshop;

use std::collections::VecDeque;

use num_complex::Complex32;

use crate::{ChannelSpacing, MAX_PSDU_LEN};
use detect::{Detection, Detector};
pub use frame::{
    ChannelEstimate, Data, Format, FrameDetail, Measured, RxFailure, RxFrame, RxVector, SampleIndex,
};
use history::History;
use ppdu::{Ppdu, Progress};
use timing::TimingSearch;
use workshop::Workshop;

/// Samples that are taken in at a time, so that memory stays bounded whatever is pushed.
const PIECE: usize = 4096;
/// Samples before the nominal end of a PPDU from which the next is searched: more than the
/// timing can be off, less than a short training symbol.
const OVERLAP: u64 = 8;
/// Samples by which an HT-mixed PPDU may end before its L-SIG says: L_LENGTH counts the signal
/// extension of the 2.4 GHz band, 6 us without signal, and whole symbols of 4 us (10.27.4).
const HT_SLACK: u64 = 200;
/// Samples for which a search goes on after a surge of power: a preamble and some.
const SURGE_SEARCH: u64 = 640;

/// What a receiver should take and tell.
#[derive(Debug, Clone)]
pub struct RxConfig {
    /// Channel spacing. Samples are pushed at [`ChannelSpacing::sample_rate_hz`].
    pub spacing: ChannelSpacing,
    /// Longest PSDU in bytes; a SIGNAL field that announces more is a failure.
    pub max_psdu_len: usize,
    /// What to keep of each PPDU beyond scalars.
    pub detail: Detail,
}

impl Default for RxConfig {
    fn default() -> Self {
        Self {
            spacing: ChannelSpacing::Mhz20,
            max_psdu_len: MAX_PSDU_LEN,
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
    /// Preambles found, each of which became an [`RxFrame`].
    pub preambles: u64,
}

/// A streaming receiver for one channel.
pub struct Receiver {
    config: RxConfig,
    history: History,
    search: Search,
    /// The PPDU being received.
    ppdu: Option<Ppdu>,
    /// While a PPDU is received: the sample at which a search for a stronger one gives up.
    surge_until: Option<u64>,
    workshop: Workshop,
    frames: VecDeque<RxFrame>,
    stats: RxStats,
}

/// The search for a preamble.
struct Search {
    detector: Detector,
    timing: TimingSearch,
    /// A short training field whose long one is still to come.
    pending: Option<Detection>,
}

impl Receiver {
    /// A receiver that has seen nothing yet.
    pub fn new(config: RxConfig) -> Self {
        let workshop = Workshop::new();
        let search = Search {
            detector: Detector::new(),
            timing: TimingSearch::new(&workshop.long_symbol),
            pending: None,
        };
        Self {
            config,
            history: History::default(),
            search,
            ppdu: None,
            surge_until: None,
            workshop,
            frames: VecDeque::new(),
            stats: RxStats::default(),
        }
    }

    /// Takes in samples, any number of them: the frames are the same however the stream is cut.
    pub fn push(&mut self, samples: &[Complex32]) {
        for piece in samples.chunks(PIECE) {
            self.history.push(piece);
            while self.step() {}
            let search_needs = self.search.needs_from();
            let needed = self.ppdu.as_ref().map_or(search_needs, |ppdu| {
                let searching = self.surge_until.is_some();
                if searching { ppdu.needs_from().min(search_needs) } else { ppdu.needs_from() }
            });
            self.history.forget_before(needed);
        }
    }

    /// The next frame that is complete, in the order in which they ended.
    pub fn next_frame(&mut self) -> Option<RxFrame> {
        self.frames.pop_front()
    }

    /// Says that no more samples come: a PPDU in progress becomes
    /// [`RxFailure::OutOfSamples`].
    pub fn finish(&mut self) {
        if let Some(mut ppdu) = self.ppdu.take() {
            self.frames.push_back(ppdu.cut_off(self.history.end(), &self.config));
        }
    }

    /// Samples pushed so far.
    pub fn position(&self) -> SampleIndex {
        SampleIndex(self.history.end())
    }

    /// Counts so far.
    pub fn stats(&self) -> RxStats {
        self.stats
    }

    /// Does the next piece of work that the samples at hand allow; false if there is none.
    fn step(&mut self) -> bool {
        match &self.ppdu {
            None => {
                let limit = self.history.end();
                self.ppdu =
                    self.search.advance(&self.history, limit, &mut self.workshop, &mut self.stats);
                self.ppdu.is_some()
            }
            Some(ppdu) if ppdu.needs_until() > self.history.end() => false,
            Some(_) => {
                self.receive();
                true
            }
        }
    }

    /// Reads a symbol of the PPDU in progress.
    fn receive(&mut self) {
        let Some(ppdu) = &mut self.ppdu else { return };
        let read_until = ppdu.needs_until();
        match ppdu.read_symbol(&self.history, &mut self.workshop, &self.config) {
            Progress::Done(frame) => {
                // A SIGNAL that makes no sense may be chance: the next preamble is looked for
                // where this one was. The search after a surge goes on where it is.
                let resume = match frame.rxvector {
                    None => ppdu.after_short_field(),
                    Some(RxVector { format: Format::NonHt, .. }) => frame.end.0 - OVERLAP,
                    Some(RxVector { format: Format::HtMixed, .. }) => frame.end.0 - HT_SLACK,
                };
                if self.surge_until.take().is_none() {
                    self.search.restart(resume);
                }
                self.frames.push_back(frame);
                self.ppdu = None;
            }
            Progress::Symbol { surge } => {
                if surge && self.surge_until.is_none() {
                    self.search.restart(read_until - crate::SYMBOL_SAMPLES as u64);
                    self.surge_until = Some(read_until + SURGE_SEARCH);
                }
                if let Some(until) = self.surge_until {
                    self.search_for_stronger(read_until, until);
                }
            }
        }
    }

    /// Looks for a stronger PPDU in the samples up to `limit`.
    fn search_for_stronger(&mut self, limit: u64, until: u64) {
        let found = self.search.advance(&self.history, limit, &mut self.workshop, &mut self.stats);
        if let Some(stronger) = found {
            let at = stronger.start();
            self.surge_until = None;
            if let Some(mut weaker) = self.ppdu.replace(stronger) {
                self.frames.push_back(weaker.captured(at, &self.config));
            }
        } else if limit >= until {
            self.surge_until = None;
        }
    }
}

impl Search {
    /// Searches the samples up to `limit`.
    fn advance(
        &mut self,
        history: &History,
        limit: u64,
        workshop: &mut Workshop,
        stats: &mut RxStats,
    ) -> Option<Ppdu> {
        loop {
            let detection = match self.pending.take() {
                Some(detection) => detection,
                None => {
                    let detection = self.detector.advance(history, limit)?;
                    stats.detections += 1;
                    detection
                }
            };
            if TimingSearch::needs_until(&detection) > limit {
                self.pending = Some(detection);
                return None;
            }
            match self.timing.locate(history, &detection) {
                Some(timing) => {
                    stats.preambles += 1;
                    return Some(Ppdu::begin(history, &detection, timing, workshop));
                }
                None => stats.without_long_field += 1,
            }
        }
    }

    fn restart(&mut self, index: u64) {
        self.pending = None;
        self.detector.restart(index);
    }

    /// First sample that the search may still read.
    fn needs_from(&self) -> u64 {
        let pending =
            self.pending.as_ref().map_or(u64::MAX, |detection| detection.end - 2 * detect::BLOCK);
        self.detector.needs_from().min(pending)
    }
}
