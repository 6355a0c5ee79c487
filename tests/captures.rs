//! The captures of the project: replayed, made again, read in several ways.

mod common;

use std::fs;

use common::{ackride, captures, frames, stdout};

#[test]
fn every_capture_holds_what_its_list_says() {
    let text = stdout(["replay".as_ref(), captures().as_os_str()]);
    assert!(text.ends_with("all as listed\n"), "{text}");
}

#[test]
fn every_capture_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut scenes = 0;
    for entry in fs::read_dir(captures()).unwrap() {
        let scene = entry.unwrap().path();
        if scene.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        scenes += 1;
        let out = folder.path().join(scene.file_stem().unwrap());
        stdout(["encode".as_ref(), scene.as_os_str(), "-o".as_ref(), out.as_os_str()]);
        let both = |extension| {
            [&out, &scene].map(|path| fs::read(path.with_extension(extension)).unwrap())
        };
        let [made, kept] = both("frames.jsonl");
        assert_eq!(made, kept, "{}", scene.display());
        // FFTs of different instruction sets do not round alike.
        let [made, kept] = both("sigmf-data");
        assert_eq!(made.len(), kept.len());
        let parts = |bytes: &[u8]| -> Vec<i16> {
            bytes.chunks(2).map(|part| i16::from_le_bytes(part.try_into().unwrap())).collect()
        };
        let (made, kept) = (parts(&made), parts(&kept));
        let apart = made.iter().zip(&kept).map(|(&a, &b)| (i32::from(a) - i32::from(b)).abs());
        assert!(apart.max().unwrap() <= 2, "{}", scene.display());
    }
    assert!(scenes >= 14);
}

#[test]
fn the_captures_are_small() {
    let files = fs::read_dir(captures()).unwrap();
    let bytes: u64 = files.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 6_000_000, "{bytes} bytes");
}

#[test]
fn threads_change_nothing() {
    let run = |threads: &str| {
        stdout([
            "decode".as_ref(),
            "--json".as_ref(),
            "--threads".as_ref(),
            threads.as_ref(),
            captures().as_os_str(),
        ])
    };
    let one = run("1");
    assert!(one.lines().count() > 100);
    assert_eq!(run("2"), one);
    assert_eq!(run("7"), one);
}

#[test]
fn replay_names_the_first_difference() {
    let folder = tempfile::tempdir().unwrap();
    for extension in ["sigmf-data", "sigmf-meta", "frames.jsonl"] {
        let name = format!("rates.{extension}");
        fs::copy(captures().join(&name), folder.path().join(&name)).unwrap();
    }
    let list = folder.path().join("rates.frames.jsonl");
    let text = fs::read_to_string(&list).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    // Another last byte in the third frame's PSDU.
    let at = lines[2].rfind('"').unwrap();
    let last = if &lines[2][at - 1..at] == "0" { "1" } else { "0" };
    lines[2].replace_range(at - 1..at, last);
    fs::write(&list, lines.join("\n")).unwrap();

    let output = ackride(["replay".as_ref(), folder.path().as_os_str()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    assert!(
        text.contains("rates.sigmf-meta: frame 3 (sample ") && text.contains("PSDU byte 59 is"),
        "{text}"
    );

    // A frame that is not on the list.
    lines.remove(2);
    fs::write(&list, lines.join("\n")).unwrap();
    let output = ackride(["replay".as_ref(), folder.path().as_os_str()]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("is not on the list"));
}

#[test]
fn a_recording_at_another_rate_gives_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    let scene = captures().join("rates.toml");
    let psdus = |path: &std::path::Path| -> Vec<_> {
        frames([path]).iter().map(|frame| frame["psdu_hex"].clone()).collect()
    };
    let expected = psdus(&captures().join("rates"));
    for rate in ["22M", "25M", "40M", "61.44M"] {
        let out = folder.path().join(rate.replace('.', "_"));
        stdout([
            "encode".as_ref(),
            scene.as_os_str(),
            "-o".as_ref(),
            out.as_os_str(),
            "--sample-rate".as_ref(),
            rate.as_ref(),
        ]);
        assert_eq!(psdus(&out), expected, "{rate}");
        let replay = stdout(["replay".as_ref(), out.as_os_str()]);
        assert!(replay.ends_with("all as listed\n"), "{replay}");
    }
}

#[test]
fn damage_in_an_aggregate_costs_no_more_than_what_is_damaged() {
    let aggregates: Vec<_> = frames([captures().join("ampdu")])
        .into_iter()
        .filter(|frame| frame["aggregation"] == true)
        .collect();
    let damaged = &aggregates[1];
    let sequence = |mpdu: &serde_json::Value| {
        let hex = mpdu["hex"].as_str().unwrap();
        u16::from_str_radix(&format!("{}{}", &hex[46..48], &hex[44..46]), 16).unwrap() >> 4
    };
    let of = |fcs_ok: bool| -> Vec<u16> {
        let mpdus = damaged["mpdus"].as_array().unwrap().iter();
        mpdus.filter(|mpdu| mpdu["fcs_ok"] == fcs_ok).map(sequence).collect()
    };
    // Numbers 3 to 8, the second with a wrong FCS, the fourth behind a damaged delimiter.
    assert_eq!((of(true), of(false)), (vec![3, 5, 7, 8], vec![4]));
    assert_eq!(damaged["gaps"].as_array().unwrap().len(), 1);
    assert_eq!(damaged["fcs_ok"], false);
    assert!([0, 2].iter().all(|&other| aggregates[other]["fcs_ok"] == true));
}

#[test]
fn a_recording_says_its_bandwidth() {
    let found = frames([captures().join("forty")]);
    let placements: Vec<_> =
        found.iter().map(|frame| frame["placement"].as_str().unwrap()).collect();
    assert_eq!(placements, ["upper", "lower", "whole", "whole", "upper", "lower"]);
    // Without it there are the frames of no half in the middle.
    let found =
        frames(["--bandwidth".as_ref(), "20".as_ref(), captures().join("forty").as_os_str()]);
    assert!(found.iter().all(|frame| frame["fcs_ok"] == false));
}
