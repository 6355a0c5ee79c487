//! From decoded bits to the PSDU: descrambling (17.3.5.5) and stripping SERVICE.

use super::frame::Data;
use crate::scrambler::Scrambler;

/// The next eight bits of the scrambling sequence from each state; they are also what the state
/// becomes, but for the oldest bit.
const NEXT_BYTE: [u8; 128] = {
    let mut table = [0; 128];
    let mut state = 0;
    while state < 128 {
        let mut scrambler = Scrambler::new(state as u8);
        let mut i = 0;
        while i < 8 {
            table[state] |= scrambler.next_bit() << i;
            i += 1;
        }
        state += 1;
    }
    table
};

/// Bytes of the SERVICE field.
pub(super) const SERVICE_BYTES: usize = 2;

/// The PSDU from the scrambled SERVICE field and PSDU, first bit lowest in each byte.
///
/// The seven first bits, sent as zeros, tell the scrambler's state (17.3.5.2).
pub(super) fn descramble(scrambled: &[u8]) -> Data {
    let first = std::array::from_fn(|i| scrambled[0] >> i & 1);
    let scrambler_init = Scrambler::initial_state_of(first);
    let mut state = scrambler_init;
    let mut plain = scrambled.iter().map(|byte| {
        let sequence = NEXT_BYTE[state as usize];
        // The state holds the last seven bits with the newest lowest, the byte has it highest.
        state = sequence.reverse_bits() & 0x7f;
        byte ^ sequence
    });
    plain.by_ref().take(SERVICE_BYTES).for_each(drop);
    Data { psdu: plain.collect(), scrambler_init }
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
