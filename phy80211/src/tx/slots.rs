//! Where the points of a symbol go among the bins of the IFFT.

use num_complex::Complex32;

use super::placement::Copies;
use crate::subcarriers::{Tones, bin};
use crate::training::rotation;

/// A point's place in its list, and the bin where it goes.
#[derive(Clone, Copy)]
struct Slot {
    point: u8,
    bin: u8,
}

/// Slots of points that go there as they are, and of those that are turned by a quarter. There are
/// no other phases: the upper half of 40 MHz is turned, and HT-SIG, and both make minus one.
#[derive(Default)]
struct ByPhase {
    plain: Vec<Slot>,
    turned: Vec<Slot>,
    opposite: Vec<Slot>,
}

impl ByPhase {
    fn push(&mut self, slot: Slot, phase: Complex32) {
        if phase == Complex32::ONE {
            self.plain.push(slot);
        } else if phase == Complex32::I {
            self.turned.push(slot);
        } else {
            assert_eq!(phase, -Complex32::ONE, "two quarter turns at most");
            self.opposite.push(slot);
        }
    }

    fn put(&self, points: &[Complex32], bins: &mut [Complex32]) {
        for slot in &self.plain {
            bins[usize::from(slot.bin)] = points[usize::from(slot.point)];
        }
        for slot in &self.turned {
            let point = points[usize::from(slot.point)];
            bins[usize::from(slot.bin)] = Complex32::new(-point.im, point.re);
        }
        for slot in &self.opposite {
            bins[usize::from(slot.bin)] = -points[usize::from(slot.point)];
        }
    }
}

/// The slots of one kind of symbol.
pub(super) struct Slots {
    scale: f32,
    data: ByPhase,
    pilots: ByPhase,
}

impl Slots {
    pub(super) fn new(tones: &Tones, copies: Copies, quadrature: bool, fft_len: usize) -> Self {
        let (mut data, mut pilots) = (ByPhase::default(), ByPhase::default());
        // In HT-SIG the data, but not the pilots, are turned by a quarter (19.3.9.4.3).
        let turn = if quadrature { Complex32::I } else { Complex32::ONE };
        for copy in copies.iter() {
            let push = |slots: &mut ByPhase, point: usize, subcarrier: i32, turn: Complex32| {
                let bin = bin(subcarrier + copy.shift, fft_len) as u8;
                let slot = Slot { point: point as u8, bin };
                slots.push(slot, rotation(tones, subcarrier) * copy.phase * turn);
            };
            for (point, &subcarrier) in tones.data.iter().enumerate() {
                push(&mut data, point, subcarrier, turn);
            }
            for (point, &subcarrier) in tones.pilots.iter().enumerate() {
                push(&mut pilots, point, subcarrier, Complex32::ONE);
            }
        }
        let scale = 1.0 / ((tones.occupied.len() * copies.count()) as f32).sqrt();
        Self { scale, data, pilots }
    }

    /// What makes a symbol of points of unit power one of unit power.
    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    /// Puts the points of the data subcarriers where they go.
    pub(super) fn put(&self, points: &[Complex32], bins: &mut [Complex32]) {
        self.data.put(points, bins);
    }

    /// Puts the pilots where they go.
    pub(super) fn put_pilots(&self, pilots: &[Complex32], bins: &mut [Complex32]) {
        self.pilots.put(pilots, bins);
    }
}
