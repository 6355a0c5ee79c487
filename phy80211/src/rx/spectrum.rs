//! The occupied subcarriers of a symbol, real and imaginary parts apart, so that the compiler
//! works on several at once.

use num_complex::Complex32;

use crate::subcarriers::{N_SD, N_ST, PILOTS, occupied_index};

/// Subcarriers -26 to 26 without 0.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    pub(super) re: [f32; N_ST],
    pub(super) im: [f32; N_ST],
}

impl Spectrum {
    /// From the value at each index among the occupied subcarriers.
    pub(super) fn from_fn(value: impl Fn(usize) -> Complex32) -> Self {
        let (mut re, mut im) = ([0.0; N_ST], [0.0; N_ST]);
        for i in 0..N_ST {
            let value = value(i);
            (re[i], im[i]) = (value.re, value.im);
        }
        Self { re, im }
    }

    /// The value at an index.
    pub(super) fn at(&self, i: usize) -> Complex32 {
        Complex32::new(self.re[i], self.im[i])
    }

    /// Each subcarrier times that of `other`.
    pub(super) fn times(&self, other: &Self) -> Self {
        let (mut re, mut im) = ([0.0; N_ST], [0.0; N_ST]);
        for i in 0..N_ST {
            re[i] = self.re[i] * other.re[i] - self.im[i] * other.im[i];
            im[i] = self.re[i] * other.im[i] + self.im[i] * other.re[i];
        }
        Self { re, im }
    }

    /// All subcarriers times the same phasor.
    pub(super) fn turned(&self, turn: Complex32) -> Self {
        let (mut re, mut im) = ([0.0; N_ST], [0.0; N_ST]);
        for i in 0..N_ST {
            re[i] = self.re[i] * turn.re - self.im[i] * turn.im;
            im[i] = self.re[i] * turn.im + self.im[i] * turn.re;
        }
        Self { re, im }
    }
}

/// The values of the 48 data subcarriers among those of all 52.
pub(super) fn without_pilots(all: &[f32; N_ST]) -> [f32; N_SD] {
    const AT: [usize; 6] = [
        0,
        occupied_index(PILOTS[0].0),
        occupied_index(PILOTS[1].0),
        occupied_index(PILOTS[2].0),
        occupied_index(PILOTS[3].0),
        N_ST,
    ];
    let mut data = [0.0; N_SD];
    // Each run after the first begins one past a pilot, and comes as many places earlier as
    // there were pilots.
    data[..AT[1]].copy_from_slice(&all[..AT[1]]);
    for pilots in 1..=PILOTS.len() {
        let run = AT[pilots] + 1..AT[pilots + 1];
        data[run.start - pilots..run.end - pilots].copy_from_slice(&all[run]);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subcarriers::{DATA, OCCUPIED};

    #[test]
    fn the_data_subcarriers_remain_without_the_pilots() {
        let all = OCCUPIED.map(|k| k as f32);
        assert_eq!(without_pilots(&all), DATA.map(|k| k as f32));
    }
}
