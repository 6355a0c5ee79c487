//! The window: unchanged, back where it was, or moved.

use super::super::model::{Backup, Bit, Signed};
use super::super::range_coder::Coder;

/// What all flows of a chain have learnt about windows.
#[derive(Debug, Clone)]
pub struct WindowModels {
    has_changed: [[Bit; 8]; 4],
    is_not_back: [Bit; 8],
    step: Signed,
}

impl WindowModels {
    /// Before anything is learnt.
    pub const NEW: Self =
        Self { has_changed: [[Bit::RARE; 8]; 4], is_not_back: [Bit::EVEN; 8], step: Signed::NEW };
}

impl Backup for WindowModels {
    fn copy_from(&mut self, other: &mut Self) {
        self.has_changed = other.has_changed;
        self.is_not_back = other.is_not_back;
        self.step.copy_from(&mut other.step);
    }
}

/// How a flow's window moves.
#[derive(Debug, Clone, Copy, Default)]
pub struct WindowState {
    /// The last change.
    last_step: i16,
    /// Whether the last three ACKs changed it, the last one lowest.
    history: u8,
}

impl WindowState {
    /// Codes the new window. `place` tells apart what the acknowledgment number did.
    #[inline(always)]
    pub fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        models: &mut WindowModels,
        place: usize,
        window: u16,
        known: u16,
    ) -> u16 {
        let history = usize::from(self.history) % 8;
        let mut step = known.wrapping_sub(window) as i16;
        let has_changed = coder.bit(&mut models.has_changed[place % 4][history], step != 0);
        self.history = self.history << 1 | u8::from(has_changed);
        if !has_changed {
            return window;
        }
        let back = self.last_step.wrapping_neg();
        let sign = self.last_step.signum();
        let is_not_back = &mut models.is_not_back[history % 4 + 4 * usize::from(sign < 0)];
        if coder.bit(is_not_back, step != back) {
            step = models.step.code(coder, i32::from(step)) as i16;
        } else {
            step = back;
        }
        self.last_step = step;
        window.wrapping_add(step as u16)
    }
}
