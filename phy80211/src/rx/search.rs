//! The search for a preamble in one stream: short training field, then the long one.

use super::RxStats;
use super::air::Air;
use super::detect::{self, Detection, Detector};
use super::ppdu::Ppdu;
use super::timing::TimingSearch;
use super::workshop::Workshop;

/// Where a search has got to.
pub(super) struct Search {
    detector: Detector,
    timing: TimingSearch,
    /// A short training field whose long one is still to come.
    pending: Option<Detection>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { detector: Detector::new(), timing: TimingSearch::new(), pending: None }
    }

    /// Searches the samples of a lane up to `limit`.
    pub(super) fn advance(
        &mut self,
        air: &Air,
        lane: usize,
        limit: u64,
        workshop: &mut Workshop,
        stats: &mut RxStats,
    ) -> Option<Box<Ppdu>> {
        let history = air.lane(lane);
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
                    let ppdu = Ppdu::begin(air, lane, &detection, timing, workshop);
                    return Some(Box::new(ppdu));
                }
                None => stats.without_long_field += 1,
            }
        }
    }

    /// Goes on at a sample, with what was found before forgotten.
    pub(super) fn restart(&mut self, index: u64) {
        self.pending = None;
        self.detector.restart(index);
    }

    /// One past the last sample that the next step of the search needs.
    pub(super) fn needs_until(&self) -> u64 {
        self.pending.as_ref().map_or(self.detector.needs_until(), TimingSearch::needs_until)
    }

    /// First sample that the search may still read.
    pub(super) fn needs_from(&self) -> u64 {
        let pending =
            self.pending.as_ref().map_or(u64::MAX, |detection| detection.end - 2 * detect::BLOCK);
        self.detector.needs_from().min(pending)
    }
}
