//! SIGNAL and HT-SIG: BPSK, R = 1/2, decoded on their own (17.3.4, 19.3.9.4.3).

use super::deinterleave::MAX_PAIRS;
use super::frame::RxFailure;
use super::viterbi::Viterbi;
use crate::HtSigError;
use crate::convolutional::Encoder;
use crate::ht_sig::{HT_SIG_BITS, HtSig};
use crate::signal::{SIGNAL_BITS, Signal};

/// Soft bits A1 B1 A2 B2 .. of one symbol, zeros after them.
pub(super) type Pairs = [i8; MAX_PAIRS];

/// Coded bits in a symbol of either field.
const CODED: usize = 48;
/// Hard decisions in SIGNAL that may differ from its code word. At 0 dB it is three of the 48;
/// noise is seldom this near to one of the 2^18 words.
const WRONG_BITS: u32 = 7;

/// Reads SIGNAL.
pub(super) fn signal(pairs: &Pairs, viterbi: &mut Viterbi) -> Result<Signal, RxFailure> {
    viterbi.begin();
    viterbi.push(&pairs[..CODED]);
    let bits: [u8; SIGNAL_BITS] = bits(viterbi.finish());
    let wrong_bits = wrong_bits(&bits, pairs);
    if wrong_bits > WRONG_BITS {
        return Err(RxFailure::SignalNotACodeword { wrong_bits });
    }
    Ok(Signal::parse(&bits)?)
}

/// Reads HT-SIG from its two symbols, which are one code word.
pub(super) fn ht_sig(
    first: &Pairs,
    second: &Pairs,
    viterbi: &mut Viterbi,
) -> Result<HtSig, HtSigError> {
    viterbi.begin();
    viterbi.push(&first[..CODED]);
    viterbi.push(&second[..CODED]);
    HtSig::parse(&bits::<HT_SIG_BITS>(viterbi.finish()))
}

fn bits<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| bytes[i / 8] >> (i % 8) & 1)
}

/// Hard decisions that differ from what these bits encode to.
fn wrong_bits(bits: &[u8; SIGNAL_BITS], pairs: &Pairs) -> u32 {
    let mut encoder = Encoder::default();
    let coded = bits.iter().flat_map(|&bit| encoder.encode(bit));
    coded.zip(pairs).filter(|&(bit, &soft)| (soft > 0) != (bit == 1)).count() as u32
}
