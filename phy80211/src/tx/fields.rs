//! The training fields: non-HT preamble (17.3.3, Figure 17-4), HT-STF and HT-LTF (19.3.9.4).

use num_complex::Complex32;

use super::placement::{Copies, Placement, whole};
use super::symbol::{SymbolShaper, Window};
use crate::subcarriers::{HT20, HT40, NON_HT, Tones, bin};
use crate::training::{SHORT, rotation, training_at};
use crate::{Bandwidth, HtWidth};

/// One period of each training symbol, for one placement.
struct Training {
    placement: Placement,
    short: Vec<Complex32>,
    long: Vec<Complex32>,
    /// HT-LTF of a PPDU 20 MHz wide.
    ht_long: Vec<Complex32>,
}

/// The training symbols in time, for every placement that the bandwidth has.
pub(super) struct Preambles {
    trainings: Vec<Training>,
    /// HT-LTF of a PPDU 40 MHz wide.
    ht40_long: Vec<Complex32>,
    /// Samples of the short training field and of a long symbol's guard interval.
    short_field: usize,
    guard: usize,
}

impl Preambles {
    pub(super) fn new(bandwidth: Bandwidth, shaper: &mut SymbolShaper) -> Self {
        let placements: &[Placement] = match bandwidth {
            Bandwidth::Mhz40 => &[Placement::Whole, Placement::Lower, Placement::Upper],
            _ => &[Placement::Whole],
        };
        let ht40_long = match bandwidth {
            Bandwidth::Mhz40 => long(shaper, &HT40, whole()),
            _ => Vec::new(),
        };
        let trainings = placements.iter().map(|&placement| {
            let copies = placement.halves(bandwidth);
            Training {
                placement,
                short: short(shaper, copies),
                long: long(shaper, &NON_HT, copies),
                ht_long: long(shaper, &HT20, copies),
            }
        });
        Self {
            trainings: trainings.collect(),
            ht40_long,
            short_field: 160 * bandwidth.oversampling(),
            guard: 16 * bandwidth.oversampling(),
        }
    }

    fn training(&self, placement: Placement) -> &Training {
        let mut trainings = self.trainings.iter();
        trainings.find(|training| training.placement == placement).expect("checked before")
    }

    /// The short training field, then a double guard interval and the long training symbol
    /// twice.
    pub(super) fn append_non_ht(&self, placement: Placement, out: &mut Window<'_>) {
        let Training { short, long, .. } = self.training(placement);
        self.append_short(short, self.short_field, out);
        let guard = &long[long.len() / 2..];
        out.append(guard.iter().chain(long).chain(long).copied(), long[0]);
    }

    /// HT-STF and the one HT-LTF of one stream.
    pub(super) fn append_ht(&self, width: HtWidth, placement: Placement, out: &mut Window<'_>) {
        let training = self.training(placement);
        self.append_short(&training.short, self.short_field / 2, out);
        let long = match width {
            HtWidth::Mhz20 => &training.ht_long,
            HtWidth::Mhz40 => &self.ht40_long,
        };
        let guard = &long[long.len() - self.guard..];
        out.append(guard.iter().chain(long).copied(), long[0]);
    }

    fn append_short(&self, short: &[Complex32], samples: usize, out: &mut Window<'_>) {
        out.append(short.iter().cycle().take(samples).copied(), short[samples % short.len()]);
    }
}

fn short(shaper: &mut SymbolShaper, copies: Copies) -> Vec<Complex32> {
    let occupied = SHORT.len() * copies.count();
    shaper.in_time(occupied, |bins| {
        for copy in copies.iter() {
            for (subcarrier, sign) in SHORT {
                let value = Complex32::new(sign, sign) * std::f32::consts::FRAC_1_SQRT_2;
                bins[bin(subcarrier + copy.shift, bins.len())] = value * copy.phase;
            }
        }
    })
}

fn long(shaper: &mut SymbolShaper, tones: &Tones, copies: Copies) -> Vec<Complex32> {
    let occupied = tones.occupied.len() * copies.count();
    shaper.in_time(occupied, |bins| {
        for copy in copies.iter() {
            for &subcarrier in tones.occupied {
                let value = rotation(tones, subcarrier) * training_at(tones, subcarrier);
                bins[bin(subcarrier + copy.shift, bins.len())] = value * copy.phase;
            }
        }
    })
}
