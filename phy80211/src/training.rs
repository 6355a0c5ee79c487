//! The training sequences of the preamble in frequency (17.3.3).

use num_complex::Complex32;

use crate::subcarriers::{EDGE, FFT_LEN, bin};

/// L_{-26,26}: the long training sequence, subcarrier -26 first (Equation 17-8).
pub const LONG: [f32; 53] = {
    const P: f32 = 1.0;
    const M: f32 = -1.0;
    [
        P, P, M, M, P, P, M, P, M, P, P, P, P, P, P, M, M, P, P, M, P, M, P, P, P, P,   //
        0.0, //
        P, M, M, P, P, M, P, M, P, M, M, M, M, M, P, P, M, M, P, M, P, M, P, P, P, P,
    ]
};

/// Signs of S_{-26,26}: every fourth subcarrier carries `sign * (1+j) * sqrt(13/6)`
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
    LONG[(subcarrier + EDGE) as usize]
}

/// The short training symbol as FFT bins.
pub fn short_bins() -> [Complex32; FFT_LEN] {
    let mut bins = [Complex32::ZERO; FFT_LEN];
    let scale = (13.0f32 / 6.0).sqrt();
    for (subcarrier, sign) in SHORT {
        bins[bin(subcarrier)] = Complex32::new(sign, sign) * scale;
    }
    bins
}

/// The long training symbol as FFT bins.
pub fn long_bins() -> [Complex32; FFT_LEN] {
    let mut bins = [Complex32::ZERO; FFT_LEN];
    for subcarrier in -EDGE..=EDGE {
        bins[bin(subcarrier)] = Complex32::new(long_at(subcarrier), 0.0);
    }
    bins
}
