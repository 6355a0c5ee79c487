//! The frame-synchronous scrambler x^7 + x^4 + 1 (17.3.5.5). The same bits scramble and
//! descramble.

/// Generator of the scrambling sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scrambler {
    /// X7 in bit 6 down to X1 in bit 0.
    state: u8,
}

impl Scrambler {
    /// A scrambler with seven bits of initial state, X7 in bit 6. State 0 never leaves 0:
    /// it scrambles nothing, and no transmitter may use it.
    pub const fn new(state: u8) -> Self {
        Self { state: state & 0x7f }
    }

    /// The scrambler that made these first seven bits, advanced past them.
    ///
    /// The first seven SERVICE bits are zero (17.3.5.2), so what arrives in their place is the
    /// sequence itself, and the sequence is its own state.
    pub fn after_first_seven(bits: [u8; 7]) -> Self {
        Self::new(bits.iter().fold(0, |state, bit| state << 1 | bit & 1))
    }

    /// The state before these seven bits were made: the transmitter's initial state.
    pub fn initial_state_of(bits: [u8; 7]) -> u8 {
        let mut state = Self::after_first_seven(bits).state;
        for _ in 0..7 {
            // Undo next_bit: bit 0 is X7 ^ X4 of the state before, whose X4 is now in bit 4.
            let x7 = (state ^ state >> 4) & 1;
            state = x7 << 6 | state >> 1;
        }
        state
    }

    /// The next bit of the sequence.
    pub const fn next_bit(&mut self) -> u8 {
        let bit = (self.state >> 6 ^ self.state >> 3) & 1;
        self.state = (self.state << 1 | bit) & 0x7f;
        bit
    }
}

/// Bits, and bytes, after which the scrambling sequence repeats.
pub(crate) const PERIOD: usize = 127;

/// The sequence from each state on, eight bits a byte. A byte begins 8 bits after the one before,
/// so all of them have passed after as many bytes as the sequence has bits.
pub(crate) static SEQUENCES: [[u8; PERIOD]; 128] = {
    let mut sequences = [[0; PERIOD]; 128];
    let mut state = 0;
    while state < 128 {
        let mut scrambler = Scrambler::new(state as u8);
        let mut bit = 0;
        while bit < 8 * PERIOD {
            sequences[state][bit / 8] |= scrambler.next_bit() << (bit % 8);
            bit += 1;
        }
        state += 1;
    }
    sequences
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ones_gives_the_sequence_printed_in_17_3_5_5() {
        let printed = "00001110 11110010 11001001 00000010 00100110 00101110 10110110 00001100 \
                       11010100 11100111 10110100 00101010 11111010 01010001 10111000 1111111";
        let mut scrambler = Scrambler::new(0x7f);
        for digit in printed.bytes().filter(u8::is_ascii_digit) {
            assert_eq!(scrambler.next_bit(), digit - b'0');
        }
        assert_eq!(scrambler, Scrambler::new(0x7f), "the period is 127");
    }

    #[test]
    fn seven_bits_tell_the_state_forwards_and_back() {
        for state in 1..128 {
            let mut scrambler = Scrambler::new(state);
            let bits = std::array::from_fn(|_| scrambler.next_bit());
            assert_eq!(Scrambler::after_first_seven(bits), scrambler);
            assert_eq!(Scrambler::initial_state_of(bits), state);
        }
    }
}
