//! Answers: the whole waveform, and what is left of it when headers were made before.
//!
//! `cargo bench -p phy80211 --bench transmitter`

use divan::Bencher;
use phy80211::{Bandwidth, OfdmRate, Transmitter, TxVector};

/// An ACK, a compressed Block Ack, and one with 100 bytes on it.
const ANSWERS: [usize; 3] = [14, 32, 132];

fn main() {
    divan::main();
}

fn answer(bencher: Bencher, bandwidth: Bandwidth, len: usize) {
    let (mut transmitter, psdu) = (Transmitter::new(bandwidth), vec![0x5a; len]);
    let (vector, mut waveform) = (TxVector::new(OfdmRate::Mbps24, 93), Vec::new());
    bencher.bench_local(|| {
        waveform.clear();
        transmitter.modulate(&vector, &psdu, &mut waveform)
    });
}

#[divan::bench(args = ANSWERS)]
fn at_20_mhz(bencher: Bencher, len: usize) {
    answer(bencher, Bandwidth::Mhz20, len);
}

#[divan::bench(args = ANSWERS)]
fn as_duplicate_at_40_mhz(bencher: Bencher, len: usize) {
    answer(bencher, Bandwidth::Mhz40, len);
}

#[divan::bench(args = ANSWERS)]
fn as_duplicate_at_40_mhz_without_headers(bencher: Bencher, len: usize) {
    let (mut transmitter, psdu) = (Transmitter::new(Bandwidth::Mhz40), vec![0x5a; len]);
    let (vector, mut waveform) = (TxVector::new(OfdmRate::Mbps24, 93), Vec::new());
    let begun = transmitter.begin(&vector, len, &mut waveform).expect("it can be sent");
    bencher.bench_local(|| transmitter.end(&begun, &psdu, &mut waveform));
}

/// 1500 bytes at every rate: encoder, interleaver, mapper and IFFT, symbol after symbol.
#[divan::bench(args = OfdmRate::ALL)]
fn frame_of_1500_bytes(bencher: Bencher, rate: OfdmRate) {
    let (mut transmitter, psdu) = (Transmitter::new(Bandwidth::Mhz20), vec![0x5a; 1500]);
    let (vector, mut waveform) = (TxVector::new(rate, 93), Vec::new());
    bencher.bench_local(|| {
        waveform.clear();
        transmitter.modulate(&vector, &psdu, &mut waveform)
    });
}
