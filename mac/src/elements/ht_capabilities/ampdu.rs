//! A-MPDU Parameters (9.4.2.55.3).

use std::time::Duration;

use crate::bits::{Bits, bit_fields};

bit_fields! {
    /// What A-MPDUs a station takes.
    AmpduParameters(u8) {
        /// The longest has 2^(13 + this) - 1 bytes.
        max_len_exponent, with_max_len_exponent: u8 = 0..2;
        /// Time between the starts of two MPDUs.
        min_start_spacing, with_min_start_spacing: MinimumStartSpacing = 2..5;
    }
}

impl AmpduParameters {
    /// The longest A-MPDU that is received.
    pub fn max_len(self) -> usize {
        (1 << (13 + self.max_len_exponent())) - 1
    }
}

/// The least time between the starts of two MPDUs of an A-MPDU, as the PHY receives them
/// (10.12.3): 0, or 1/4 us doubled up to 16 us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MinimumStartSpacing(u8);

impl MinimumStartSpacing {
    /// No restriction.
    pub const NONE: Self = Self(0);

    /// The shortest spacing of at least a time; more than 16 us is none of the field's values
    /// and gives the longest.
    pub fn at_least(time: Duration) -> Self {
        Self((0..7).find(|&number| Self(number).duration() >= time).unwrap_or(7))
    }

    fn eighth_micros(self) -> u32 {
        if self.0 == 0 { 0 } else { 1 << self.0 }
    }

    /// The time.
    pub fn duration(self) -> Duration {
        Duration::from_nanos(u64::from(self.eighth_micros()) * 125)
    }

    /// Bytes that last so long at a rate: those from delimiter to delimiter must be as many.
    pub fn bytes(self, bits_per_second: u64) -> usize {
        // An eighth of a microsecond at 8 Mbit/s is one bit.
        let bits = u64::from(self.eighth_micros()) * bits_per_second;
        bits.div_ceil(8_000_000 * 8) as usize
    }
}

impl Bits for MinimumStartSpacing {
    fn to_bits(self) -> u64 {
        self.0.into()
    }

    fn from_bits(bits: u64) -> Self {
        Self(bits as u8 & 7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacings_are_those_of_the_standard() {
        let nanos = std::array::from_fn(|i| MinimumStartSpacing(i as u8).duration().as_nanos());
        assert_eq!(nanos, [0, 250, 500, 1000, 2000, 4000, 8000, 16_000]);
        for (nanos, number) in
            [(0, 0), (1, 1), (250, 1), (251, 2), (1001, 4), (16_000, 7), (99_999, 7)]
        {
            let least = Duration::from_nanos(nanos);
            assert_eq!(MinimumStartSpacing::at_least(least).0, number);
        }
    }

    #[test]
    fn a_spacing_is_so_many_bytes_at_a_rate() {
        let spacing = MinimumStartSpacing::at_least(Duration::from_micros(8));
        assert_eq!(spacing.bytes(65_000_000), 65);
        assert_eq!(spacing.bytes(6_500_000), 7);
        assert_eq!(MinimumStartSpacing::NONE.bytes(150_000_000), 0);
    }

    #[test]
    fn the_longest_ampdu_is_a_power_of_two_less_one() {
        let longest = [0, 1, 2, 3].map(|exponent| AmpduParameters(exponent).max_len());
        assert_eq!(longest, [8191, 16_383, 32_767, 65_535]);
    }
}
