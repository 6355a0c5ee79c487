//! A client walks past four APs in two channels: associated with all that it hears, or with one at a
//! time, from which it moves to a stronger one.

use std::time::Duration;

use anyhow::Result;
use sim::scenario::Scenario;

use super::super::Experiment;
use super::super::figure::{Figure, Mark, Panel, Row, Series};
use super::super::lab::{Lab, mean_and_sd};
use super::{NOTE, Times, download};
use crate::host::trial::Measured;

pub const EXPERIMENT: Experiment =
    Experiment { name: "walk", title: "past four APs in two channels, Linux's MPTCP", run };

/// From AP to AP, in metres.
const SPACING: f64 = 50.0;
const APS: usize = 4;
/// In metres a second: a jog.
const SPEED: f64 = 5.0;
/// When the client sets out: the download runs by then.
const SETS_OUT: &str = "4 s";

/// What the client does.
const CLIENTS: [(&str, &str); 2] =
    [("all APs", r#"policy = "primary-backup""#), ("handover", r#"policy = "handover""#)];

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(3, 1);
    let measure = Duration::from_secs_f64(SPACING * (APS - 1) as f64 / SPEED);
    let times = Times { settle: Duration::from_secs(2), measure };
    let scenarios = CLIENTS.map(|(_, policy)| scenario(policy));
    let measured = lab.one_by_one("walk", &scenarios, &seeds, |scenario, seed, ticker| {
        download(scenario, seed, times, ticker)
    })?;
    let (mut rows, mut series) = (vec![], vec![]);
    for ((client, _), runs) in CLIENTS.iter().zip(&measured) {
        let mean =
            |of: &dyn Fn(&Measured) -> f64| mean_and_sd(&runs.iter().map(of).collect::<Vec<_>>());
        let gap = |run: &Measured| 1e3 * run.longest_gap.as_secs_f64();
        let joins = |run: &Measured| run.paths.iter().filter(|path| path.is_join()).count() as f64;
        rows.push(Row::mean(format!("{client}: goodput"), "Mbit/s", mean(&|run| run.goodput_mbps)));
        rows.push(Row::mean(format!("{client}: longest gap"), "ms", mean(&gap)));
        rows.push(Row::mean(format!("{client}: associations"), "", mean(&joins)));
        let course = runs[0].course_mbps.iter().enumerate();
        let points = course.map(|(bin, mbps)| (0.1 * bin as f64, *mbps));
        series.push(Series::new(*client, Mark::Line, points));
    }
    let panel = Panel {
        x_label: "seconds since the download began".into(),
        y_label: "Mbit/s".into(),
        categories: vec![],
        series,
    };
    let notes = vec![
        format!(
            "APs each {SPACING} m, in channels 40 and 44 by turns; {SPEED} m/s from the first to the \
             last; 802.11a, whatever rate brings the most; 5 ms to retune, cycles of 200 ms."
        ),
        "A gap is a time in which the receiving program gets nothing. The curves are of the first \
         seed."
            .into(),
        NOTE.into(),
    ];
    Ok(Figure { panels: vec![panel], rows, notes, seeds })
}

fn scenario(policy: &str) -> Scenario {
    let mut text = String::from("duration = \"1 s\"\n");
    for number in 0..APS {
        let (x, channel) = (SPACING * number as f64, 40 + 4 * (number % 2));
        text.push_str(&format!(
            r#"
[[node]]
name = "ap{number}"
role = "ap"
standard = "802.11a"
bandwidth_mhz = 20
channel = {channel}
rate = "minstrel"
queue = 64
queue_for = "each-receiver"
position_m = [{x}, 0]
[[wire]]
host = "server"
node = "ap{number}"
rate_mbps = 1000
delay = "1 ms"
queue = 1000
"#
        ));
    }
    let end = SPACING * (APS - 1) as f64;
    text.push_str(&format!(
        r#"
[[node]]
name = "client"
role = "multi-station"
standard = "802.11a"
bandwidth_mhz = 20
rate = "minstrel"
position_m = [0, 5]
walk_m = [[{end}, 5]]
speed_m_s = {SPEED}
walk_from = "{SETS_OUT}"
client = {{ {policy} }}
[[udp]]
from = "server"
to = "client"
rate_mbps = 1
"#
    ));
    Scenario::parse(&text).expect("it is right")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scenarios_make_sense() {
        CLIENTS.iter().for_each(|(_, policy)| scenario(policy).check().unwrap());
    }
}
