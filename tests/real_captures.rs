//! Recordings that other people made, where they are at hand: a folder with SigMF pairs and
//! `frames.jsonl`, the list of the frames that are known to be in them. It is looked for beside
//! the project in `shared/captures`, or where ACKRIDE_CAPTURES says.

mod common;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{frames, tell};
use serde_json::Value;

/// How far the lists may be off where a frame starts.
const TOLERANCE: u64 = 100;

#[test]
fn every_known_frame_is_decoded_byte_for_byte() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let folder = std::env::var_os("ACKRIDE_CAPTURES").map_or_else(beside, PathBuf::from);
    let Ok(list) = fs::read_to_string(folder.join("frames.jsonl")) else {
        tell(&format!("SKIPPED: no recordings of others in {}", folder.display()));
        return;
    };
    let found = frames([&folder]);
    let mut by_file: HashMap<String, Vec<&Value>> = HashMap::new();
    for frame in found.iter().filter(|frame| frame["fcs_ok"] == true) {
        let path = Path::new(frame["file"].as_str().unwrap());
        by_file
            .entry(path.file_stem().unwrap().to_string_lossy().into_owned())
            .or_default()
            .push(frame);
    }

    let (mut known, mut missing) = (0, Vec::new());
    for line in list.lines() {
        let truth: Value = serde_json::from_str(line).unwrap();
        if truth["good"] != 1 {
            continue;
        }
        known += 1;
        let is_ht = truth["ht"].as_u64() == Some(1) || truth["ht"] == true;
        let start = truth["start"].as_u64().unwrap();
        let here = by_file.get_mut(truth["file"].as_str().unwrap());
        let at = here.as_ref().and_then(|frames| {
            frames.iter().position(|frame| {
                frame["psdu_hex"] == truth["psdu_hex"]
                    && is_sent_so(frame, &truth, is_ht)
                    && frame["start_sample"].as_u64().unwrap().abs_diff(start) < TOLERANCE
            })
        });
        match (at, here) {
            (Some(at), Some(frames)) => drop(frames.remove(at)),
            _ => missing.push(format!("{} at {start}", truth["file"])),
        }
    }
    for (file, frames) in by_file {
        for frame in frames {
            // No error: a right FCS is hardly chance, so the list is not complete.
            let start = &frame["start_sample"];
            let len = &frame["psdu_len"];
            tell(&format!("FOUND beyond the list: {file} at sample {start}, {len} bytes"));
        }
    }
    tell(&format!("{known} known frames in {}", folder.display()));
    assert!(known > 0, "the list names no frame");
    assert!(missing.is_empty(), "{} of {known} are missing: {missing:#?}", missing.len());
}

/// Whether a frame was received at the rate at which the list says that it was sent.
fn is_sent_so(frame: &Value, truth: &Value, is_ht: bool) -> bool {
    if !is_ht {
        return frame["rate_mbps"].as_f64() == truth["rate"].as_f64();
    }
    let short_gi = truth["sgi"].as_u64() == Some(1) || truth["sgi"] == true;
    frame["mcs"] == truth["mcs"] && frame["short_gi"] == short_gi
}
