//! Where data and pilots sit in an OFDM symbol, and the pilots' polarity (17.3.5.9, 17.3.5.10).

use crate::scrambler::Scrambler;

/// Points of the FFT.
pub const FFT_LEN: usize = 64;
/// Occupied subcarriers: 48 data and 4 pilots.
pub const N_ST: usize = 52;
/// Data subcarriers.
pub const N_SD: usize = 48;
/// The outermost occupied subcarrier.
pub const EDGE: i32 = 26;

/// Pilot subcarriers and their values before polarity, P_{-26,26} of Equation 17-24.
pub const PILOTS: [(i32, f32); 4] = [(-21, 1.0), (-7, 1.0), (7, 1.0), (21, -1.0)];

/// The occupied subcarriers from -26 to 26, without 0.
pub const OCCUPIED: [i32; N_ST] = {
    let mut tones = [0; N_ST];
    let mut i = 0;
    while i < N_ST {
        tones[i] = i as i32 - EDGE + (i >= N_ST / 2) as i32;
        i += 1;
    }
    tones
};

/// The data subcarriers in the order of d_0..d_47: M(k) of Equation 17-23.
pub const DATA: [i32; N_SD] = {
    let mut tones = [0; N_SD];
    let (mut i, mut n) = (0, 0);
    while i < N_ST {
        if !is_pilot(OCCUPIED[i]) {
            tones[n] = OCCUPIED[i];
            n += 1;
        }
        i += 1;
    }
    tones
};

/// Index of a subcarrier among the occupied ones.
pub const fn occupied_index(subcarrier: i32) -> usize {
    (subcarrier + EDGE - (subcarrier > 0) as i32) as usize
}

/// Bin of a subcarrier in a 64-point FFT: negative frequencies are the upper half.
pub const fn bin(subcarrier: i32) -> usize {
    subcarrier.rem_euclid(FFT_LEN as i32) as usize
}

const fn is_pilot(subcarrier: i32) -> bool {
    let mut i = 0;
    while i < PILOTS.len() {
        if PILOTS[i].0 == subcarrier {
            return true;
        }
        i += 1;
    }
    false
}

/// One period of the pilot polarity p_0..p_126 (Equation 17-25). SIGNAL takes p_0, the first
/// DATA symbol p_1. It is the all-ones scrambler sequence with 1 as -1.
pub fn pilot_polarity() -> [f32; 127] {
    let mut scrambler = Scrambler::new(0x7f);
    std::array::from_fn(|_| if scrambler.next_bit() == 1 { -1.0 } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_pilots_share_out_the_occupied_subcarriers() {
        let mut all: Vec<i32> = DATA.iter().copied().chain(PILOTS.map(|(k, _)| k)).collect();
        all.sort_unstable();
        assert_eq!(all, OCCUPIED);
        assert!(OCCUPIED.iter().enumerate().all(|(i, &k)| occupied_index(k) == i));
        assert_eq!((DATA[0], DATA[4], DATA[5], DATA[47]), (-26, -22, -20, 26));
    }

    #[test]
    fn polarity_starts_as_equation_17_25() {
        let start = [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0];
        assert_eq!(pilot_polarity()[..14], start);
    }
}
