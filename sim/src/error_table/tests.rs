use std::path::Path;

use phy80211::{GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

use super::*;

const HEADER: &str = "# a comment\nrates\tbytes\tfrom_bytes\tsnr_db\tper\n";

fn error(lines: &str) -> String {
    ErrorTable::parse(&format!("{HEADER}{lines}")).unwrap_err().to_string()
}

fn snr_db_at(per: f64, table: &ErrorTable, rate: Rate, bytes: f64) -> f64 {
    let lost = |snr_db: f64| 1.0 - table.success(rate, snr_db, bytes);
    let (mut low, mut high) = (-20.0, 60.0);
    while high - low > 1e-4 {
        let middle = (low + high) / 2.0;
        if lost(middle) > per { low = middle } else { high = middle }
    }
    low
}

#[test]
fn both_tables_that_come_along_are_whole() {
    for table in [ErrorTable::measured(), ErrorTable::ideal()] {
        for rate in RateSlot::all() {
            for bytes in [14.0, 1500.0] {
                assert_eq!(table.success(rate, -20.0, bytes), 0.0, "{rate}");
                assert_eq!(table.success(rate, 40.0, bytes), 1.0, "{rate}");
            }
        }
    }
}

#[test]
fn our_receiver_is_near_the_ideal_one() {
    let (ours, ideal) = (ErrorTable::measured(), ErrorTable::ideal());
    // 9 Mbit/s is of another model there.
    for rate in RateSlot::all().filter(|&rate| rate != OfdmRate::Mbps9.into()) {
        let loss_db = snr_db_at(0.1, &ours, rate, 1500.0) - snr_db_at(0.1, &ideal, rate, 1500.0);
        assert!((-1.5..0.5).contains(&loss_db), "{rate}: {loss_db:.2} dB");
    }
}

#[test]
fn short_frames_have_a_curve_of_their_own() {
    let both = format!(
        "{HEADER}6,9,12,18,24,36,48,54,mcs0,mcs1,mcs2,mcs3,mcs4,mcs5,mcs6,mcs7\t100\t0\t1\t0.5\n\
         6,9,12,18,24,36,48,54,mcs0,mcs1,mcs2,mcs3,mcs4,mcs5,mcs6,mcs7\t1000\t400\t1\t0.25\n"
    );
    let table = ErrorTable::parse(&both).expect("all rates are there");
    let success = |bytes| table.success(OfdmRate::Mbps6.into(), 2.0, bytes);
    assert!((success(100.0) - 0.5).abs() < 1e-12);
    assert!((success(399.0) - 0.5f64.powf(3.99)).abs() < 1e-12);
    assert!((success(1000.0) - 0.75).abs() < 1e-12);
}

#[test]
fn errors_name_the_line() {
    let wrong = ErrorTable::parse("rate\tper\n").unwrap_err().to_string();
    assert!(wrong.starts_with("line 1: 'rate\tper' where the columns should be named"), "{wrong}");
    assert_eq!(error("6\t32\t0\t1\n"), "line 3: 4 columns separated by tabs where 5 are needed");
    assert!(error("6,mcs9\t32\t0\t1\t1\n").starts_with("line 3: rate 'mcs9' is not one of"));
    assert_eq!(
        error("6\t32\t0\t1\t1.5\n"),
        "line 3: per is '1.5', which is not a share from 0 to 1"
    );
    assert_eq!(error("6\t32\t0\tinf\t1\n"), "line 3: snr_db is 'inf', which is not a ratio in dB");
    assert_eq!(
        error("6\t32\t0\t1\t1\n6\t32\t0\t1\t0\n"),
        "line 4: the ratios of a rate and length must rise"
    );
    assert_eq!(
        error("6\t32\t0\t1\t1\n6\t64\t0\t2\t1\n"),
        "line 4: another length stands for frames from 0 bytes on, too"
    );
    assert_eq!(error("6\t32\t0\t1\t1\n"), "the table has no curve for rate 9");
}

/// ns-3's own figures, which are not in this repository.
#[test]
fn the_ideal_table_agrees_with_ns_3_within_a_twentieth_of_a_decibel() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/ns3/per_vs_snr.tsv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let table = ErrorTable::ideal();
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |column: usize| cells[column].parse::<f64>().expect("a number");
        let (bytes, snr_db, per) = (number(2), number(3), number(4));
        let rate = ns3_rate(cells[0], cells[1]);
        // Outside of these our table has no points.
        if !(0.005..=0.9).contains(&per) {
            continue;
        }
        let lost_at = |snr_db: f64| 1.0 - table.success(rate, snr_db, bytes);
        let (worse, better) = (lost_at(snr_db - 0.05), lost_at(snr_db + 0.05));
        assert!(
            (better..=worse).contains(&per),
            "{line}: a PER of {per} is not between {better:.5} and {worse:.5}"
        );
        compared += 1;
    }
    assert!(compared > 800, "only {compared} points");
}

fn ns3_rate(mode: &str, width_mhz: &str) -> Rate {
    if let Some(mcs) = mode.strip_prefix("HtMcs") {
        let mcs = Mcs::new(mcs.parse().expect("an index")).expect("one stream");
        let width = if width_mhz == "40" { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
        return HtRate { mcs, width, gi: GuardInterval::Short }.into();
    }
    let mbps = mode.strip_prefix("OfdmRate").and_then(|mode| mode.strip_suffix("Mbps"));
    let mbps = mbps.and_then(|mbps| mbps.parse().ok()).expect("a rate");
    OfdmRate::from_mbps(mbps, phy80211::Bandwidth::Mhz20).expect("a rate of clause 17").into()
}
