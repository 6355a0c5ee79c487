//! The receiver's stages one by one, at work on something typical, for `cargo bench`.
//!
//! Each is told as it runs and, where a faster twin was made, as it is in plain Rust without the
//! machine's wider registers.

use std::hint::black_box;

use num_complex::Complex32;

use super::bins::{self, plain};
use super::demap::{PLANES, SoftBits, demap_axis, plain_axis};
use super::descramble::Descrambler;
use super::halves::{BLOCK, Splitter, plain_side_taps, side_taps};
use super::layout::NON_HT_LAYOUT;
use super::rotate::phasor;
use super::spectrum::Spectrum;
use super::sums::{self, Sums};
use super::workshop::SymbolFft;
use crate::convolutional::{MEMORY, encode_symbol, plain_encode_symbol};
use crate::gather::{gather, gather_one_by_one};
use crate::{Modulation, Rate};

/// One stage.
pub struct Stage {
    /// What it does, and with how much.
    pub name: &'static str,
    /// As it runs on this machine.
    pub fast: fn(&mut Material),
    /// As it is in plain Rust, if that is not the same.
    pub plain: Option<fn(&mut Material)>,
}

/// What the stages work on.
pub struct Material {
    samples: Vec<Complex32>,
    turns: [Complex32; 64],
    bins: [Complex32; 64],
    points: Spectrum<64>,
    decided: Spectrum<64>,
    ones: [f32; 64],
    squared: [f32; 64],
    soft: SoftBits<64>,
    places: Vec<u16>,
    pairs: Vec<u8>,
    fft64: SymbolFft<64>,
    fft128: SymbolFft<128>,
    splitter: Splitter,
    sums: [f32; 2 * BLOCK],
    bits: Vec<u8>,
    coded: [Vec<u8>; 2],
    bytes: Vec<u8>,
}

impl Material {
    /// Some of everything.
    pub fn new() -> Self {
        let turns: [Complex32; 64] = std::array::from_fn(|i| phasor(i as f64 * 0.01));
        let points = Spectrum::from_bins(&std::array::from_fn(|i| phasor(i as f64)));
        let rate = Rate::NonHt(crate::OfdmRate::Mbps54);
        Self {
            samples: (0..1024).map(|i| phasor(f64::from(i * i) * 1e-3)).collect(),
            bins: turns,
            turns,
            decided: points.clone(),
            points,
            ones: [1.0; 64],
            squared: [0.0; 64],
            soft: [[1; 64]; PLANES],
            places: super::deinterleave::sources(&rate),
            pairs: vec![0; 2 * rate.n_dbps()],
            fft64: SymbolFft::new(),
            fft128: SymbolFft::new(),
            splitter: Splitter::new(),
            sums: [0.0; 2 * BLOCK],
            bits: vec![1; rate.n_dbps() + MEMORY],
            coded: [(); 2].map(|()| vec![0; rate.n_dbps()]),
            bytes: (0..1502u32).map(|i| (i * i / 8) as u8).collect(),
        }
    }
}

impl Default for Material {
    fn default() -> Self {
        Self::new()
    }
}

/// Those of the search, and of 40 MHz while there is one.
pub const SEARCH: &[Stage] = &[
    Stage {
        name: "delay-correlation and energy, 16 samples",
        fast: |m| _ = black_box(Sums::of(&m.samples[16..32], &m.samples[..16], Complex32::ZERO)),
        plain: Some(|m| {
            let (before, now) = m.samples[..32].split_at(16);
            black_box(Sums::from(sums::parts(now, before, Complex32::ZERO)));
        }),
    },
    Stage {
        name: "delay-correlation and energy, 128 samples",
        fast: |m| _ = black_box(Sums::of(&m.samples[16..144], &m.samples[..128], Complex32::ZERO)),
        plain: Some(|m| {
            let (now, before) = (&m.samples[16..144], &m.samples[..128]);
            black_box(Sums::from(sums::parts(now, before, Complex32::ZERO)));
        }),
    },
    Stage {
        name: "half-band splitter, 512 samples",
        fast: |m| {
            side_taps(&m.splitter.taps, bytemuck::cast_slice(&m.samples), &mut m.sums);
        },
        plain: Some(|m| {
            plain_side_taps(&m.splitter.taps, bytemuck::cast_slice(&m.samples), &mut m.sums);
        }),
    },
];

/// Those of a symbol of 64 bins.
pub const SYMBOL: &[Stage] = &[
    Stage {
        name: "CFO rotation and power",
        fast: |m| {
            black_box(bins::derotate(&m.samples[..64], Complex32::ZERO, &m.turns, &mut m.bins));
        },
        plain: Some(|m| {
            black_box(plain::derotate(&m.samples[..64], Complex32::ZERO, &m.turns, &mut m.bins));
        }),
    },
    Stage {
        name: "CFO rotation and FFT of 64 (rustfft)",
        fast: |m| {
            black_box(m.fft64.transform(&m.samples[..64], Complex32::ZERO, &m.turns));
        },
        plain: None,
    },
    Stage {
        name: "CFO rotation and FFT of 128 (rustfft)",
        fast: |m| {
            let turns = [Complex32::ONE; 128];
            black_box(m.fft128.transform(&m.samples[..128], Complex32::ZERO, &turns));
        },
        plain: None,
    },
    Stage {
        name: "equalising",
        fast: |m| {
            let (centre, step) = (m.turns[3], m.turns[1]);
            bins::equalise(&m.bins, &m.decided, centre, step, &mut m.points);
        },
        plain: Some(|m| {
            let (centre, step) = (m.turns[3], m.turns[1]);
            plain::equalise(&m.bins, &m.decided, centre, step, &mut m.points);
        }),
    },
    Stage {
        name: "decisions of 64-QAM, and their phase",
        fast: |m| {
            let Material { points, decided, ones, .. } = m;
            let numbers = &NON_HT_LAYOUT.subcarrier;
            let turn = Complex32::ONE;
            black_box(bins::decide(points, turn, Modulation::Qam64, ones, numbers, decided));
        },
        plain: Some(|m| {
            let Material { points, decided, ones, .. } = m;
            let numbers = &NON_HT_LAYOUT.subcarrier;
            let turn = Complex32::ONE;
            black_box(plain::decide(points, turn, Modulation::Qam64, ones, numbers, decided));
        }),
    },
    Stage {
        name: "errors",
        fast: |m| bins::settle(&mut m.points, Complex32::ONE, &m.decided, &mut m.squared),
        plain: Some(|m| plain::settle(&mut m.points, Complex32::ONE, &m.decided, &mut m.squared)),
    },
    Stage {
        name: "reliabilities",
        fast: |m| {
            let Material { ones, squared, .. } = m;
            black_box(bins::reliability(ones, ones, squared, [8.0, 9.0], 48.0));
        },
        plain: Some(|m| {
            let Material { ones, squared, .. } = m;
            black_box(plain::reliability(ones, ones, squared, [8.0, 9.0], 48.0));
        }),
    },
    Stage {
        name: "soft bits of BPSK",
        fast: |m| demap_axis(&m.points.re, 1.0, &m.ones, &mut m.soft[..1]),
        plain: Some(|m| plain_axis(&m.points.re, 1.0, &m.ones, &mut m.soft[..1])),
    },
    Stage {
        name: "soft bits of QPSK",
        fast: |m| both_axes(m, 1, demap_axis),
        plain: Some(|m| both_axes(m, 1, plain_axis)),
    },
    Stage {
        name: "soft bits of 16-QAM",
        fast: |m| both_axes(m, 2, demap_axis),
        plain: Some(|m| both_axes(m, 2, plain_axis)),
    },
    Stage {
        name: "soft bits of 64-QAM",
        fast: |m| both_axes(m, 3, demap_axis),
        plain: Some(|m| both_axes(m, 3, plain_axis)),
    },
    Stage {
        name: "deinterleaving and depuncturing at 54 Mbit/s",
        fast: |m| {
            let table = bytemuck::cast_slice(m.soft.as_flattened());
            gather(table, &m.places, &mut m.pairs);
        },
        plain: Some(|m| {
            let table = bytemuck::cast_slice(m.soft.as_flattened());
            gather_one_by_one(table, &m.places, &mut m.pairs);
        }),
    },
];

/// Those of bits and bytes, but for the Viterbi decoder.
pub const BITS: &[Stage] = &[
    Stage {
        name: "descrambling 1500 bytes",
        fast: |m| {
            let mut descrambler = Descrambler::new(1500);
            descrambler.take(&m.bytes);
            black_box(descrambler.finish());
        },
        plain: None,
    },
    Stage {
        name: "encoding a symbol of 54 Mbit/s",
        fast: |m| {
            let [a, b] = &mut m.coded;
            encode_symbol(&m.bits, a, b);
        },
        plain: Some(|m| {
            let [a, b] = &mut m.coded;
            plain_encode_symbol(&m.bits, a, b);
        }),
    },
];

type Axis = fn(&[f32; 64], f32, &[f32; 64], &mut [[i8; 64]]);

fn both_axes(m: &mut Material, bits: usize, axis: Axis) {
    let (real, imaginary) = m.soft[..2 * bits].split_at_mut(bits);
    axis(&m.points.re, 1.0, &m.ones, real);
    axis(&m.points.im, 1.0, &m.ones, imaginary);
}
