//! From decoded bits to the PSDU: descrambling (17.3.5.5) and stripping SERVICE.

use super::frame::Data;
use crate::scrambler::{PERIOD, SEQUENCES, Scrambler};

/// Bytes of the SERVICE field.
pub(super) const SERVICE_BYTES: usize = 2;

/// The PSDU from the scrambled SERVICE field and PSDU, first bit lowest in each byte.
///
/// The seven first bits, sent as zeros, tell the scrambler's state (17.3.5.2).
pub(super) fn descramble(scrambled: &[u8]) -> Data {
    let first = std::array::from_fn(|i| scrambled[0] >> i & 1);
    let scrambler_init = Scrambler::initial_state_of(first);
    let sequence = &SEQUENCES[usize::from(scrambler_init)];
    let mut psdu = scrambled.to_vec();
    for bytes in psdu.chunks_mut(PERIOD) {
        bytes.iter_mut().zip(sequence).for_each(|(byte, sequence)| *byte ^= sequence);
    }
    psdu.drain(..SERVICE_BYTES);
    Data { psdu, scrambler_init }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_psdu_comes_back_with_its_scrambler_state(
            psdu in proptest::collection::vec(any::<u8>(), 1..300),
            scrambler_init in 1..128u8,
        ) {
            let mut scrambler = Scrambler::new(scrambler_init);
            let scrambled: Vec<u8> = [0, 0].iter().chain(&psdu)
                .map(|byte| (0..8).fold(0, |out, i| out | ((byte >> i & 1) ^ scrambler.next_bit()) << i))
                .collect();
            prop_assert_eq!(descramble(&scrambled), Data { psdu, scrambler_init });
        }
    }
}
