//! Figures as pictures.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::axis::axes;
use super::figure::{Figure, Mark, Panel, Series};
use crate::letters::{self, FAMILY};

/// Pixels of an SVG's width, of its title, and of the height of the first panel and of the others.
const WIDTH: u32 = 980;
const TITLE: u32 = 40;
const PANELS: [u32; 2] = [440, 240];
/// Pixels for the legend, at the right of a panel.
const LEGEND: u32 = 230;
/// A PNG has so many pixels for one of an SVG.
const PNG_SCALE: u32 = 2;
/// The share of a category's width that its columns fill.
const COLUMNS: f64 = 0.8;

type Area<'a, DB> = DrawingArea<DB, Shift>;

/// The figure as SVG.
pub fn svg(title: &str, figure: &Figure) -> Result<String> {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, (WIDTH, height(figure))).into_drawing_area();
    draw(&root, title, figure, 1)?;
    drop(root);
    Ok(text)
}

/// The figure as PNG.
pub fn png(title: &str, figure: &Figure) -> Result<Vec<u8>> {
    let (width, height) = (PNG_SCALE * WIDTH, PNG_SCALE * height(figure));
    let mut pixels = vec![0; 3 * (width * height) as usize];
    let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
    draw(&root, title, figure, PNG_SCALE)?;
    drop(root);
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

fn height(figure: &Figure) -> u32 {
    let below = figure.panels.len().saturating_sub(1) as u32;
    TITLE + PANELS[0] + PANELS[1] * below
}

fn draw<DB: DrawingBackend>(
    root: &Area<'_, DB>,
    title: &str,
    figure: &Figure,
    scale: u32,
) -> Result<()>
where
    DB::ErrorType: 'static,
{
    letters::register()?;
    root.fill(&WHITE)?;
    let (head, mut rest) = root.split_vertically(scale * TITLE);
    let middle = (scale * 16) as i32;
    head.draw_text(title, &(FAMILY, scale * 18).into_text_style(root), (middle, middle))?;
    for (panel, number) in figure.panels.iter().zip(0..) {
        let height = PANELS[usize::from(number > 0)];
        let (area, below) = rest.split_vertically(scale * height);
        draw_panel(&area, panel, scale)?;
        rest = below;
    }
    root.present()?;
    Ok(())
}

/// Told apart by most eyes, and on white paper.
const COLOURS: [RGBColor; 10] = [
    RGBColor(31, 119, 180),
    RGBColor(214, 39, 40),
    RGBColor(44, 160, 44),
    RGBColor(255, 127, 14),
    RGBColor(148, 103, 189),
    RGBColor(140, 86, 75),
    RGBColor(23, 190, 207),
    RGBColor(227, 119, 194),
    RGBColor(127, 127, 127),
    RGBColor(188, 189, 34),
];

fn colour(number: usize) -> RGBColor {
    COLOURS[number % COLOURS.len()]
}

fn draw_panel<DB: DrawingBackend>(area: &Area<'_, DB>, panel: &Panel, scale: u32) -> Result<()>
where
    DB::ErrorType: 'static,
{
    let (area, legend) = area.split_horizontally(scale * (WIDTH - LEGEND));
    let (x, y) = axes(panel);
    let mut chart = ChartBuilder::on(&area)
        .margin(scale * 12)
        .x_label_area_size(scale * 44)
        .y_label_area_size(scale * 64)
        .build_cartesian_2d(x, y)?;
    let number = |y: &f64| format!("{}", (y * 1e9).round() / 1e9);
    let category = |x: &f64| match panel.categories.get(x.round() as usize) {
        Some(name) => name.clone(),
        None => number(x),
    };
    chart
        .configure_mesh()
        .x_desc(&panel.x_label)
        .y_desc(&panel.y_label)
        .axis_desc_style((FAMILY, scale * 15))
        .label_style((FAMILY, scale * 13))
        .x_label_formatter(&category)
        .y_label_formatter(&number)
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(225, 225, 225))
        .draw()?;
    let bars = panel.series.iter().filter(|series| series.mark == Mark::Bars).count();
    for (number, series) in panel.series.iter().enumerate() {
        let colour = colour(number);
        let points = || series.points.iter().map(|point| (point.x, point.y));
        let spread = |x: f64, y: f64, sd: f64| {
            PathElement::new([(x, y - sd), (x, y + sd)], BLACK.stroke_width(scale))
        };
        match series.mark {
            Mark::Line | Mark::Thin => {
                let width = if series.mark == Mark::Line { 3 } else { 1 };
                let style = colour.stroke_width(scale * width);
                chart.draw_series(LineSeries::new(points(), style))?;
            }
            Mark::Dots => {
                let dot = |point| Circle::new(point, scale * 4, colour.filled());
                chart.draw_series(points().map(dot))?;
                chart.draw_series(
                    series.points.iter().filter(|p| p.sd > 0.0).map(|p| spread(p.x, p.y, p.sd)),
                )?;
            }
            Mark::Bars => {
                let width = COLUMNS / bars as f64;
                let left = |x: f64| x - COLUMNS / 2.0 + number as f64 * width;
                chart.draw_series(points().map(|(x, y)| {
                    Rectangle::new([(left(x), 0.0), (left(x) + width, y)], colour.filled())
                }))?;
                chart.draw_series(
                    series.points.iter().map(|p| spread(left(p.x) + width / 2.0, p.y, p.sd)),
                )?;
            }
        }
    }
    draw_legend(&legend, &panel.series, scale)
}

fn draw_legend<DB: DrawingBackend>(area: &Area<'_, DB>, series: &[Series], scale: u32) -> Result<()>
where
    DB::ErrorType: 'static,
{
    let letters = (FAMILY, scale * 13).into_text_style(area);
    for (number, series) in series.iter().enumerate() {
        let colour = colour(number);
        let px = |pixels: i32| pixels * scale as i32;
        let y = px(24 + 20 * number as i32);
        match series.mark {
            Mark::Line => {
                let style = colour.stroke_width(scale * 3);
                area.draw(&PathElement::new([(px(4), y), (px(24), y)], style))?;
            }
            Mark::Thin => {
                let style = colour.stroke_width(scale);
                area.draw(&PathElement::new([(px(4), y), (px(24), y)], style))?;
            }
            Mark::Dots => area.draw(&Circle::new((px(14), y), scale * 4, colour.filled()))?,
            Mark::Bars => {
                let corners = [(px(8), y - px(6)), (px(20), y + px(6))];
                area.draw(&Rectangle::new(corners, colour.filled()))?;
            }
        }
        area.draw_text(&series.name, &letters, (px(30), y - px(6)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure() -> Figure {
        let bars = Panel {
            x_label: "clients".into(),
            y_label: "goodput, Mbit/s".into(),
            categories: vec!["1".into(), "2".into()],
            series: vec![
                Series::with_sd("UDP", Mark::Bars, [(0.0, (30.0, 1.0)), (1.0, (29.0, 0.5))]),
                Series::new("TCP", Mark::Bars, [(0.0, 20.0), (1.0, 21.0)]),
            ],
        };
        let curves = Panel {
            categories: vec![],
            series: vec![
                Series::new("model", Mark::Line, [(6.0, 5.0), (54.0, 30.0)]),
                Series::with_sd("simulated", Mark::Dots, [(6.0, (5.1, 0.2))]),
            ],
            ..bars.clone()
        };
        Figure { panels: vec![bars, curves], ..Figure::default() }
    }

    #[test]
    fn legends_and_categories_are_in_the_svg() {
        let svg = svg("fig: title", &figure()).unwrap();
        for text in ["fig: title", "UDP", "simulated", "goodput, Mbit/s"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_png_has_twice_the_pixels() {
        let png = png("fig", &figure()).unwrap();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!(png[16..20], (PNG_SCALE * WIDTH).to_be_bytes());
        assert_eq!(png[20..24], (PNG_SCALE * (40 + 440 + 240)).to_be_bytes());
    }
}
