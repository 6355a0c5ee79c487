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

    pub(super) fn push(&mut self, samples: &[Complex32]) {
        match &mut self.wide {
            None => self.lanes[0].push(samples),
            Some(Wide { whole, splitter }) => {
                whole.push(samples);
                splitter.split(whole, &mut self.lanes);
            }
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

    /// One past the newest sample of the lanes.
    pub(super) fn end(&self) -> u64 {
        self.lanes[0].end()
    }

    /// Allows samples before this one of the lanes to be dropped.
    pub(super) fn forget_before(&mut self, index: u64) {
        self.lanes.iter_mut().for_each(|lane| lane.forget_before(index));
        if let Some(Wide { whole, splitter }) = &mut self.wide {
            whole.forget_before((2 * index).min(splitter.needs_from()));
        }
    }
}
