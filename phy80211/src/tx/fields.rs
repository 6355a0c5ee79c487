//! The training fields: non-HT preamble (17.3.3, Figure 17-4), HT-STF and HT-LTF (19.3.9.4).

use num_complex::Complex32;

use super::placement::{Copies, Placement, whole};
use super::symbol::{Segment, SymbolShaper, Window};
use crate::subcarriers::{HT20, HT40, NON_HT, Tones, bin};
use crate::training::{SHORT, rotation, training_at};
use crate::{Bandwidth, HtWidth};

/// The training fields in time, for one placement.
struct Training {
    placement: Placement,
    non_ht: Segment,
    /// HT-STF and HT-LTF of a PPDU 20 MHz wide.
    ht20: Segment,
}

/// The training fields for every placement that the bandwidth has.
pub(super) struct Preambles {
    trainings: Vec<Training>,
    /// HT-STF and HT-LTF of a PPDU 40 MHz wide.
    ht40: Option<Segment>,
}

impl Preambles {
    pub(super) fn new(bandwidth: Bandwidth, shaper: &mut SymbolShaper) -> Self {
        let placements: &[Placement] = match bandwidth {
            Bandwidth::Mhz40 => &[Placement::Whole, Placement::Lower, Placement::Upper],
            _ => &[Placement::Whole],
        };
        let trainings = placements.iter().map(|&placement| {
            let copies = placement.halves(bandwidth);
            let short = short(shaper, copies);
            Training {
                placement,
                non_ht: non_ht(&short, &long(shaper, &NON_HT, copies)),
                ht20: ht(&short, &long(shaper, &HT20, copies)),
            }
        });
        let trainings = trainings.collect();
        let ht40 = (bandwidth == Bandwidth::Mhz40).then(|| {
            let short = short(shaper, Placement::Whole.halves(bandwidth));
            ht(&short, &long(shaper, &HT40, whole()))
        });
        Self { trainings, ht40 }
    }

    fn training(&self, placement: Placement) -> &Training {
        let mut trainings = self.trainings.iter();
        trainings.find(|training| training.placement == placement).expect("checked before")
    }

    /// The short training field and the long one.
    pub(super) fn append_non_ht(&self, placement: Placement, out: &mut Window<'_>) {
        out.append(&self.training(placement).non_ht);
    }

    /// HT-STF and the one HT-LTF of one stream.
    pub(super) fn append_ht(&self, width: HtWidth, placement: Placement, out: &mut Window<'_>) {
        out.append(match width {
            HtWidth::Mhz20 => &self.training(placement).ht20,
            HtWidth::Mhz40 => self.ht40.as_ref().expect("checked before"),
        });
    }
}

/// The short training field of two and a half periods, then a double guard interval and the long
/// training symbol twice.
fn non_ht(short: &[Complex32], long: &[Complex32]) -> Segment {
    let half = short.len() / 2;
    Segment::joined([
        (&[short, short, &short[..half]].concat(), short[half]),
        (&[&long[half..], long, long].concat(), long[0]),
    ])
}

/// HT-STF of one and a quarter periods, and an HT-LTF.
fn ht(short: &[Complex32], long: &[Complex32]) -> Segment {
    let quarter = short.len() / 4;
    Segment::joined([
        (&[short, &short[..quarter]].concat(), short[quarter]),
        (&[&long[3 * quarter..], long].concat(), long[0]),
    ])
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
