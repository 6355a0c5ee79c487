//! Running the command. Not every test uses all of it.
#![allow(dead_code, reason = "each test file is a crate of its own")]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `ackride` with these arguments.
pub fn ackride<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ackride")).args(args).output().expect("the command starts")
}

/// Standard output of a run that must succeed.
pub fn stdout<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = ackride(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The frames that `decode --json` prints with these further arguments.
pub fn frames<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Vec<Value> {
    let mut all = vec!["decode".into(), "--json".into()];
    all.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
    stdout(all).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The captures that come with the project.
pub fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// Tells something that a test that passes has to say. The test harness swallows what the print
/// macros print.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
