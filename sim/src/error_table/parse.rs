//! The text of a table: a line a point, columns separated by tabs.

use std::collections::BTreeMap;

use thiserror::Error;

use super::ErrorTable;
use super::curve::{Point, SizedCurve};
use super::rate_slot::{RateSlot, names};

const COLUMNS: [&str; 5] = ["rates", "bytes", "from_bytes", "snr_db", "per"];

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TableError {
    /// The first line that is no comment does not name the columns.
    #[error("line {line}: '{found}' where the columns should be named: {}", COLUMNS.join(", "))]
    Header {
        /// Where, counted from one.
        line: usize,
        /// What is there.
        found: String,
    },
    /// A line has too few or too many columns.
    #[error("line {line}: {found} columns separated by tabs where {} are needed", COLUMNS.len())]
    Columns {
        /// Where.
        line: usize,
        /// Columns that it has.
        found: usize,
    },
    /// A rate is not known.
    #[error(
        "line {line}: rate '{name}' is not one of 6, 9, 12, 18, 24, 36, 48, 54, mcs0 to mcs7, \
         mcs0/20 to mcs7/40"
    )]
    Rate {
        /// Where.
        line: usize,
        /// What it is called.
        name: String,
    },
    /// A column holds no number, or none that can be.
    #[error("line {line}: {column} is '{found}', which is not {expected}")]
    Number {
        /// Where.
        line: usize,
        /// The column's name.
        column: &'static str,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A curve turns back.
    #[error("line {line}: the ratios of a rate and length must rise")]
    Order {
        /// Where.
        line: usize,
    },
    /// Two curves are for the same lengths.
    #[error("line {line}: another length stands for frames from {from_bytes} bytes on, too")]
    TwoLengths {
        /// Where.
        line: usize,
        /// From which length on.
        from_bytes: u32,
    },
    /// A rate does not occur.
    #[error("the table has no curve for rate {rate}")]
    Missing {
        /// Its name.
        rate: String,
    },
}

/// The columns of a line.
struct Row<'a> {
    line: usize,
    cells: [&'a str; COLUMNS.len()],
}

impl Row<'_> {
    fn number<T>(
        &self,
        column: usize,
        fits: fn(&T) -> bool,
        expected: &'static str,
    ) -> Result<T, TableError>
    where
        T: std::str::FromStr,
    {
        let found = self.cells[column];
        found.parse().ok().filter(fits).ok_or_else(|| TableError::Number {
            line: self.line,
            column: COLUMNS[column],
            found: found.to_owned(),
            expected,
        })
    }

    fn rates(&self) -> Result<Vec<RateSlot>, TableError> {
        let mut slots = Vec::new();
        for name in self.cells[0].split(',').map(str::trim) {
            let named = RateSlot::named(name);
            if named.is_empty() {
                return Err(TableError::Rate { line: self.line, name: name.to_owned() });
            }
            slots.extend(named);
        }
        Ok(slots)
    }
}

pub(super) fn table(text: &str) -> Result<ErrorTable, TableError> {
    let mut curves: BTreeMap<(RateSlot, u32), SizedCurve> = BTreeMap::new();
    for row in rows(text)? {
        let row = row?;
        let line = row.line;
        let slots = row.rates()?;
        let bytes: u32 = row.number(1, |&bytes| bytes > 0, "a number of bytes")?;
        let from_bytes: u32 = row.number(2, |_| true, "a number of bytes")?;
        let snr_db: f64 = row.number(3, |snr_db: &f64| snr_db.is_finite(), "a ratio in dB")?;
        let per: f64 = row.number(4, |per| (0.0..=1.0).contains(per), "a share from 0 to 1")?;
        for slot in slots {
            let curve = curves.entry((slot, from_bytes)).or_insert_with(|| SizedCurve {
                bytes: bytes.into(),
                from_bytes: from_bytes.into(),
                points: Vec::new(),
            });
            if curve.bytes != f64::from(bytes) {
                return Err(TableError::TwoLengths { line, from_bytes });
            }
            if curve.points.last().is_some_and(|last| last.snr_db >= snr_db) {
                return Err(TableError::Order { line });
            }
            curve.points.push(Point::new(snr_db, per));
        }
    }
    let mut table = ErrorTable { curves: Default::default() };
    for ((slot, _), curve) in curves {
        table.curves[slot.index()].push(curve);
    }
    let is_missing = |slot: RateSlot| table.curves[slot.index()].is_empty();
    match RateSlot::all().find(|&rate| is_missing(RateSlot::of(rate))) {
        Some(rate) => Err(TableError::Missing { rate: names(rate).1 }),
        None => Ok(table),
    }
}

/// The lines after that with the columns' names, without comments and empty ones.
fn rows(text: &str) -> Result<impl Iterator<Item = Result<Row<'_>, TableError>>, TableError> {
    let lines = text.lines().enumerate().map(|(i, text)| (i + 1, text));
    let mut lines = lines.filter(|(_, text)| !text.starts_with('#') && !text.trim().is_empty());
    let (line, header) = lines.next().unwrap_or((1, ""));
    if !header.split('\t').eq(COLUMNS) {
        return Err(TableError::Header { line, found: header.to_owned() });
    }
    Ok(lines.map(|(line, text)| {
        let cells: Vec<&str> = text.split('\t').collect();
        let found = cells.len();
        let cells = cells.try_into().map_err(|_| TableError::Columns { line, found })?;
        Ok(Row { line, cells })
    }))
}
