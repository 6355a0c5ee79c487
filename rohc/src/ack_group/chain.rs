//! What both ends know alike: the flows that ride, their last ACKs, the models, the CRC.
//!
//! A chain begins with a section that says so and is carried on by each further section. Both ends
//! go through the same sections in the same order, each exactly once; so whatever was learnt from
//! one section is known when the next one is coded. docs/ack-group.md section 3.

use super::crc16::Crc16;
use super::directory::{Group, MAX_FLOWS, Source};
use super::fields::Fields;
use super::range_coder::Coder;
use super::record::{FlowState, Shared};

/// The flow of a slot that was given up.
const NOBODY: usize = usize::MAX;

/// A flow of a chain. Only the end that builds its ACKs keeps a template there.
#[derive(Debug, Clone, Copy)]
pub struct Slot<T> {
    /// Number of the flow in the table of the end that has this chain.
    pub flow: usize,
    /// What its ACKs are built from.
    pub template: T,
    /// Its last ACK and how it got there.
    pub state: FlowState,
}

/// The state that sections carry on.
#[derive(Debug, Clone)]
pub struct Chain<T> {
    slots: Vec<Slot<T>>,
    /// Slots by rank: those that rode last come first.
    ranks: Vec<u8>,
    /// Scratch for the next order.
    next_ranks: Vec<u8>,
    shared: Shared,
    /// CRC of all packets that rode.
    pub crc: Crc16,
}

impl<T: Copy> Chain<T> {
    /// A chain before its first section.
    pub fn new() -> Self {
        Self {
            slots: Vec::with_capacity(MAX_FLOWS),
            ranks: Vec::with_capacity(MAX_FLOWS),
            next_ranks: Vec::with_capacity(MAX_FLOWS),
            shared: Shared::new(),
            crc: Crc16::START,
        }
    }

    /// Back to before the first section.
    pub fn restart(&mut self) {
        self.slots.clear();
        self.ranks.clear();
        self.shared = Shared::new();
        self.crc = Crc16::START;
    }

    /// Becomes a copy of another chain, without allocation.
    pub fn copy_from(&mut self, other: &Self) {
        self.slots.clone_from(&other.slots);
        self.ranks.clone_from(&other.ranks);
        self.shared.clone_from(&other.shared);
        self.crc = other.crc;
    }

    /// Number of flows.
    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// The flows, by rank.
    pub fn flows(&self) -> impl Iterator<Item = usize> {
        self.ranks.iter().map(|&slot| self.slots[usize::from(slot)].flow)
    }

    /// Whether a flow is in the chain.
    pub fn has(&self, flow: usize) -> bool {
        self.flows().any(|other| other == flow)
    }

    /// Gives a flow up: when it rides again it is a new one.
    pub fn forget(&mut self, flow: usize) {
        self.slots.iter_mut().filter(|slot| slot.flow == flow).for_each(|slot| slot.flow = NOBODY);
    }

    /// Begins a section. The flows of its groups become the first in rank, in the order of the
    /// groups, so that group `n` is of the flow at rank `n`. When there is no room for a new flow
    /// the last in rank leaves. `introduce` finds a new flow's reference; `None` if it cannot.
    pub fn begin_section(
        &mut self,
        groups: &[Group],
        mut introduce: impl FnMut(u8, u16) -> Option<Slot<T>>,
    ) -> Option<()> {
        self.shared.begin_section();
        self.next_ranks.clear();
        for group in groups {
            if let Source::Rank(rank) = group.source {
                self.next_ranks.push(self.ranks[rank]);
            }
        }
        let known = self.next_ranks.len();
        for &slot in &self.ranks {
            if !self.next_ranks[..known].contains(&slot) {
                self.next_ranks.push(slot);
            }
        }
        for (at, group) in groups.iter().enumerate().skip(known) {
            let Source::New { cid, reference } = group.source else { continue };
            let slot = introduce(cid, reference)?;
            let place = if self.slots.len() < MAX_FLOWS {
                self.slots.push(slot);
                self.slots.len() as u8 - 1
            } else {
                let place = self.next_ranks.pop()?;
                self.slots[usize::from(place)] = slot;
                place
            };
            self.next_ranks.insert(at, place);
        }
        std::mem::swap(&mut self.ranks, &mut self.next_ranks);
        Some(())
    }

    /// Codes the next ACK of a group of the section that was begun. A decoder ignores what is
    /// known.
    #[inline]
    pub fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        group: usize,
        is_first: bool,
        known: &Fields,
    ) -> &Slot<T> {
        let slot = &mut self.slots[usize::from(self.ranks[group])];
        slot.state.code(coder, &mut self.shared, is_first, known);
        slot
    }
}
