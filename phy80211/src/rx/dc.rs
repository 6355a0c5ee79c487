//! The DC offset of the radio, and the energy of what is always there.

use std::hint::select_unpredictable;

use num_complex::Complex32;

use super::detect::BLOCK;
use super::sums::Sums;

/// Follows the DC offset of the radio in the gaps between frames.
#[derive(Default)]
pub(super) struct DcTracker {
    pub(super) offset: Complex32,
    /// Energy of a block of noise, which falls quickly and rises slowly; none before the first.
    floor: Option<f32>,
}

impl DcTracker {
    /// Whether a block of this energy holds nothing but what is always there.
    pub(super) fn is_floor(&self, energy: f32) -> bool {
        self.floor.is_some_and(|floor| energy <= 4.0 * floor)
    }

    pub(super) fn update(&mut self, block: &Sums) {
        if !(block.energy.is_finite() && block.total.re.is_finite() && block.total.im.is_finite()) {
            return;
        }
        let floor = self.floor.get_or_insert(block.energy);
        // In noise it is one as often as the other.
        let fallen = *floor + (block.energy - *floor) * 0.25;
        // Ten decibels in 750 samples; after digital silence, at once to 30 dB below.
        let risen = (*floor * 1.05).max(block.energy * 1e-3);
        *floor = select_unpredictable(block.energy < *floor, fallen, risen);
        // A block that holds part of a frame would leave its mark on the offset.
        if self.is_floor(block.energy) {
            self.offset += (block.total / BLOCK as f32 - self.offset) * (1.0 / 32.0);
        }
    }
}
