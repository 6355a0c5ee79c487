//! Gray-coded constellations (17.3.5.8, Tables 17-12 to 17-15).

use num_complex::Complex32;

use crate::Modulation;

impl Modulation {
    /// K_MOD: the distance from the axis to the nearest points, at unit mean power.
    pub fn k_mod(self) -> f32 {
        match self {
            Self::Bpsk => 1.0,
            Self::Qpsk => 0.5f32.sqrt(),
            Self::Qam16 => 0.1f32.sqrt(),
            Self::Qam64 => (1.0f32 / 42.0).sqrt(),
        }
    }

    /// The point of N_BPSC bits (one a byte, b0 first), at unit mean power.
    pub fn map(self, bits: &[u8]) -> Complex32 {
        assert_eq!(bits.len(), self.n_bpsc());
        let point = match self {
            Self::Bpsk => Complex32::new(level(bits), 0.0),
            _ => {
                let (i, q) = bits.split_at(bits.len() / 2);
                Complex32::new(level(i), level(q))
            }
        };
        point * self.k_mod()
    }

    /// The point nearest to `z`, at unit mean power.
    #[inline]
    pub fn nearest(self, z: Complex32) -> Complex32 {
        let k = self.k_mod();
        let (i, q) = (z.re / k, z.im / k);
        match self {
            Self::Bpsk => Complex32::new(slice(i, 1.0), 0.0),
            Self::Qpsk => Complex32::new(slice(i, 1.0) * k, slice(q, 1.0) * k),
            Self::Qam16 => Complex32::new(slice(i, 3.0) * k, slice(q, 3.0) * k),
            Self::Qam64 => Complex32::new(slice(i, 7.0) * k, slice(q, 7.0) * k),
        }
    }
}

/// The odd level that the Gray-coded bits of one axis name.
fn level(bits: &[u8]) -> f32 {
    match *bits {
        [b0] => 2.0 * f32::from(b0) - 1.0,
        [b0, b1] => [[-3.0, -1.0], [3.0, 1.0]][b0 as usize][b1 as usize],
        [b0, b1, b2] => {
            let magnitude = [[7.0, 5.0], [1.0, 3.0]][b1 as usize][b2 as usize];
            if b0 == 1 { magnitude } else { -magnitude }
        }
        _ => unreachable!("an axis carries one to three bits"),
    }
}

/// The odd integer nearest to `x`, no further out than `limit`.
#[inline]
fn slice(x: f32, limit: f32) -> f32 {
    // Adding and subtracting 1.5 * 2^23 rounds to an integer without a call to libm, which
    // `f32::round` is on x86-64 without SSE4.1.
    const ROUND: f32 = 12_582_912.0;
    let half = ((x - 1.0) * 0.5 + ROUND) - ROUND;
    (2.0 * half + 1.0).clamp(-limit, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Modulation; 4] =
        [Modulation::Bpsk, Modulation::Qpsk, Modulation::Qam16, Modulation::Qam64];

    fn points(modulation: Modulation) -> Vec<Complex32> {
        let n = modulation.n_bpsc();
        (0..1u8 << n)
            .map(|word| {
                let bits: Vec<u8> = (0..n).map(|i| word >> i & 1).collect();
                modulation.map(&bits)
            })
            .collect()
    }

    #[test]
    fn mean_power_is_one() {
        for modulation in ALL {
            let points = points(modulation);
            let power: f32 = points.iter().map(Complex32::norm_sqr).sum();
            assert!((power / points.len() as f32 - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn neighbours_differ_in_one_bit() {
        for modulation in ALL {
            let points = points(modulation);
            let reach = (2.1 * modulation.k_mod()).powi(2);
            for (a, p) in points.iter().enumerate() {
                for (b, q) in points.iter().enumerate() {
                    if a != b && (p - q).norm_sqr() < reach {
                        assert_eq!((a ^ b).count_ones(), 1);
                    }
                }
            }
        }
    }

    #[test]
    fn nearest_finds_the_point_and_clamps_outside() {
        for modulation in ALL {
            for p in points(modulation) {
                let nudge = Complex32::new(0.4, -0.4) * modulation.k_mod();
                assert!((modulation.nearest(p + nudge) - p).norm() < 1e-6);
            }
            let far = modulation.nearest(Complex32::new(100.0, 100.0));
            assert!(points(modulation).iter().any(|p| (p - far).norm() < 1e-6));
        }
    }
}
