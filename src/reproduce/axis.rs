//! Axes: how far they go, and where their marks are.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::figure::Panel;

/// About so many marks on an axis of numbers.
const MARKS: f64 = 10.0;

/// A linear axis with marks at places of its own.
#[derive(Debug, Clone)]
pub struct Axis {
    range: Range<f64>,
    marks: Vec<f64>,
}

impl Axis {
    fn of_numbers(range: Range<f64>) -> Self {
        Self { marks: round_numbers(&range), range }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        first + (share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.marks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Both axes of a panel. Nought is on the vertical one.
pub fn axes(panel: &Panel) -> (Axis, Axis) {
    let points = || panel.series.iter().flat_map(|series| &series.points);
    let (bottom, top) = extent(points().flat_map(|point| [point.y - point.sd, point.y + point.sd]));
    let (bottom, top) = (bottom.min(0.0), top.max(0.0));
    let room = 0.06 * (top - bottom).max(1e-9);
    let y = Axis::of_numbers((if bottom < 0.0 { bottom - room } else { 0.0 })..top + room);
    let count = panel.categories.len();
    if count > 0 {
        let marks = (0..count).map(|number| number as f64).collect();
        return (Axis { range: -0.5..count as f64 - 0.5, marks }, y);
    }
    let (left, right) = extent(points().map(|point| point.x));
    let margin = 0.03 * (right - left).max(1.0);
    (Axis::of_numbers(left - margin..right + margin), y)
}

/// The least and the most; nought if there is nothing.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .map(|value| (value, value))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or_default()
}

/// Some ten numbers that are easily read.
fn round_numbers(range: &Range<f64>) -> Vec<f64> {
    let rough = (range.end - range.start) / MARKS;
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = steps.into_iter().find(|&step| step >= rough).unwrap_or(rough);
    let first = (range.start / step).ceil() as i64;
    let numbers = (first..).map(|number| number as f64 * step);
    numbers.take_while(|&number| number <= range.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_some_ten_round_numbers() {
        assert_eq!(round_numbers(&(-0.3..27.2)), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        assert!((5..=11).contains(&round_numbers(&(15.0..600.0)).len()));
    }

    #[test]
    fn ends_of_the_range_are_ends_of_the_axis() {
        let axis = Axis::of_numbers(10.0..20.0);
        assert_eq!([10.0, 15.0, 20.0].map(|value| axis.map(&value, (100, 300))), [100, 200, 300]);
    }
}
