//! Tables for people (Markdown) and for spreadsheets (CSV).

use std::fmt::Write;

use super::Done;
use super::figure::{Figure, Row};

/// The numbers and how they came about.
pub fn markdown(done: &Done) -> String {
    let mut text = format!("## {}: {}\n\n", done.name, done.title);
    text.push_str(&table(&done.figure.rows));
    text.push('\n');
    for note in &done.figure.notes {
        writeln!(text, "- {note}").expect("strings grow");
    }
    let seeds = &done.figure.seeds;
    match (seeds.first(), seeds.last()) {
        (Some(first), Some(last)) if first != last => {
            writeln!(text, "- Seeds {first} to {last}; ± is the standard deviation over them.")
        }
        (Some(only), _) => writeln!(text, "- Seed {only} alone."),
        _ => writeln!(text, "- Nothing in it is random."),
    }
    .expect("strings grow");
    text
}

/// The rows, with columns wide enough for all.
fn table(rows: &[Row]) -> String {
    let mut cells = vec![["", "paper", "ours", "±", "deviation"].map(str::to_owned)];
    cells.extend(rows.iter().map(row_cells));
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max();
    let widths = [0, 1, 2, 3, 4].map(|column| width(column).unwrap_or(0).max(2));
    let mut text = String::new();
    for (number, row) in cells.iter().enumerate() {
        let [w0, w1, w2, w3, w4] = widths;
        let [what, paper, ours, sd, deviation] = row;
        writeln!(
            text,
            "| {what:<w0$} | {paper:>w1$} | {ours:>w2$} | {sd:>w3$} | {deviation:>w4$} |"
        )
        .expect("strings grow");
        if number == 0 {
            let rule = widths.map(|width| "-".repeat(width));
            writeln!(
                text,
                "| {} | {}: | {}: | {}: | {}: |",
                rule[0],
                &rule[1][1..],
                &rule[2][1..],
                &rule[3][1..],
                &rule[4][1..]
            )
            .expect("strings grow");
        }
    }
    text
}

fn row_cells(row: &Row) -> [String; 5] {
    let paper = row.paper.map(|paper| match paper.least == paper.most {
        true => number(paper.least),
        false => format!("{} to {}", number(paper.least), number(paper.most)),
    });
    let what =
        if row.unit.is_empty() { row.what.clone() } else { format!("{}, {}", row.what, row.unit) };
    [
        what,
        paper.unwrap_or_default(),
        number(row.ours),
        row.sd.map(|sd| format!("{sd:.2}")).unwrap_or_default(),
        row.deviation().unwrap_or_default(),
    ]
}

/// As many digits as there is sense in.
fn number(value: f64) -> String {
    match value {
        _ if value.fract() == 0.0 => format!("{value}"),
        _ if value.abs() < 100.0 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    }
}

/// All points of all panels, a line each.
pub fn csv(figure: &Figure) -> String {
    let mut csv = String::from("panel,series,x,category,y,sd\n");
    for panel in &figure.panels {
        for series in &panel.series {
            for point in &series.points {
                let category = panel.categories.get(point.x as usize).map_or("", String::as_str);
                writeln!(
                    csv,
                    "{},{},{},{},{},{}",
                    quoted(&panel.y_label),
                    quoted(&series.name),
                    point.x,
                    quoted(category),
                    point.y,
                    point.sd,
                )
                .expect("strings grow");
            }
        }
    }
    csv
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [Row::mean("UDP", "Mbit/s", (29.93, 0.04)).paper(30.2)];
        let expected = "| UDP, Mbit/s | paper |  ours |    ± | deviation |";
        let table = table(&rows);
        let lengths: Vec<usize> = table.lines().map(|line| line.chars().count()).collect();
        assert!(lengths.iter().all(|&length| length == expected.chars().count()));
        assert!(table.contains("| UDP, Mbit/s | 30.20 | 29.93 | 0.04 |    -0.9 % |"), "{table}");
    }

    #[test]
    fn commas_in_names_are_quoted() {
        assert_eq!(quoted("HACK, more data"), "\"HACK, more data\"");
        assert_eq!(quoted("UDP"), "UDP");
    }
}
