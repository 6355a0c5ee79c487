//! Sending, spoiling and receiving. Not every test uses all of it.
#![allow(dead_code, reason = "each test file is a crate of its own")]

use phy80211::{Bandwidth, Complex32, Rate, Receiver, RxConfig, RxFrame, Transmitter, TxVector};
use proptest::prelude::*;
use radios::Impairments;

/// A PSDU that no other frame has.
pub fn psdu(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| byte()).collect()
}

/// Appends a frame to the air of a 20 MHz channel.
pub fn send(rate: impl Into<Rate>, psdu: &[u8], air: &mut Vec<Complex32>) {
    send_as(Bandwidth::Mhz20, &TxVector::new(rate, 1 + (psdu.len() % 127) as u8), psdu, air);
}

/// Appends a frame to the air.
pub fn send_as(bandwidth: Bandwidth, vector: &TxVector, psdu: &[u8], air: &mut Vec<Complex32>) {
    Transmitter::new(bandwidth).modulate(vector, psdu, air).unwrap();
}

pub fn silence(samples: usize, air: &mut Vec<Complex32>) {
    air.resize(air.len() + samples, Complex32::ZERO);
}

/// Adds `frame` onto the air from sample `at` on.
pub fn overlay(air: &mut [Complex32], at: usize, frame: &[Complex32], amplitude: f32) {
    for (sum, sample) in air[at..].iter_mut().zip(frame) {
        *sum += sample * amplitude;
    }
}

pub fn through(options: Impairments, samples: &[Complex32]) -> Vec<Complex32> {
    let mut air = options.start(1);
    let mut out = Vec::new();
    air.process(samples, &mut out);
    air.finish(&mut out);
    out
}

/// Noise under frames of unit power, in a channel of 20 MHz.
pub fn noisy(snr_db: f64) -> Impairments {
    Impairments { noise_db: Some(-snr_db), ..Impairments::none(20e6) }
}

/// The same in a channel of 40 MHz.
pub fn noisy_40(snr_db: f64) -> Impairments {
    Impairments { noise_db: Some(-snr_db), ..Impairments::none(40e6) }
}

pub fn receive_with(config: RxConfig, samples: &[Complex32], chunk: usize) -> Vec<RxFrame> {
    let mut receiver = Receiver::new(config);
    let mut frames = Vec::new();
    for chunk in samples.chunks(chunk) {
        receiver.push(chunk);
        frames.extend(std::iter::from_fn(|| receiver.next_frame()));
    }
    receiver.finish();
    frames.extend(std::iter::from_fn(|| receiver.next_frame()));
    frames
}

pub fn receive(samples: &[Complex32]) -> Vec<RxFrame> {
    receive_with(RxConfig::default(), samples, 4096)
}

pub fn psdus(frames: &[RxFrame]) -> Vec<&[u8]> {
    frames.iter().filter_map(RxFrame::psdu).collect()
}

/// Up to 2000 samples, of which some are no numbers, or at the limits of them.
pub fn hostile_samples() -> impl Strategy<Value = Vec<Complex32>> {
    let part = prop_oneof![
        4 => -1.0f32..1.0,
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
        1 => Just(f32::MAX),
        1 => Just(f32::MIN_POSITIVE),
    ];
    proptest::collection::vec(part, 0..4000).prop_map(|parts| {
        parts.chunks(2).map(|part| Complex32::new(part[0], *part.last().unwrap())).collect()
    })
}
