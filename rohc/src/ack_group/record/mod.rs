//! One ACK relative to the one before it in its flow.
//!
//! A record is six decisions where all is as predicted, which after some learning cost a few
//! hundredths of a bit together, and what is told beyond that follows the decision that calls for
//! it. [`FlowState::code`] is the format for both directions. docs/ack-group.md section 5.

mod ack_number;
mod sack;
mod timestamps;
mod unusual;
mod window;

use super::fields::Fields;
use super::model::{Backup, Bit};
use super::range_coder::Coder;
use ack_number::{AckModels, AckState};
use sack::SackModels;
use timestamps::{ClockModels, ClockState, SharedClock};
use unusual::{IpIdState, UnusualModels};
use window::{WindowModels, WindowState};

/// What the flows of a chain have learnt together, and their clocks.
#[derive(Debug, Clone)]
pub struct Shared {
    ack: AckModels,
    window: WindowModels,
    tsval: ClockModels,
    tsecr: ClockModels,
    rest: RestModels,
    sack: SackModels,
    unusual: UnusualModels,
    our_clock: SharedClock,
    their_clock: SharedClock,
}

/// Whether there is anything beyond acknowledgment number, window and timestamps.
#[derive(Debug, Clone, Copy)]
struct RestModels {
    is_special: [Bit; 8],
    has_other_sack: [Bit; 4],
    is_unusual: [Bit; 2],
}

impl Shared {
    /// Before anything is learnt.
    pub fn new() -> Self {
        Self {
            ack: AckModels::NEW,
            window: WindowModels::NEW,
            tsval: ClockModels::NEW,
            tsecr: ClockModels::NEW,
            rest: RestModels {
                is_special: [Bit::RARE; 8],
                has_other_sack: [Bit::EVEN; 4],
                is_unusual: [Bit::RARE; 2],
            },
            sack: SackModels::NEW,
            unusual: UnusualModels::NEW,
            our_clock: SharedClock::default(),
            their_clock: SharedClock::default(),
        }
    }

    /// A new section begins.
    pub fn begin_section(&mut self) {
        self.our_clock.begin_section();
        self.their_clock.begin_section();
    }
}

impl Backup for Shared {
    fn copy_from(&mut self, other: &mut Self) {
        self.ack.copy_from(&mut other.ack);
        self.window.copy_from(&mut other.window);
        self.tsval.copy_from(&mut other.tsval);
        self.tsecr.copy_from(&mut other.tsecr);
        self.rest = other.rest;
        self.sack.copy_from(&mut other.sack);
        self.unusual.copy_from(&mut other.unusual);
        self.our_clock = other.our_clock;
        self.their_clock = other.their_clock;
    }
}

/// A flow's last ACK, and how it got there. `IS_FIRST` says of an ACK that it is its flow's first
/// one in a section.
#[derive(Debug, Clone, Copy)]
pub struct FlowState {
    last: Fields,
    ack: AckState,
    window: WindowState,
    tsval: ClockState,
    tsecr: ClockState,
    id: IpIdState,
    /// Whether the SACK blocks or an unusual field changed in the last ACK.
    had_other_sack: bool,
    was_unusual: bool,
}

impl FlowState {
    /// The state of a flow of which one ACK is known, with headers of this length but for SACK.
    pub fn new(last: Fields, headers_len: usize) -> Self {
        Self {
            last,
            ack: AckState::new(headers_len),
            window: WindowState::default(),
            tsval: ClockState::NEW,
            tsecr: ClockState::NEW,
            id: IpIdState::new(last.ip_id),
            had_other_sack: false,
            was_unusual: false,
        }
    }

    /// The last ACK.
    pub fn last(&self) -> &Fields {
        &self.last
    }

    /// Codes the next ACK, which becomes the last one.
    #[inline(always)]
    pub fn code<C: Coder, const IS_FIRST: bool>(
        &mut self,
        coder: &mut C,
        shared: &mut Shared,
        known: &Fields,
    ) {
        let had_missed = self.ack.has_missed();
        let step = known.ack.wrapping_sub(self.last.ack);
        let step = self.ack.code(coder, &mut shared.ack, IS_FIRST, step);
        self.last.ack = self.last.ack.wrapping_add(step);
        let has_missed = self.ack.has_missed();

        let place = usize::from(IS_FIRST) + 2 * usize::from(has_missed);
        let (models, window) = (&mut shared.window, self.last.window);
        self.last.window = self.window.code(coder, models, place, window, known.window);
        if self.last.has_timestamps {
            self.code_timestamps::<C, IS_FIRST>(coder, shared, [had_missed, has_missed], known);
        }
        self.code_rest(coder, shared, known);
    }

    #[inline(always)]
    fn code_timestamps<C: Coder, const IS_FIRST: bool>(
        &mut self,
        coder: &mut C,
        shared: &mut Shared,
        [had_missed, has_missed]: [bool; 2],
        known: &Fields,
    ) {
        let (tsval, tsecr) = (self.last.tsval, self.last.tsecr);
        let place = usize::from(had_missed) + 2 * usize::from(has_missed);
        let (models, clock) = (&mut shared.tsval, &mut shared.our_clock);
        self.last.tsval = if IS_FIRST {
            self.tsval.code_first(coder, models, clock, 0, tsval, known.tsval)
        } else {
            self.tsval.code_next(coder, models, clock, place, tsval, known.tsval)
        };
        let has_ticked = self.last.tsval != tsval;
        let (models, clock) = (&mut shared.tsecr, &mut shared.their_clock);
        self.last.tsecr = if IS_FIRST {
            let place = usize::from(has_ticked);
            self.tsecr.code_first(coder, models, clock, place, tsecr, known.tsecr)
        } else {
            let place = place + 4 * usize::from(has_ticked);
            self.tsecr.code_next(coder, models, clock, place, tsecr, known.tsecr)
        };
    }

    /// The SACK blocks and what hardly ever surprises.
    #[inline(always)]
    fn code_rest<C: Coder>(&mut self, coder: &mut C, shared: &mut Shared, known: &Fields) {
        sack::drop_below(&mut self.last.sack, self.last.ack);
        let has_sack = !self.last.sack.blocks().is_empty();
        let place = usize::from(has_sack)
            + 2 * usize::from(self.had_other_sack)
            + 4 * usize::from(self.was_unusual);
        let other_sack = known.sack != self.last.sack;
        let is_unusual = unusual::is_unusual(&self.id, &self.last, known);
        if !coder.bit(&mut shared.rest.is_special[place], other_sack || is_unusual) {
            self.had_other_sack = false;
            self.was_unusual = false;
            self.last.ip_id = self.id.next(self.last.ip_id);
            return;
        }
        self.had_other_sack = coder.bit(&mut shared.rest.has_other_sack[place % 4], other_sack);
        if self.had_other_sack {
            let (models, unit, ack) = (&mut shared.sack, &mut self.ack.unit, self.last.ack);
            self.last.sack = sack::code(coder, models, unit, &self.last.sack, ack, &known.sack);
        }
        let unusual = &mut shared.rest.is_unusual[usize::from(self.was_unusual)];
        self.was_unusual = coder.bit(unusual, is_unusual);
        if self.was_unusual {
            let (models, id) = (&mut shared.unusual, &mut self.id);
            unusual::code(coder, models, id, &mut self.last, known);
        } else {
            self.last.ip_id = self.id.next(self.last.ip_id);
        }
    }
}
