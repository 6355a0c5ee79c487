//! Fine carrier offset from the long training field.

use std::f64::consts::{PI, TAU};

use super::detect::Detection;
use super::history::History;
use super::timing::Timing;
use crate::subcarriers::FFT_LEN;

/// Products of samples 64 apart that are averaged: the long symbol, and the latter half of its
/// guard interval, where echoes of the short training field have died away.
const PRODUCTS: usize = FFT_LEN + 16;

/// Carrier offset in radians a sample.
///
/// The long training symbol repeats after 64 samples, which is four times as precise as the
/// short one's 16 and ambiguous by whole turns; the coarse estimate says which turn.
pub(super) fn fine_offset(history: &History, detection: &Detection, timing: &Timing) -> f64 {
    let samples = history.get(timing.window - 16, PRODUCTS + FFT_LEN);
    let dc = detection.dc;
    let mut correlation: num_complex::Complex32 = samples[FFT_LEN..]
        .iter()
        .zip(samples)
        .map(|(second, first)| (second - dc) * (first - dc).conj())
        .sum();
    if let Some(tone) = detection.tone {
        correlation -= tone.lagged(FFT_LEN) * PRODUCTS as f32;
    }
    let lag = FFT_LEN as f64;
    let coarse_turn = detection.omega * lag;
    let residue = (f64::from(correlation.arg()) - coarse_turn + PI).rem_euclid(TAU) - PI;
    detection.omega + residue / lag
}
