//! The curves as a figure.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use super::Curve;
use crate::letters::{self, FAMILY};

/// Least packet error rate on the axis.
const FLOOR: f64 = 1e-3;

/// Draws packet error rate (logarithmic) against SNR.
pub fn draw(curves: &[Curve], path: &Path) -> Result<()> {
    letters::register()?;
    let snrs = curves.iter().flat_map(|curve| &curve.points).map(|point| point.snr_db);
    let (least, most) = snrs.fold((f64::MAX, f64::MIN), |(a, b), snr| (a.min(snr), b.max(snr)));
    let root = SVGBackend::new(path, (900, 540)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(least..most.max(least + 1.0), (FLOOR..1.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("SNR in the channel, dB")
        .y_desc("packet error rate")
        .axis_desc_style((FAMILY, 16))
        .label_style((FAMILY, 14))
        .light_line_style(RGBColor(235, 235, 235))
        .draw()?;
    for (i, curve) in curves.iter().enumerate() {
        let colour = Palette99::pick(i).to_rgba();
        let points = curve.points.iter().map(|point| (point.snr_db, point.per.max(FLOOR)));
        chart
            .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?
            .label(match curve.mcs {
                Some(mcs) => format!("MCS {mcs}"),
                None => format!("{} Mbit/s", curve.rate_mbps),
            })
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .label_font((FAMILY, 14))
        .draw()?;
    root.present()?;
    Ok(())
}
