//! The Viterbi decoder, each kernel against the scalar one: decoded Mbit/s are the "Mitem/s".
//!
//! `cargo bench -p phy80211 --bench viterbi`

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use phy80211::stages::{Kernel, Viterbi};

/// Steps in a symbol of 54 Mbit/s.
const SYMBOL: usize = 216;

fn main() {
    divan::main();
}

/// A kernel by its place, the name being what is shown.
fn kernels() -> Vec<&'static str> {
    Kernel::all().iter().map(|kernel| kernel.name).collect()
}

fn decoder(name: &str) -> Viterbi {
    let kernel = Kernel::all().into_iter().find(|kernel| kernel.name == name);
    Viterbi::with(kernel.expect("it was listed"))
}

/// Soft bits of noise: the decoder takes the same time for whatever it gets, but for branch
/// prediction, which has an easy life with a code word.
fn noise(steps: usize) -> Vec<i8> {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as i8
    };
    (0..2 * steps).map(|_| next()).collect()
}

/// A code word that is pushed symbol by symbol.
fn code_word(bencher: Bencher, kernel: &str, bytes: usize) {
    let steps = 8 * bytes + 22;
    let (soft, mut decoder) = (noise(steps), decoder(kernel));
    bencher.counter(ItemsCount::new(steps)).bench_local(move || {
        decoder.begin();
        black_box(&soft).chunks(2 * SYMBOL).for_each(|symbol| decoder.push(symbol));
        decoder.finish().len()
    });
}

#[divan::bench(args = kernels())]
fn frame_of_1500_bytes(bencher: Bencher, kernel: &str) {
    code_word(bencher, kernel, 1500);
}

#[divan::bench(args = kernels())]
fn aggregate_of_65_kilobytes(bencher: Bencher, kernel: &str) {
    code_word(bencher, kernel, 65_535);
}

/// What is left to do once the last symbol is there.
fn last_symbol(bencher: Bencher, kernel: &str, bytes: usize, symbol: usize) {
    let steps = 8 * bytes + 22;
    let soft = noise(steps);
    let before = (steps - 1) / symbol * symbol;
    let (before, last) = soft.split_at(2 * before);
    let ready = || {
        let mut decoder = decoder(kernel);
        decoder.begin();
        before.chunks(2 * symbol).for_each(|symbol| decoder.push(symbol));
        decoder
    };
    bencher.with_inputs(ready).bench_local_refs(|decoder| {
        decoder.push(black_box(last));
        decoder.finish().len()
    });
}

#[divan::bench(args = kernels())]
fn last_symbol_of_1500_bytes_at_54_mbit_s(bencher: Bencher, kernel: &str) {
    last_symbol(bencher, kernel, 1500, 216);
}

#[divan::bench(args = kernels())]
fn last_symbol_of_1500_bytes_at_ht40_mcs_7(bencher: Bencher, kernel: &str) {
    last_symbol(bencher, kernel, 1500, 540);
}
