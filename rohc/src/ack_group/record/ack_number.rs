//! The acknowledgment number: the flow's stride again, or a number of segments.

use super::super::model::{Backup, Bit, Number, Runs};
use super::super::range_coder::Coder;

/// Runs of hits are told apart up to this length: a sender that hands 64 KB at a time to its
/// interface makes every 23rd ACK an odd one.
const RUNS: usize = 32;
/// No segment is smaller.
const LEAST_UNIT: u32 = 256;
/// What fits in an Ethernet frame, the usual case.
const MTU: u32 = 1500;

/// A distance between sequence numbers: a multiple of the flow's segment size, or any number.
#[derive(Debug, Clone)]
pub struct Distance {
    is_odd: Bit,
    segments: Number,
    bytes: Number,
}

impl Distance {
    /// A distance of which nothing is known.
    pub const NEW: Self = Self { is_odd: Bit::RARE, segments: Number::NEW, bytes: Number::NEW };

    /// Codes a distance, and lets the segment size learn from it.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, unit: &mut Unit, known: u32) -> u32 {
        if coder.bit(&mut self.is_odd, !known.is_multiple_of(unit.bytes)) {
            let distance = self.bytes.code(coder, known);
            unit.learn(distance);
            distance
        } else {
            self.segments.code(coder, known / unit.bytes).wrapping_mul(unit.bytes)
        }
    }
}

impl Backup for Distance {
    fn copy_from(&mut self, other: &mut Self) {
        self.is_odd = other.is_odd;
        self.segments.copy_from(&mut other.segments);
        self.bytes.copy_from(&mut other.bytes);
    }
}

/// A flow's segment size as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    bytes: u32,
    last_odd: u32,
}

impl Unit {
    /// The segment size that headers of this length leave in the usual MTU.
    pub fn of_headers(len: usize) -> Self {
        Self { bytes: MTU.saturating_sub(len as u32).max(LEAST_UNIT), last_odd: 0 }
    }

    /// Takes a distance that is no multiple: the size is what two such have in common.
    fn learn(&mut self, distance: u32) {
        let (mut a, mut b) = (self.last_odd, distance);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        if a >= LEAST_UNIT && self.last_odd != 0 {
            self.bytes = a;
        }
        self.last_odd = distance;
    }
}

/// What all flows of a chain have learnt about acknowledgment numbers.
#[derive(Debug, Clone)]
pub struct AckModels {
    is_other: [Runs<RUNS>; 3],
    distance: [Distance; 3],
}

impl AckModels {
    /// Before anything is learnt.
    pub const NEW: Self = Self {
        is_other: [const { Runs::new(Bit::RARE) }; 3],
        distance: [const { Distance::NEW }; 3],
    };
}

impl Backup for AckModels {
    fn copy_from(&mut self, other: &mut Self) {
        self.is_other.copy_from(&mut other.is_other);
        self.distance.copy_from(&mut other.distance);
    }
}

/// Where a flow's acknowledgment number is and how it moves.
#[derive(Debug, Clone, Copy)]
pub struct AckState {
    /// The step that is expected.
    stride: u32,
    last_step: u32,
    /// Hits since the last miss.
    run: u8,
    /// The flow's segment size.
    pub unit: Unit,
}

impl AckState {
    /// The state of a flow of which one ACK is known, with this length of headers.
    pub fn new(headers_len: usize) -> Self {
        let unit = Unit::of_headers(headers_len);
        Self { stride: 2 * unit.bytes, last_step: 0, run: 0, unit }
    }

    /// Whether the last step was not the expected one.
    pub fn has_missed(&self) -> bool {
        self.run == 0
    }

    /// Codes the step from the last acknowledgment number.
    #[inline(always)]
    pub fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        models: &mut AckModels,
        is_first: bool,
        known: u32,
    ) -> u32 {
        let place = if is_first { 0 } else { 1 + usize::from(self.last_step != self.stride) };
        let is_other = models.is_other[place].after(self.run);
        let mut step = self.stride;
        if coder.bit(is_other, known != self.stride) {
            step = models.distance[place].code(coder, &mut self.unit, known);
            self.run = 0;
        } else {
            self.run = (self.run + 1).min(RUNS as u8 - 1);
        }
        // Twice the same is the new stride: a burst of duplicates has stride 0, GRO 45 segments.
        if step == self.last_step {
            self.stride = step;
        }
        self.last_step = step;
        step
    }
}
