//! From decoded bits to the PSDU: descrambling (17.3.5.5) and stripping SERVICE, as bits are
//! decided.

use super::frame::Data;
use crate::scrambler::{PERIOD, SEQUENCES, Scrambler};

/// Bytes of the SERVICE field.
pub(super) const SERVICE_BYTES: usize = 2;

/// A DATA field that is being descrambled.
#[derive(Default)]
pub(super) struct Descrambler {
    /// SERVICE and PSDU together.
    len: usize,
    /// Bytes that were taken, SERVICE among them.
    taken: usize,
    scrambler_init: u8,
    psdu: Vec<u8>,
}

impl Descrambler {
    /// For a PSDU of so many bytes.
    pub(super) fn new(psdu_len: usize) -> Self {
        let psdu = Vec::with_capacity(psdu_len);
        Self { len: SERVICE_BYTES + psdu_len, taken: 0, scrambler_init: 0, psdu }
    }

    /// Takes what is new in the scrambled bytes decided so far, SERVICE first, the first bit
    /// lowest in each.
    ///
    /// The seven first bits, sent as zeros, tell the scrambler's state (17.3.5.2).
    pub(super) fn take(&mut self, scrambled: &[u8]) {
        let scrambled = &scrambled[..scrambled.len().min(self.len)];
        if self.taken == 0 && scrambled.len() >= SERVICE_BYTES {
            let first = std::array::from_fn(|i| scrambled[0] >> i & 1);
            self.scrambler_init = Scrambler::initial_state_of(first);
            self.taken = SERVICE_BYTES;
        }
        let sequence = &SEQUENCES[usize::from(self.scrambler_init)];
        while self.taken < scrambled.len() {
            let phase = self.taken % PERIOD;
            let new = scrambled[self.taken..].iter().zip(&sequence[phase..]);
            let before = self.psdu.len();
            self.psdu.extend(new.map(|(byte, sequence)| byte ^ sequence));
            self.taken += self.psdu.len() - before;
        }
    }

    /// The bytes of the PSDU so far.
    pub(super) fn psdu(&self) -> &[u8] {
        &self.psdu
    }

    /// The DATA field, once all is taken.
    pub(super) fn finish(&mut self) -> Data {
        Data { psdu: std::mem::take(&mut self.psdu), scrambler_init: self.scrambler_init }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_psdu_comes_back_with_its_scrambler_state_however_it_comes(
            psdu in proptest::collection::vec(any::<u8>(), 1..700),
            scrambler_init in 1..128u8,
            step in 1..300usize,
        ) {
            let mut scrambler = Scrambler::new(scrambler_init);
            // The tail comes after it.
            let scrambled: Vec<u8> = [0, 0].iter().chain(&psdu).chain(&[0])
                .map(|byte| (0..8).fold(0, |out, i| out | ((byte >> i & 1) ^ scrambler.next_bit()) << i))
                .collect();
            let mut descrambler = Descrambler::new(psdu.len());
            for decided in (0..scrambled.len()).step_by(step).chain([scrambled.len()]) {
                descrambler.take(&scrambled[..decided]);
                prop_assert_eq!(descrambler.psdu(), &psdu[..decided.saturating_sub(2).min(psdu.len())]);
            }
            prop_assert_eq!(descrambler.finish(), Data { psdu, scrambler_init });
        }
    }
}
