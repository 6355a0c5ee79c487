//! What both ends know alike: the flows that ride, their last ACKs, the models, the CRC.
//!
//! A chain begins with a section that says so and is carried on by each further section. Both ends
//! go through the same sections in the same order, each exactly once; so whatever was learnt from
//! one section is known when the next one is coded. docs/ack-group.md section 3.

use super::crc16::Crc16;
use super::directory::{Group, MAX_FLOWS, Source};
use super::fields::Fields;
use super::model::Backup;
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
    /// Whether it may differ from its backup.
    has_changed: bool,
}

impl<T> Slot<T> {
    /// A flow before its first ACK.
    pub fn new(flow: usize, template: T, state: FlowState) -> Self {
        Self { flow, template, state, has_changed: true }
    }
}

/// The state that sections carry on.
#[derive(Debug, Clone)]
pub struct Chain<T> {
    slots: Vec<Slot<T>>,
    /// Slots by rank: those that rode last come first.
    ranks: Vec<u8>,
    /// Scratch for the next order.
    next_ranks: Vec<u8>,
    /// The flows as a set of bits.
    members: u128,
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
            members: 0,
            shared: Shared::new(),
            crc: Crc16::START,
        }
    }

    /// Back to before the first section.
    pub fn restart(&mut self) {
        self.slots.clear();
        self.ranks.clear();
        self.members = 0;
        self.shared = Shared::new();
        self.crc = Crc16::START;
    }

    /// Number of flows.
    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// The flows, by rank.
    pub fn flows(&self) -> impl Iterator<Item = usize> {
        (0..self.ranks.len()).map(|rank| self.flow(rank))
    }

    /// The flow of this rank.
    pub fn flow(&self, rank: usize) -> usize {
        self.slots[usize::from(self.ranks[rank])].flow
    }

    /// Whether a flow is in the chain.
    pub fn has(&self, flow: usize) -> bool {
        self.members >> flow & 1 == 1
    }

    /// Gives a flow up: when it rides again it is a new one.
    pub fn forget(&mut self, flow: usize) {
        if !self.has(flow) {
            return;
        }
        self.members &= !(1 << flow);
        for slot in self.slots.iter_mut().filter(|slot| slot.flow == flow) {
            slot.flow = NOBODY;
            slot.has_changed = true;
        }
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
        if let [Group { source: Source::Rank(0), .. }] = groups {
            return Some(());
        }
        self.next_ranks.clear();
        let mut others = u64::MAX;
        for group in groups {
            if let Source::Rank(rank) = group.source {
                let slot = self.ranks[rank];
                others &= !(1 << slot);
                self.next_ranks.push(slot);
            }
        }
        let known = self.next_ranks.len();
        let is_other = |slot: &&u8| others >> **slot & 1 == 1;
        self.next_ranks.extend(self.ranks.iter().filter(is_other));
        for (at, group) in groups.iter().enumerate().skip(known) {
            let Source::New { cid, reference } = group.source else { continue };
            let slot = introduce(cid, reference)?;
            self.members |= 1 << slot.flow;
            let place = if self.slots.len() < MAX_FLOWS {
                self.slots.push(slot);
                self.slots.len() as u8 - 1
            } else {
                let place = self.next_ranks.pop()?;
                let left = std::mem::replace(&mut self.slots[usize::from(place)], slot).flow;
                if left != NOBODY {
                    self.members &= !(1 << left);
                }
                place
            };
            self.next_ranks.insert(at, place);
        }
        std::mem::swap(&mut self.ranks, &mut self.next_ranks);
        Some(())
    }

    /// Codes the next ACK of a group of the section that was begun. A decoder ignores what is
    /// known.
    #[inline(always)]
    pub fn code<C: Coder, const IS_FIRST: bool>(
        &mut self,
        coder: &mut C,
        group: usize,
        known: &Fields,
    ) -> &Slot<T> {
        let slot = &mut self.slots[usize::from(self.ranks[group])];
        slot.has_changed = true;
        slot.state.code::<C, IS_FIRST>(coder, &mut self.shared, known);
        slot
    }
}

impl<T: Copy> Backup for Chain<T> {
    fn copy_from(&mut self, other: &mut Self) {
        self.slots.truncate(other.slots.len());
        let known = self.slots.len();
        for (own, other) in self.slots.iter_mut().zip(&mut other.slots) {
            if own.has_changed || other.has_changed {
                other.has_changed = false;
                *own = *other;
            }
        }
        self.slots.extend_from_slice(&other.slots[known..]);
        self.ranks.clone_from(&other.ranks);
        self.members = other.members;
        self.shared.copy_from(&mut other.shared);
        self.crc = other.crc;
    }
}
