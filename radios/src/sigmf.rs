//! SigMF metadata (Signal Metadata Format 1.x), the `.sigmf-meta` half of a recording.
//!
//! What this crate has no use for is kept as it is.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// The whole of a `.sigmf-meta` file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// About all samples.
    pub global: Global,
    /// About runs of samples.
    #[serde(default)]
    pub captures: Vec<Capture>,
    /// About what is in them.
    #[serde(default)]
    pub annotations: Vec<Annotation>,
}

/// The `global` object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Global {
    /// Format of the samples.
    #[serde(rename = "core:datatype")]
    pub datatype: String,
    /// Samples a second.
    #[serde(rename = "core:sample_rate", skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<f64>,
    /// Version of SigMF.
    #[serde(rename = "core:version", default)]
    pub version: String,
    /// Interleaved channels; one if absent.
    #[serde(rename = "core:num_channels", skip_serializing_if = "Option::is_none")]
    pub num_channels: Option<u64>,
    /// SHA-512 of the data file in hexadecimal.
    #[serde(rename = "core:sha512", skip_serializing_if = "Option::is_none")]
    pub sha512: Option<String>,
    /// What the recording is.
    #[serde(rename = "core:description", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An element of `captures`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Capture {
    /// First sample that this is about.
    #[serde(rename = "core:sample_start", default)]
    pub sample_start: u64,
    /// Centre frequency.
    #[serde(rename = "core:frequency", skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<f64>,
    /// Time of the first sample, ISO 8601.
    #[serde(rename = "core:datetime", skip_serializing_if = "Option::is_none")]
    pub datetime: Option<String>,
    /// All else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An element of `annotations`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Annotation {
    /// First sample that this is about.
    #[serde(rename = "core:sample_start", default)]
    pub sample_start: u64,
    /// How many samples.
    #[serde(rename = "core:sample_count", skip_serializing_if = "Option::is_none")]
    pub sample_count: Option<u64>,
    /// A name for it.
    #[serde(rename = "core:label", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// All else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Metadata {
    /// Reads a `.sigmf-meta` file.
    ///
    /// # Errors
    /// If it cannot be read, is no JSON, or lacks what SigMF requires.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read(path).map_err(Error::io(path))?;
        serde_json::from_slice(&text)
            .map_err(|error| Error::Metadata { path: path.to_owned(), reason: error.to_string() })
    }
}

/// The two files of a recording, whichever of them (or their common base name) is given.
pub fn pair(path: &Path) -> (PathBuf, PathBuf) {
    let base = match path.extension().and_then(|extension| extension.to_str()) {
        Some("sigmf-meta" | "sigmf-data") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let with = |suffix: &str| {
        let mut name = base.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    };
    (with(".sigmf-meta"), with(".sigmf-data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_survive_a_round_trip() {
        let text = r#"{"global":{"core:datatype":"cf32_le","core:sample_rate":2e7,"core:version":"1.2.0",
            "core:hw":"a radio","lab:cable":{"db":30}},"captures":[{"core:sample_start":0,"x:y":1}],
            "annotations":[{"core:sample_start":5,"core:sample_count":2,"core:label":"a","z:w":[1]}]}"#;
        let meta: Metadata = serde_json::from_str(text).unwrap();
        assert_eq!(meta.global.other["lab:cable"]["db"], 30);
        let again: Value = serde_json::to_value(&meta).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn any_name_of_a_pair_leads_to_both_files() {
        let both = (PathBuf::from("a/b.c.sigmf-meta"), PathBuf::from("a/b.c.sigmf-data"));
        for name in ["a/b.c.sigmf-meta", "a/b.c.sigmf-data", "a/b.c"] {
            assert_eq!(pair(Path::new(name)), both);
        }
    }
}
