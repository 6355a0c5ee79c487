//! The stages of the receiver one by one, each as it runs on this machine and, where that is not
//! the same, as it is in plain Rust: of two lines with the same name, the second over the first is
//! the ratio. What has one line has no faster twin of ours. The decoder has a bench of its own.
//!
//! `cargo bench -p phy80211 --bench stages`

use std::fmt;

use divan::{Bencher, black_box};
use phy80211::stages::{BITS, Material, SEARCH, SYMBOL, Stage};

/// Runs before those that are measured.
const WARM_UP: usize = 10_000;
/// Bytes of the MPDU whose FCS is checked.
const MPDU: usize = 1500;

fn main() {
    divan::main();
}

/// One way to do a stage.
struct Variant {
    name: &'static str,
    is_plain: bool,
    run: fn(&mut Material),
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str(if self.is_plain { ", plain" } else { "" })
    }
}

fn variants(stages: &'static [Stage]) -> impl Iterator<Item = Variant> {
    stages.iter().flat_map(|&Stage { name, fast, plain }| {
        let plain = plain.map(|run| Variant { name, is_plain: true, run });
        [Variant { name, is_plain: false, run: fast }].into_iter().chain(plain)
    })
}

fn run(bencher: Bencher, variant: &Variant) {
    let mut material = Material::new();
    // A core that has not used its wide registers for a while is slow to wake them.
    (0..WARM_UP).for_each(|_| (variant.run)(black_box(&mut material)));
    bencher.bench_local(|| (variant.run)(black_box(&mut material)));
}

#[divan::bench(args = variants(SEARCH))]
fn search(bencher: Bencher, variant: &Variant) {
    run(bencher, variant);
}

#[divan::bench(args = variants(SYMBOL))]
fn symbol(bencher: Bencher, variant: &Variant) {
    run(bencher, variant);
}

#[divan::bench(args = variants(BITS))]
fn bits(bencher: Bencher, variant: &Variant) {
    run(bencher, variant);
}

/// The FCS of 1500 bytes as `mac` has it, by `crc32fast`.
#[divan::bench]
fn fcs_of_1500_bytes(bencher: Bencher) {
    let mpdu = [0x5a; MPDU];
    bencher.bench_local(|| crc32fast::hash(black_box(&mpdu)));
}

/// The same bit by bit.
#[divan::bench]
fn fcs_of_1500_bytes_plain(bencher: Bencher) {
    let mpdu = [0x5a_u8; MPDU];
    bencher.bench_local(|| {
        black_box(&mpdu).iter().fold(u32::MAX, |crc, &byte| {
            let shift = |crc: u32, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320);
            (0..8).fold(crc ^ u32::from(byte), shift)
        })
    });
}
