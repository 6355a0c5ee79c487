//! The samples at hand: of a channel of up to 20 MHz, or of 40 MHz as a whole and in halves.

use num_complex::Complex32;

use super::halves::{Half, Splitter};
use super::history::History;

/// The streams that PPDUs are received from. A lane is a stream of 20 MHz.
pub(super) struct Air {
    lanes: Vec<History>,
    wide: Option<Wide>,
}

struct Wide {
    whole: History,
    splitter: Splitter,
}

impl Air {
    pub(super) fn new(wide: bool) -> Self {
        let lanes = if wide { 2 } else { 1 };
        Self {
            lanes: (0..lanes).map(|_| History::default()).collect(),
            wide: wide.then(|| Wide { whole: History::default(), splitter: Splitter::new() }),
        }
    }

    /// Takes in samples. Those of halves are there after [`Self::split`].
    pub(super) fn push(&mut self, samples: &[Complex32]) {
        match &mut self.wide {
            None => self.lanes[0].push(samples),
            Some(Wide { whole, .. }) => whole.push(samples),
        }
    }

    /// Splits what has come of a 40 MHz channel into its halves, of which nothing before `from` is
    /// needed: what came while the whole was received need not be split at all.
    pub(super) fn split(&mut self, from: u64) {
        if let Some(Wide { whole, splitter }) = &mut self.wide {
            splitter.split(from, whole, &mut self.lanes);
        }
    }

    /// One of the lanes: the lower half first.
    pub(super) fn lane(&self, lane: usize) -> &History {
        &self.lanes[lane]
    }

    /// Which half a lane is.
    pub(super) fn half(&self, lane: usize) -> Half {
        if lane == 0 { Half::Lower } else { Half::Upper }
    }

    /// The whole of a 40 MHz channel.
    pub(super) fn whole(&self) -> &History {
        &self.wide.as_ref().expect("only 40 MHz have a whole").whole
    }

    /// One past the newest sample that the lanes have, or would have if they were split.
    pub(super) fn end(&self) -> u64 {
        let halves = self.wide.as_ref().map(|wide| Splitter::halves_of(wide.whole.end()));
        halves.unwrap_or_else(|| self.lanes[0].end())
    }

    /// Allows samples before this one of the lanes to be dropped.
    pub(super) fn forget_before(&mut self, index: u64) {
        self.lanes.iter_mut().for_each(|lane| lane.forget_before(index));
        if let Some(Wide { whole, splitter }) = &mut self.wide {
            whole.forget_before(splitter.needs_from(index));
        }
    }
}
