//! What is wrong with its input, the command says: what, where, and what to do.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{ackride, captures, frames};

/// A copy of a capture in a folder of its own.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for extension in ["sigmf-data", "sigmf-meta"] {
        let name = format!("rates.{extension}");
        fs::copy(captures().join(&name), folder.path().join(&name)).unwrap();
    }
    let base = folder.path().join("rates");
    (folder, base)
}

/// Standard error of a run that must fail.
fn complaint(args: &[&std::ffi::OsStr]) -> String {
    let output = ackride(args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn decode_complaint(path: &Path) -> String {
    complaint(&["decode".as_ref(), path.as_os_str()])
}

fn edit_meta(base: &Path, from: &str, to: &str) {
    let meta = base.with_extension("sigmf-meta");
    let text = fs::read_to_string(&meta).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&meta, text.replace(from, to)).unwrap();
}

#[test]
fn data_that_was_changed_or_cut_off_does_not_match_its_hash() {
    let (_folder, base) = copy();
    let data = base.with_extension("sigmf-data");
    let mut bytes = fs::read(&data).unwrap();
    bytes.truncate(bytes.len() / 8 * 4 + 3);
    fs::write(&data, bytes).unwrap();
    let text = decode_complaint(&base);
    assert!(
        text.contains("rates.sigmf-data: SHA-512 is") && text.contains("--ignore-hash"),
        "{text}"
    );

    // Decoded all the same, it gives its first half, and a warning about the odd bytes.
    let output =
        ackride(["decode".as_ref(), "--json".as_ref(), "--ignore-hash".as_ref(), base.as_os_str()]);
    assert!(output.status.success());
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(warning.contains("3 bytes after the last whole ci16_le sample"), "{warning}");
    let frames = String::from_utf8(output.stdout).unwrap().lines().count();
    assert!((4..12).contains(&frames), "{frames}");
}

#[test]
fn an_unknown_datatype_is_named_with_those_that_are_known() {
    let (_folder, base) = copy();
    edit_meta(&base, "ci16_le", "ri16_le");
    let text = decode_complaint(&base);
    assert!(
        text.contains("rates.sigmf-meta") && text.contains("'ri16_le'") && text.contains("cf32"),
        "{text}"
    );
}

#[test]
fn metadata_that_is_no_json_is_told_with_its_line() {
    let (_folder, base) = copy();
    fs::write(base.with_extension("sigmf-meta"), "{\n  \"global\": {").unwrap();
    let text = decode_complaint(&base);
    assert!(text.contains("not SigMF metadata") && text.contains("line 2"), "{text}");
}

#[test]
fn several_channels_are_refused() {
    let (_folder, base) = copy();
    edit_meta(&base, "\"core:datatype\"", "\"core:num_channels\": 2, \"core:datatype\"");
    assert!(decode_complaint(&base).contains("2 channels are interleaved"));
}

#[test]
fn half_a_pair_says_what_is_missing() {
    let (_folder, base) = copy();
    fs::remove_file(base.with_extension("sigmf-data")).unwrap();
    assert!(decode_complaint(&base).contains("rates.sigmf-data: missing"));
}

#[test]
fn a_folder_without_captures_and_a_path_that_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    assert!(decode_complaint(folder.path()).contains("no recordings in this folder"));
    assert!(decode_complaint(&folder.path().join("none")).contains("no such file or folder"));
    assert!(
        complaint(&["replay".as_ref(), folder.path().as_os_str()])
            .contains("no recordings in this folder")
    );
}

#[test]
fn one_bad_recording_does_not_keep_the_others_from_being_decoded() {
    let (folder, base) = copy();
    fs::write(folder.path().join("bad.sigmf-meta"), "").unwrap();
    let output = ackride(["decode".as_ref(), "--json".as_ref(), folder.path().as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    let lines = String::from_utf8(output.stdout).unwrap().lines().count();
    assert_eq!(lines, frames([&base]).len());
}

#[test]
fn raw_files_of_every_odd_kind_end_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let raw = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = ackride(
            ["decode", "--format", "cf32_le", "--rate", "20M"]
                .map(Into::into)
                .into_iter()
                .chain([path.into_os_string()]),
        );
        assert!(output.status.success(), "{name}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(raw("empty", &[]), "");
    assert!(raw("odd", &[0; 8003]).contains("3 bytes after the last whole cf32_le sample"));
    let wild = [f32::NAN, 1.0, f32::INFINITY, f32::MAX, 0.0, f32::MIN].repeat(1000);
    let bytes: Vec<u8> = wild.iter().flat_map(|part| part.to_le_bytes()).collect();
    assert!(raw("wild", &bytes).contains("2000 samples are NaN or infinite"));
}

#[test]
fn a_raw_file_needs_format_and_rate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.cf32");
    fs::write(&path, [0; 80]).unwrap();
    assert!(decode_complaint(&path).contains("say --format and --rate"));
}

#[test]
fn a_scene_with_a_mistake_says_where_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scene = folder.path().join("scene.toml");
    let out = folder.path().join("out");
    let cases = [
        ("[[frame]]\nrate = 7.0", "frame 1: no rate of 7 Mbit/s at 20 MHz; there are 6, 9"),
        ("[[frame]]\nlen = 9000", "len = 9000 bytes"),
        ("[[frame]]\nlenght = 90", "unknown field `lenght`"),
        ("bandwidth_mhz = 30", "bandwidth_mhz = 30 is not 40, 20, 10 or 5"),
        ("[[frame]]\nrate = 6.0\nmcs = 1", "rate and mcs both say"),
        ("[[frame]]\nmcs = 8", "mcs = 8; of one stream there are 0 to 7"),
        ("[[frame]]\nshort_gi = true", "short_gi needs an mcs"),
        ("[[frame]]\nampdu = 2", "ampdu needs an mcs"),
        ("[[frame]]\nmcs = 1\nampdu = 2\ndamaged_mpdus = [2]", "names MPDU 2; ampdu = 2"),
        ("[[frame]]\nmcs = 0\nampdu = 40\nlen = 200", "more than L-SIG can say"),
        (
            "[[frame]]\nplacement = \"upper\"",
            "6 Mbit/s cannot be sent on the upper half of a 20-MHz channel",
        ),
        ("[[frame]]\nplacement = \"left\"", "is not whole, lower or upper"),
        ("[[frame]]\nhex = \"0g\"", "frame 1: hex"),
        ("[[frame]]\nscrambler = 0", "scrambler = 0 is not one of 1 to 127"),
        ("[air]\nclock_ppm = -2e6", "clock_ppm"),
        ("[air]\nmultipath_rms_ns = -1.0", "multipath_rms_ns = -1 is not 0 to 10000"),
        ("[air]\nmultipath_rms_ns = 50.0\npaths = [[1.0, 0.0]]", "give one"),
    ];
    for (text, complaint_part) in cases {
        fs::write(&scene, text).unwrap();
        let text =
            complaint(&["encode".as_ref(), scene.as_os_str(), "-o".as_ref(), out.as_os_str()]);
        assert!(text.contains(complaint_part), "{text}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "only the scene is there");
    }
}

#[test]
fn nothing_is_overwritten_unasked() {
    let (_folder, base) = copy();
    let text = complaint(&[
        "encode".as_ref(),
        "--rate".as_ref(),
        "6".as_ref(),
        "-o".as_ref(),
        base.as_os_str(),
    ]);
    assert!(text.contains("already exists"), "{text}");
}
