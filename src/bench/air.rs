//! Frames with a little noise, to be received again and again.

use mac::{AmpduBuilder, fcs};
use phy80211::{Bandwidth, Complex32, Transmitter, TxError, TxVector};
use radios::Impairments;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::data_frame::data_frame;

/// Signal over noise: enough for every rate.
const SNR_DB: f64 = 32.0;

/// A data frame of so many bytes, FCS included.
pub fn mpdu(len: usize, sequence: u16) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(sequence.into());
    let mut mpdu = data_frame(sequence.into(), len - fcs::LEN, &mut random);
    fcs::append(&mut mpdu, 0);
    mpdu
}

/// An A-MPDU of such frames.
pub fn a_mpdu(mpdus: usize, len: usize, first: u16) -> Vec<u8> {
    let mut psdu = Vec::new();
    let mut builder = AmpduBuilder::new(&mut psdu, 0);
    (0..mpdus).for_each(|i| builder.push(&mpdu(len, first + i as u16)));
    psdu
}

/// The waveform of a frame and `gap` samples of air after it.
pub fn waveform(
    transmitter: &mut Transmitter,
    vector: &TxVector,
    psdu: &[u8],
    gap: usize,
) -> Result<Vec<Complex32>, TxError> {
    let mut samples = Vec::new();
    transmitter.modulate(vector, psdu, &mut samples)?;
    samples.resize(samples.len() - 1 + gap, Complex32::ZERO);
    Ok(samples)
}

/// The same samples with noise.
pub fn noisy(samples: &[Complex32], bandwidth: Bandwidth, seed: u64) -> Vec<Complex32> {
    let none = Impairments::none(bandwidth.sample_rate_hz());
    let mut air = Impairments { noise_db: Some(-SNR_DB), carrier_hz: 20e3, ..none }.start(seed);
    let mut out = Vec::with_capacity(samples.len());
    air.process(samples, &mut out);
    air.finish(&mut out);
    out
}
