//! The bins of a symbol's FFT, real and imaginary parts apart, so that the compiler works on
//! several at once. N is the length of the FFT: 64, or 128 at 40 MHz.

use num_complex::Complex32;

/// All bins in the order of the FFT, subcarrier 0 first.
#[derive(Debug, Clone)]
pub(super) struct Spectrum<const N: usize> {
    pub(super) re: [f32; N],
    pub(super) im: [f32; N],
}

impl<const N: usize> Spectrum<N> {
    pub(super) const ZERO: Self = Self { re: [0.0; N], im: [0.0; N] };

    /// From interleaved bins.
    pub(super) fn from_bins(bins: &[Complex32; N]) -> Self {
        let (mut re, mut im) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            (re[i], im[i]) = (bins[i].re, bins[i].im);
        }
        Self { re, im }
    }

    /// The value of a bin.
    pub(super) fn at(&self, bin: usize) -> Complex32 {
        Complex32::new(self.re[bin], self.im[bin])
    }

    /// Sets the value of a bin.
    pub(super) fn set(&mut self, bin: usize, value: Complex32) {
        (self.re[bin], self.im[bin]) = (value.re, value.im);
    }

    /// All bins times the same phasor.
    pub(super) fn turned(&self, turn: Complex32) -> Self {
        let mut product = Self::ZERO;
        for i in 0..N {
            product.re[i] = self.re[i] * turn.re - self.im[i] * turn.im;
            product.im[i] = self.re[i] * turn.im + self.im[i] * turn.re;
        }
        product
    }
}
