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
}

/// One of the two axes of a constellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    Real,
    Imaginary,
}

/// Decides one axis of a constellation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slicer {
    k_mod: f32,
    per_level: f32,
    outermost: f32,
}

impl Slicer {
    /// For the real or the imaginary parts of points.
    #[inline]
    pub(crate) fn new(modulation: Modulation, axis: Axis) -> Self {
        let k_mod = modulation.k_mod();
        let outermost = match (modulation, axis) {
            (Modulation::Bpsk, Axis::Imaginary) => 0.0,
            (Modulation::Bpsk | Modulation::Qpsk, _) => 1.0,
            (Modulation::Qam16, _) => 3.0,
            (Modulation::Qam64, _) => 7.0,
        };
        Self { k_mod, per_level: 1.0 / k_mod, outermost }
    }

    /// The level nearest to `part`, at unit mean power.
    #[inline(always)]
    pub(crate) fn nearest(self, part: f32) -> f32 {
        slice(part * self.per_level, self.outermost) * self.k_mod
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
#[inline(always)]
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
    fn the_nearest_level_is_found_and_none_is_beyond_the_outermost() {
        let nearest = |modulation: Modulation, z: Complex32| {
            let slicer = |axis| Slicer::new(modulation, axis);
            Complex32::new(slicer(Axis::Real).nearest(z.re), slicer(Axis::Imaginary).nearest(z.im))
        };
        for modulation in ALL {
            for p in points(modulation) {
                let nudge = Complex32::new(0.4, -0.4) * modulation.k_mod();
                assert!((nearest(modulation, p + nudge) - p).norm() < 1e-6);
            }
            let far = nearest(modulation, Complex32::new(100.0, 100.0));
            assert!(points(modulation).iter().any(|p| (p - far).norm() < 1e-6));
        }
    }
}
