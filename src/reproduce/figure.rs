//! What an experiment comes to: curves or bars, and the paper's numbers beside ours.

use serde::Serialize;

/// A figure or table of the paper, as we have it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figure {
    /// Drawn one below the other.
    pub panels: Vec<Panel>,
    /// Numbers, with the paper's where it has one.
    pub rows: Vec<Row>,
    /// How it was measured, what was assumed, and why numbers differ.
    pub notes: Vec<String>,
    /// What random numbers came from; none if nothing is random.
    pub seeds: Vec<u64>,
}

/// One pair of axes.
#[derive(Debug, Clone, Serialize)]
pub struct Panel {
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// Names of x = 0, 1, 2, ...; empty if x is a number.
    pub categories: Vec<String>,
    /// What is drawn, in the legend's order.
    pub series: Vec<Series>,
}

/// Points that belong together.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// How they are drawn.
    pub mark: Mark,
    /// In the order of x.
    pub points: Vec<Point>,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// A thick line.
    Line,
    /// A thin one.
    Thin,
    /// Circles.
    Dots,
    /// Columns, beside those of the other series.
    Bars,
}

/// A mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    /// Standard deviation over the seeds; 0 if nothing is random.
    pub sd: f64,
}

/// A number of ours, and the paper's.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub what: String,
    pub unit: &'static str,
    pub paper: Option<Published>,
    pub ours: f64,
    /// Standard deviation over the seeds, if there are some.
    pub sd: Option<f64>,
}

/// A number that the paper has, or the range that it tells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Published {
    pub least: f64,
    pub most: f64,
}

impl From<f64> for Published {
    fn from(number: f64) -> Self {
        Self { least: number, most: number }
    }
}

impl From<[f64; 2]> for Published {
    fn from([least, most]: [f64; 2]) -> Self {
        Self { least, most }
    }
}

impl Published {
    /// By how much a number is beyond the range; 0 within.
    pub fn excess(&self, ours: f64) -> f64 {
        ours - ours.clamp(self.least, self.most)
    }

    /// The end of the range that a number is nearest to.
    fn nearest(&self, ours: f64) -> f64 {
        if ours < self.least { self.least } else { self.most }
    }
}

impl Row {
    /// A number that nothing random is in.
    pub fn exact(what: impl Into<String>, unit: &'static str, ours: f64) -> Self {
        Self { what: what.into(), unit, paper: None, ours, sd: None }
    }

    /// A mean over seeds.
    pub fn mean(what: impl Into<String>, unit: &'static str, (mean, sd): (f64, f64)) -> Self {
        Self { sd: Some(sd), ..Self::exact(what, unit, mean) }
    }

    /// With what the paper has.
    pub fn paper(self, paper: impl Into<Published>) -> Self {
        Self { paper: Some(paper.into()), ..self }
    }

    /// With what the paper has, if it has it.
    pub fn paper_or_none<P: Into<Published>>(self, paper: Option<P>) -> Self {
        Self { paper: paper.map(Into::into), ..self }
    }

    /// By how much we differ: of percentages in points, of other numbers in percent.
    pub fn deviation(&self) -> Option<String> {
        let paper = self.paper?;
        let excess = paper.excess(self.ours);
        Some(match self.unit {
            "%" => format!("{excess:+.1} points"),
            _ if paper.nearest(self.ours) == 0.0 => format!("{excess:+}"),
            _ => format!("{:+.1} %", 100.0 * excess / paper.nearest(self.ours)),
        })
    }
}

impl Series {
    /// Points of a function, or of means without their deviations.
    pub fn new(
        name: impl Into<String>,
        mark: Mark,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        Self::with_sd(name, mark, points.into_iter().map(|(x, y)| (x, (y, 0.0))))
    }

    /// Means with their standard deviations.
    pub fn with_sd(
        name: impl Into<String>,
        mark: Mark,
        points: impl IntoIterator<Item = (f64, (f64, f64))>,
    ) -> Self {
        let points = points.into_iter().map(|(x, (y, sd))| Point { x, y, sd });
        Self { name: name.into(), mark, points: points.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_differ_by_points_and_the_rest_by_percent() {
        let row = Row::exact("gain", "%", 30.5).paper([12.0, 14.0]);
        assert_eq!(row.deviation().unwrap(), "+16.5 points");
        let row = Row::exact("goodput", "Mbit/s", 19.0).paper(20.0);
        assert_eq!(row.deviation().unwrap(), "-5.0 %");
        assert_eq!(Row::exact("goodput", "Mbit/s", 19.0).deviation(), None);
        assert_eq!(Row::exact("failures", "", 2.0).paper(0.0).deviation().unwrap(), "+2");
    }

    #[test]
    fn within_a_range_nothing_differs() {
        let row = Row::exact("retries", "%", 13.0).paper([12.0, 14.0]);
        assert_eq!(row.deviation().unwrap(), "+0.0 points");
    }
}
