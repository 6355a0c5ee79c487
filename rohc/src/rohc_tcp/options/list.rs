//! The structure of a compressed list (RFC 6846 section 6.3.3): which items, and which of them come along.

use super::{MAX_ITEMS, index};
use crate::Error;
use crate::rohc_tcp::coder::Coder;

/// The indexes of a packet's options, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct List {
    count: u8,
    indexes: [u8; MAX_ITEMS],
}

impl List {
    /// Whether there was room for one more.
    pub fn push(&mut self, index: u8) -> bool {
        let count = usize::from(self.count);
        let Some(slot) = self.indexes.get_mut(count) else { return false };
        *slot = index;
        self.count += 1;
        true
    }

    pub fn indexes(&self) -> &[u8] {
        &self.indexes[..self.count.into()]
    }

    /// The list on the wire up to its items. `present` has a bit for each element: the X bits.
    pub fn code<C: Coder>(&mut self, c: &mut C, present: &mut u16) -> Result<(), Error> {
        let mut wide = self.indexes().iter().any(|index| *index > index::GENERIC);
        c.constant(3, 0)?;
        c.bits(1, &mut wide)?;
        c.bits(4, &mut self.count)?;
        let mut present_bits = 0;
        for (number, index) in self.indexes[..self.count.into()].iter_mut().enumerate() {
            let mut x = *present >> number & 1 != 0;
            c.bits(1, &mut x)?;
            if wide {
                c.constant(3, 0)?;
                c.bits(4, index)?;
            } else {
                c.bits(3, index)?;
            }
            present_bits |= u16::from(x) << number;
        }
        *present = present_bits;
        if !wide && !self.count.is_multiple_of(2) {
            c.constant(4, 0)?;
        }
        Ok(())
    }
}
