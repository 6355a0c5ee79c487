//! The frame error table of our own receiver, in the form that the simulator reads
//! (docs/medium.md): every rate at three lengths, each from the ratio at which nothing comes
//! through to that at which nothing is lost.

use std::fmt::Write as _;

use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};
use rayon::prelude::*;

use super::measure::{Point, Setup, measure};

/// Lengths of the PSDU, and from which length on frames are judged by them: the geometric mean
/// with the next shorter one.
const LENGTHS: [(usize, usize); 3] = [(32, 0), (500, 126), (1500, 866)];
/// Where the search begins, below the preamble detector's reach.
const FROM_DB: f64 = -6.0;
/// Where it ends in channels that lose frames without any noise.
const TO_DB: f64 = 60.0;
const STEP_DB: f64 = 0.5;
/// Frames that tell whether any comes through.
const PROBE: usize = 50;
/// Steps before the first probe that came through at which the curve begins.
const LEAD: f64 = 3.0;

/// Measures all rates; `setup` says everything but bandwidth and length.
pub fn measured(setup: &Setup) -> String {
    let curves: Vec<(Rate, usize, usize)> =
        all_rates().flat_map(|rate| LENGTHS.map(|(len, least)| (rate, len, least))).collect();
    let measured: Vec<Vec<Point>> = curves
        .par_iter()
        .map(|&(rate, len, _)| {
            waterfall(&Setup { bandwidth: bandwidth(rate), len: (len, len), ..*setup }, rate)
        })
        .collect();
    let mut text = format!(
        "# Frame errors of this receiver in white noise: ackride per --table FILE --frames {} --seed {}\n\
         rates\tbytes\tfrom_bytes\tsnr_db\tper\n",
        setup.frames, setup.seed
    );
    for (&(rate, len, least), points) in curves.iter().zip(&measured) {
        for point in points {
            let (name, snr_db, per) = (name(rate), point.snr_db, point.per);
            writeln!(text, "{name}\t{len}\t{least}\t{snr_db}\t{per}").expect("strings take all");
        }
    }
    text
}

/// From the last point of no success to the first of two without loss, if there are such.
fn waterfall(setup: &Setup, rate: Rate) -> Vec<Point> {
    let probe = Setup { frames: PROBE.min(setup.frames), ..*setup };
    let steps = || {
        let all = (0..).map(|i| FROM_DB + f64::from(i) * STEP_DB);
        all.take_while(|&snr_db| snr_db <= TO_DB)
    };
    let first = steps().find(|&snr_db| measure(&probe, rate, snr_db).per < 1.0);
    let start = first.unwrap_or(TO_DB) - LEAD * STEP_DB;
    let mut points: Vec<Point> = Vec::new();
    for snr_db in steps().skip_while(|&snr_db| snr_db < start) {
        points.push(measure(setup, rate, snr_db));
        if let [.., a, b] = &points[..]
            && a.lost + b.lost == 0
        {
            points.pop();
            break;
        }
    }
    let hopeless = points.iter().take_while(|point| point.per == 1.0).count();
    points.split_off(hopeless.saturating_sub(1))
}

fn all_rates() -> impl Iterator<Item = Rate> {
    let ht = [HtWidth::Mhz20, HtWidth::Mhz40].into_iter().flat_map(|width| {
        Mcs::ALL.map(|mcs| Rate::Ht(HtRate { mcs, width, gi: GuardInterval::Long }))
    });
    OfdmRate::ALL.into_iter().map(Rate::NonHt).chain(ht)
}

fn bandwidth(rate: Rate) -> Bandwidth {
    match rate {
        Rate::Ht(HtRate { width: HtWidth::Mhz40, .. }) => Bandwidth::Mhz40,
        _ => Bandwidth::Mhz20,
    }
}

/// As the table names rates: `54`, `mcs7/20`, `mcs7/40`.
fn name(rate: Rate) -> String {
    match rate {
        Rate::NonHt(rate) => rate.mbps(Bandwidth::Mhz20).to_string(),
        Rate::Ht(ht) => format!("mcs{}/{}", ht.mcs.index(), bandwidth(rate).mhz()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_from_no_success_to_no_loss() {
        let setup = Setup {
            bandwidth: Bandwidth::Mhz20,
            frames: 30,
            len: (100, 100),
            cfo_hz: 0.0,
            clock_ppm: 0.0,
            multipath_rms_ns: None,
            seed: 1,
        };
        let points = waterfall(&setup, OfdmRate::Mbps54.into());
        let pers: Vec<f64> = points.iter().map(|point| point.per).collect();
        assert_eq!((pers[0], pers[pers.len() - 1]), (1.0, 0.0), "{pers:?}");
        assert!(pers.len() > 4 && pers[1] < 1.0, "{pers:?}");
    }

    #[test]
    fn rates_are_named_with_their_width() {
        let names: Vec<String> = all_rates().map(name).collect();
        assert_eq!((names.len(), &names[0][..], &names[7][..]), (24, "6", "54"));
        assert_eq!((&names[8][..], &names[23][..]), ("mcs0/20", "mcs7/40"));
    }
}
