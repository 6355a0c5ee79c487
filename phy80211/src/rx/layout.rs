//! Where the subcarriers of a kind of symbol are among the bins of its FFT.

use crate::subcarriers::{HT20, HT40, NON_HT, Tones, bin};

/// The bins of one kind of symbol. Bins are worked on all together, so that masks say which of
/// them carry what.
pub(super) struct Layout<const N: usize> {
    pub(super) tones: &'static Tones,
    /// Number of the subcarrier in each bin.
    pub(super) subcarrier: [f32; N],
    /// 1 where there is data, 0 elsewhere.
    pub(super) data: [f32; N],
}

impl<const N: usize> Layout<N> {
    const fn new(tones: &'static Tones) -> Self {
        let mut layout = Self { tones, subcarrier: [0.0; N], data: [0.0; N] };
        let mut i = 0;
        while i < N {
            layout.subcarrier[i] = if i < N / 2 { i as f32 } else { i as f32 - N as f32 };
            i += 1;
        }
        i = 0;
        while i < tones.data.len() {
            layout.data[bin(tones.data[i], N)] = 1.0;
            i += 1;
        }
        layout
    }

    /// Data subcarriers.
    pub(super) fn n_sd(&self) -> f32 {
        self.tones.data.len() as f32
    }

    /// Bins of the pilots.
    pub(super) fn pilots(&self) -> impl Iterator<Item = usize> {
        self.tones.pilots.iter().map(|&subcarrier| bin(subcarrier, N))
    }

    /// The values of the data subcarriers, in their order, among those of all bins.
    pub(super) fn data_of<T: Copy>(&self, bins: &[T; N]) -> impl Iterator<Item = T> {
        self.tones.data.iter().map(|&subcarrier| bins[bin(subcarrier, N)])
    }
}

/// SIGNAL, HT-SIG, non-HT data.
pub(super) static NON_HT_LAYOUT: Layout<64> = Layout::new(&NON_HT);
/// HT data, 20 MHz wide.
pub(super) static HT20_LAYOUT: Layout<64> = Layout::new(&HT20);
/// HT data, 40 MHz wide.
pub(super) static HT40_LAYOUT: Layout<128> = Layout::new(&HT40);
