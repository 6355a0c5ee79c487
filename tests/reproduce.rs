//! `ackride reproduce` from end to end.

mod common;

use std::fs;
use std::path::Path;

use common::{ackride, stdout};
use serde_json::Value;

/// Runs experiments and gives what they print as JSON.
fn reproduce(name: &str, folder: &Path, more: &[&str]) -> Vec<Value> {
    let out = folder.to_str().expect("the path is text");
    let args = ["reproduce", name, "--quick", "--seeds", "1", "--json", "--out", out];
    let text = stdout(args.iter().chain(more));
    serde_json::from_str(&text).expect("JSON")
}

/// The row of that name.
fn row<'a>(done: &'a Value, what: &str) -> &'a Value {
    let rows = done["rows"].as_array().expect("rows");
    rows.iter().find(|row| row["what"] == what).unwrap_or_else(|| panic!("{what} in {rows:#?}"))
}

fn ours(done: &Value, what: &str) -> f64 {
    row(done, what)["ours"].as_f64().expect("a number")
}

#[test]
fn the_analytic_curves_are_written_in_four_forms() {
    let folder = tempfile::tempdir().unwrap();
    let done = &reproduce("fig3.1a", folder.path(), &[])[0];
    assert!((ours(done, "TCP at 54") - 24.22).abs() < 0.01);
    assert!((ours(done, "gain at 54") - 22.6).abs() < 0.05);

    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["csv", "md", "png", "svg"].map(|end| format!("fig3.1a.{end}")));
    let read = |end: &str| fs::read(folder.path().join(format!("fig3.1a.{end}"))).unwrap();
    let text = |end: &str| String::from_utf8(read(end)).unwrap();
    // A line for each of the rates: three curves, the gain, and two of dots.
    assert_eq!(text("csv").lines().count(), 1 + 6 * 8);
    assert!(
        text("csv").starts_with("panel,series,x,category,y,sd\n\"goodput, Mbit/s\",UDP,6,,5.2")
    );
    assert!(text("md").contains("| gain at 54, %"), "{}", text("md"));
    assert!(text("svg").contains("TCP/HACK, simulated"));
    assert!(read("png").starts_with(b"\x89PNG"));
}

#[test]
fn a_simulated_figure_has_the_papers_numbers_beside_ours() {
    let folder = tempfile::tempdir().unwrap();
    let done = &reproduce("fig3.5", folder.path(), &[])[0];
    assert!((ours(done, "UDP, 1 client, ideal") - 29.93).abs() < 0.1);
    assert!(ours(done, "share of the room taken, 1 client, ideal") > 90.0);
    assert_eq!(row(done, "UDP, 1 client, ideal")["paper"]["most"], 30.2);
    assert_eq!(done["seeds"], serde_json::json!([1]));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let with = |threads| reproduce("fig3.1a", folder.path(), &["--threads", threads]);
    assert_eq!(with("1"), with("2"));
}

#[test]
fn what_is_not_known_is_refused_with_what_is() {
    let output = ackride(["reproduce", "fig9"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("fig3.1a") && error.contains("all"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = ackride(["reproduce", "fig3.1a", "--out", file.join("x").to_str().unwrap()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("--out"), "{error}");
}
