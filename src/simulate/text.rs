//! What came of a scenario, for people.

use std::io::Write;

use anyhow::Result;

use super::report::Report;

/// Prints the means over all seeds.
pub fn print(name: &str, report: &Report<'_>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let percent = |share: Option<f64>| match share {
        Some(share) => format!("{:.1} %", 100.0 * share),
        None => "-".to_owned(),
    };
    let measured: f64 = report.runs.iter().map(|run| run.measured_s).sum();
    let seeds = report.seeds.len();
    writeln!(out, "{name}: {seeds} seeds, {:.1} s each", measured / seeds as f64)?;
    let (goodput, sd) = (report.goodput_mbps, report.goodput_sd);
    writeln!(out, "goodput            {goodput:8.2} +- {sd:.2} Mbit/s")?;
    for flow in &report.flows {
        let path = format!("{} to {}", flow.from, flow.to);
        writeln!(out, "  {path:<20} {:8.2} +- {:.2}", flow.goodput_mbps, flow.goodput_sd)?;
    }
    writeln!(out, "MPDUs retried      {:>10}", percent(report.retry_fraction))?;
    if let Some(mpdus) = report.mpdus_per_ampdu {
        writeln!(out, "MPDUs a data PPDU  {mpdus:8.1}")?;
    }
    let airtime = &report.airtime;
    writeln!(
        out,
        "air                data {}, control {}, management {}, collisions {}, idle {}",
        percent(Some(airtime.data)),
        percent(Some(airtime.control)),
        percent(Some(airtime.management)),
        percent(Some(airtime.collisions)),
        percent(Some(airtime.idle)),
    )?;
    if let Some(hack) = &report.hack {
        hack.print(&mut out)?;
    }
    writeln!(out, "node          data PPDU/s  unanswered/s  retried     lost  queue mean  max")?;
    for node in &report.nodes {
        writeln!(
            out,
            "{:<14}{:>11.1}{:>14.1}{:>9}{:>9}{:>12.1}{:>5}",
            node.name,
            node.data_ppdus_per_s,
            node.data_ppdus_unanswered_per_s,
            percent(node.retry_fraction),
            percent(node.loss_fraction),
            node.queue_mean,
            node.queue_max,
        )?;
    }
    writeln!(out, "{:.4} s of a core for a simulated second", report.cpu_s_per_sim_s)?;
    Ok(())
}
