//! The training sequences of the preambles in frequency (17.3.3, 19.3.9.3, 19.3.9.4).

use num_complex::Complex32;

use crate::subcarriers::Tones;

/// L_{-26,26}: the long training sequence, subcarrier -26 first (Equation 17-8).
const LONG: [f32; 53] = {
    const P: f32 = 1.0;
    const M: f32 = -1.0;
    [
        P, P, M, M, P, P, M, P, M, P, P, P, P, P, P, M, M, P, P, M, P, M, P, P, P, P,   //
        0.0, //
        P, M, M, P, P, M, P, M, P, M, M, M, M, M, P, P, M, M, P, M, P, M, P, P, P, P,
    ]
};

/// Signs of S_{-26,26}: every fourth subcarrier carries `sign * (1+j) * sqrt(1/2)` up to scale
/// (Equation 17-6), so that the short training symbol repeats each 16 samples.
pub const SHORT: [(i32, f32); 12] = [
    (-24, 1.0),
    (-20, -1.0),
    (-16, 1.0),
    (-12, -1.0),
    (-8, -1.0),
    (-4, 1.0),
    (4, -1.0),
    (8, -1.0),
    (12, 1.0),
    (16, 1.0),
    (20, 1.0),
    (24, 1.0),
];

/// Value of the long training sequence at a subcarrier from -26 to 26.
pub const fn long_at(subcarrier: i32) -> f32 {
    LONG[(subcarrier + 26) as usize]
}

/// Value of the HT-LTF at an occupied subcarrier, without the rotation of the upper half
/// (Equations 19-23 and 19-24); of the long training sequence where the tones are the non-HT
/// ones, which both have in common.
pub const fn training_at(tones: &Tones, subcarrier: i32) -> f32 {
    match tones.fft_len {
        64 => match subcarrier {
            -28 | -27 => 1.0,
            27 | 28 => -1.0,
            _ => long_at(subcarrier),
        },
        _ => match subcarrier {
            // Two long training sequences around +-32 whose zero is filled, and what joins them.
            -32 | 32 => 1.0,
            -5..=-3 => -1.0,
            -2 => 1.0,
            2 => -1.0,
            3 | 4 => 1.0,
            5 => -1.0,
            _ if subcarrier < 0 => long_at(subcarrier + 32),
            _ => long_at(subcarrier - 32),
        },
    }
}

/// The phase that a subcarrier of a 40 MHz transmission has besides: a quarter turn in the upper
/// half (Equation 19-16).
pub const fn rotation(tones: &Tones, subcarrier: i32) -> Complex32 {
    if tones.fft_len == 128 && subcarrier > 0 { Complex32::I } else { Complex32::ONE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subcarriers::{HT20, HT40, NON_HT};

    #[test]
    fn every_occupied_subcarrier_is_trained() {
        for tones in [&NON_HT, &HT20, &HT40] {
            assert!(tones.occupied.iter().all(|&k| training_at(tones, k).abs() == 1.0));
        }
    }

    #[test]
    fn the_40_mhz_sequence_is_as_printed_around_its_middle() {
        let middle: Vec<f32> =
            (-7i32..=7).map(|k| if k.abs() < 2 { 0.0 } else { training_at(&HT40, k) }).collect();
        let printed =
            [1.0, 1.0, -1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0];
        assert_eq!(middle, printed);
    }
}
