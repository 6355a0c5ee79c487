//! Where data and pilots sit in an OFDM symbol, and the pilots' values (17.3.5.9, 17.3.5.10,
//! 19.3.11.10).

use crate::scrambler::Scrambler;

/// Points of the FFT of a symbol 20 MHz wide, and its samples without guard interval.
pub const FFT_LEN: usize = 64;

/// The subcarriers of one kind of symbol, numbered from the middle of its channel.
#[derive(Debug)]
pub struct Tones {
    /// Points of the FFT at one sample per hertz of bandwidth.
    pub fft_len: usize,
    /// Occupied subcarriers (N_ST), lowest frequency first.
    pub occupied: &'static [i32],
    /// Data subcarriers (N_SD) in the order of the data.
    pub data: &'static [i32],
    /// Pilot subcarriers (N_SP).
    pub pilots: &'static [i32],
    /// The pilots' values before polarity, in the order of the subcarriers.
    pilot_values: &'static [f32],
    /// Whether these values move on by one pilot with each symbol (Equations 19-54, 19-55).
    rotating_pilots: bool,
    /// N_COL of the interleaver.
    pub interleaver_columns: usize,
}

/// There are but the three below.
impl PartialEq for Tones {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Tones {
    /// Value, before polarity, of the `pilot`-th pilot in the `symbol`-th symbol of the field.
    pub fn pilot_value(&self, pilot: usize, symbol: usize) -> f32 {
        let shift = if self.rotating_pilots { symbol } else { 0 };
        self.pilot_values[(pilot + shift) % self.pilot_values.len()]
    }
}

/// SIGNAL, HT-SIG and non-HT data: 48 data subcarriers and 4 pilots from -26 to 26.
pub static NON_HT: Tones = Tones {
    fft_len: 64,
    occupied: &OCCUPIED,
    data: &select::<48>(&OCCUPIED, &PILOTS_20),
    pilots: &PILOTS_20,
    pilot_values: &[1.0, 1.0, 1.0, -1.0],
    rotating_pilots: false,
    interleaver_columns: 16,
};

/// HT data at 20 MHz: 52 data subcarriers and 4 pilots from -28 to 28.
pub static HT20: Tones = Tones {
    fft_len: 64,
    occupied: &OCCUPIED_HT20,
    data: &select::<52>(&OCCUPIED_HT20, &PILOTS_20),
    pilots: &PILOTS_20,
    pilot_values: &[1.0, 1.0, 1.0, -1.0],
    rotating_pilots: true,
    interleaver_columns: 13,
};

/// HT data at 40 MHz: 108 data subcarriers and 6 pilots from -58 to 58.
pub static HT40: Tones = Tones {
    fft_len: 128,
    occupied: &OCCUPIED_HT40,
    data: &select::<108>(&OCCUPIED_HT40, &PILOTS_40),
    pilots: &PILOTS_40,
    pilot_values: &[1.0, 1.0, 1.0, -1.0, -1.0, 1.0],
    rotating_pilots: true,
    interleaver_columns: 18,
};

static OCCUPIED: [i32; 52] = symmetric(1);
static OCCUPIED_HT20: [i32; 56] = symmetric(1);
static OCCUPIED_HT40: [i32; 114] = symmetric(2);
static PILOTS_20: [i32; 4] = [-21, -7, 7, 21];
static PILOTS_40: [i32; 6] = [-53, -25, -11, 11, 25, 53];

/// N subcarriers symmetric about 0, the innermost at plus and minus `first`.
const fn symmetric<const N: usize>(first: i32) -> [i32; N] {
    let mut tones = [0; N];
    let mut i = 0;
    while i < N / 2 {
        tones[N / 2 + i] = first + i as i32;
        tones[N / 2 - 1 - i] = -first - i as i32;
        i += 1;
    }
    tones
}

/// The occupied subcarriers without the pilots.
const fn select<const N: usize>(occupied: &[i32], pilots: &[i32]) -> [i32; N] {
    let mut tones = [0; N];
    let (mut i, mut n, mut pilot) = (0, 0, 0);
    while i < occupied.len() {
        // Both lists ascend.
        if pilot < pilots.len() && pilots[pilot] == occupied[i] {
            pilot += 1;
        } else {
            tones[n] = occupied[i];
            n += 1;
        }
        i += 1;
    }
    tones
}

/// Bin of a subcarrier in an FFT: negative frequencies are the upper half.
pub const fn bin(subcarrier: i32, fft_len: usize) -> usize {
    subcarrier.rem_euclid(fft_len as i32) as usize
}

/// One period of the pilot polarity p_0..p_126 (Equation 17-25). SIGNAL takes p_0. It is the
/// all-ones scrambler sequence with 1 as -1.
pub fn pilot_polarity() -> [f32; 127] {
    let mut scrambler = Scrambler::new(0x7f);
    std::array::from_fn(|_| if scrambler.next_bit() == 1 { -1.0 } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_pilots_share_out_the_occupied_subcarriers() {
        for (tones, edge) in [(&NON_HT, 26), (&HT20, 28), (&HT40, 58)] {
            let mut all: Vec<i32> = tones.data.iter().chain(tones.pilots).copied().collect();
            all.sort_unstable();
            assert_eq!(all, tones.occupied);
            assert_eq!((all[0], *all.last().unwrap()), (-edge, edge));
        }
        assert_eq!((NON_HT.data[4], NON_HT.data[5], NON_HT.data[47]), (-22, -20, 26));
        assert!((-1..=1).all(|k| !HT40.occupied.contains(&k)));
    }

    #[test]
    fn polarity_starts_as_equation_17_25() {
        let start = [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0];
        assert_eq!(pilot_polarity()[..14], start);
    }

    #[test]
    fn ht_pilots_move_on_and_non_ht_ones_stay() {
        let values = |tones: &Tones, symbol| -> Vec<f32> {
            (0..tones.pilots.len()).map(|pilot| tones.pilot_value(pilot, symbol)).collect()
        };
        assert_eq!(values(&NON_HT, 1), [1.0, 1.0, 1.0, -1.0]);
        assert_eq!(values(&HT20, 1), [1.0, 1.0, -1.0, 1.0]);
        assert_eq!(values(&HT40, 2), [1.0, -1.0, -1.0, 1.0, 1.0, 1.0]);
    }
}
