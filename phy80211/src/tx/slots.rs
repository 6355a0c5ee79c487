//! Where the points of a symbol go among the bins of the IFFT, and turned and scaled by what.

use num_complex::Complex32;

use super::placement::Copies;
use crate::subcarriers::{Tones, bin};
use crate::training::rotation;

/// A bin, and the factor of the point that goes there.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) bin: usize,
    pub(super) factor: Complex32,
}

/// The slots of one kind of symbol, copy after copy.
pub(super) struct Slots {
    tones: &'static Tones,
    copies: Copies,
    quadrature: bool,
    data: Vec<Slot>,
    pilots: Vec<Slot>,
}

impl Slots {
    fn new(tones: &'static Tones, copies: Copies, quadrature: bool, fft_len: usize) -> Self {
        let scale = 1.0 / ((tones.occupied.len() * copies.count()) as f32).sqrt();
        let slots = |subcarriers: &[i32], turn: Complex32| {
            let of_copy = |copy: super::placement::Copy20| {
                subcarriers.iter().map(move |&subcarrier| Slot {
                    bin: bin(subcarrier + copy.shift, fft_len),
                    factor: rotation(tones, subcarrier) * copy.phase * turn * scale,
                })
            };
            copies.iter().flat_map(of_copy).collect()
        };
        // In HT-SIG the data, but not the pilots, are turned by a quarter (19.3.9.4.3).
        let turn = if quadrature { Complex32::I } else { Complex32::ONE };
        Self {
            tones,
            copies,
            quadrature,
            data: slots(tones.data, turn),
            pilots: slots(tones.pilots, Complex32::ONE),
        }
    }

    /// The slots of the data subcarriers, for each copy.
    pub(super) fn data(&self) -> impl Iterator<Item = &[Slot]> {
        self.data.chunks_exact(self.tones.data.len())
    }

    /// The slots of the pilots, for each copy.
    pub(super) fn pilots(&self) -> impl Iterator<Item = &[Slot]> {
        self.pilots.chunks_exact(self.tones.pilots.len())
    }
}

/// The slots that were needed so far.
#[derive(Default)]
pub(super) struct AllSlots(Vec<Slots>);

impl AllSlots {
    pub(super) fn get(
        &mut self,
        tones: &'static Tones,
        copies: Copies,
        quadrature: bool,
        fft_len: usize,
    ) -> &Slots {
        let same = |slots: &Slots| {
            std::ptr::eq(slots.tones, tones)
                && slots.copies == copies
                && slots.quadrature == quadrature
        };
        let at = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Slots::new(tones, copies, quadrature, fft_len));
            self.0.len() - 1
        });
        &self.0[at]
    }
}
