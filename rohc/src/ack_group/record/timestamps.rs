//! The timestamps. All flows of a station share its clock, and those from one server that one's,
//! each with an offset of its own; so what the first flow of a section tells about the time is
//! expected of the others.

use super::super::model::{Backup, Bit, Runs, Signed};
use super::super::range_coder::Coder;

/// Runs without a change are told apart up to this length.
const RUNS: usize = 24;
/// A flow that is off by more than this has its offset set anew.
const FAR: u32 = 16;

/// What all flows of a chain have learnt about TSval or TSecr.
#[derive(Debug, Clone)]
pub struct ClockModels {
    has_changed: [Runs<RUNS>; 8],
    step: Signed,
    is_off: [Runs<RUNS>; 4],
    off: Signed,
}

impl ClockModels {
    /// Before anything is learnt.
    pub const NEW: Self = Self {
        has_changed: [const { Runs::new(Bit::EVEN) }; 8],
        step: Signed::NEW,
        is_off: [const { Runs::new(Bit::EVEN) }; 4],
        off: Signed::NEW,
    };
}

impl Backup for ClockModels {
    fn copy_from(&mut self, other: &mut Self) {
        self.has_changed.copy_from(&mut other.has_changed);
        self.step.copy_from(&mut other.step);
        self.is_off.copy_from(&mut other.is_off);
        self.off.copy_from(&mut other.off);
    }
}

/// A clock that a chain's flows have in common, in the time of the first flow.
#[derive(Debug, Clone, Copy, Default)]
pub struct SharedClock {
    /// The latest time that was seen.
    now: u32,
    /// What the first flow of a section told, from which the others are predicted.
    told: Option<u32>,
}

impl SharedClock {
    /// A new section begins.
    pub fn begin_section(&mut self) {
        self.told = None;
    }
}

/// A flow's timestamp, of one kind.
#[derive(Debug, Clone, Copy)]
pub struct ClockState {
    /// The flow's time less the shared one, once both are known.
    offset: Option<u32>,
    /// ACKs since the last change.
    run: u8,
}

impl ClockState {
    /// Nothing known but the flow's last value.
    pub const NEW: Self = Self { offset: None, run: 0 };

    /// Codes the next value within a flow's group. `place` tells apart what the ACK did otherwise.
    #[inline(always)]
    pub fn code_next<C: Coder>(
        &mut self,
        coder: &mut C,
        models: &mut ClockModels,
        shared: &mut SharedClock,
        place: usize,
        last: u32,
        known: u32,
    ) -> u32 {
        let has_changed = models.has_changed[place % 8].after(self.run);
        let mut value = last;
        if coder.bit(has_changed, known != last) {
            let step = known.wrapping_sub(last) as i32;
            value = last.wrapping_add(models.step.code(coder, step) as u32);
            self.run = 0;
        } else {
            self.run = (self.run + 1).min(RUNS as u8 - 1);
        }
        self.tell(shared, value);
        value
    }

    /// Codes the first value of a flow's group.
    #[inline(always)]
    pub fn code_first<C: Coder>(
        &mut self,
        coder: &mut C,
        models: &mut ClockModels,
        shared: &mut SharedClock,
        place: usize,
        last: u32,
        known: u32,
    ) -> u32 {
        let place = place % 2 + 2 * usize::from(shared.told.is_some());
        let now = shared.told.unwrap_or(shared.now);
        // The flow's own time if that is later: it may have spoken last.
        let predicted = match self.offset {
            Some(offset) if is_later(now.wrapping_add(offset), last) => now.wrapping_add(offset),
            _ => last,
        };
        let mut value = predicted;
        if coder.bit(models.is_off[place].after(self.run), known != predicted) {
            let off = known.wrapping_sub(predicted) as i32;
            value = predicted.wrapping_add(models.off.code(coder, off) as u32);
        }
        if value.wrapping_sub(predicted) as i32 as i64 > i64::from(FAR) && shared.told.is_some() {
            self.offset = Some(value.wrapping_sub(now));
        }
        self.run = if value == last { (self.run + 1).min(RUNS as u8 - 1) } else { 0 };
        self.tell(shared, value);
        shared.told.get_or_insert(value.wrapping_sub(self.offset.unwrap_or(0)));
        value
    }

    /// Tells the shared clock the flow's time.
    #[inline(always)]
    fn tell(&mut self, shared: &mut SharedClock, value: u32) {
        let offset = *self.offset.get_or_insert(value.wrapping_sub(shared.now));
        let time = value.wrapping_sub(offset);
        if is_later(time, shared.now) {
            shared.now = time;
        }
    }
}

fn is_later(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}
