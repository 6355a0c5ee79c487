//! What can be wrong with a recording or a radio.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why samples could not be had or given.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// File that was accessed.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The path is neither a recording nor a folder.
    #[error("{}: no such file or folder", .0.display())]
    NotFound(PathBuf),
    /// A folder that was given holds nothing to read.
    #[error("{}: no recordings in this folder (looked for *.sigmf-meta)", .0.display())]
    NoRecordings(PathBuf),
    /// One file of a SigMF pair is missing.
    #[error("{}: missing, it belongs to {}", missing.display(), present.display())]
    HalfPair {
        /// The file that should be there.
        missing: PathBuf,
        /// The file that is.
        present: PathBuf,
    },
    /// The SigMF metadata is no JSON, or lacks what SigMF requires.
    #[error("{}: not SigMF metadata: {reason}", path.display())]
    Metadata {
        /// The metadata file.
        path: PathBuf,
        /// What is wrong and, for JSON, at which line and column.
        reason: String,
    },
    /// The recording interleaves several channels.
    #[error("{}: {channels} channels are interleaved; split them into files of one", path.display())]
    Channels {
        /// The metadata file.
        path: PathBuf,
        /// `core:num_channels`.
        channels: u64,
    },
    /// The sample rate is missing or no rate.
    #[error("{}: the sample rate must be a positive number of hertz, not {found}", path.display())]
    SampleRate {
        /// The recording.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// The sample format is not one that this crate reads.
    #[error(
        "unknown sample format '{0}'; known are cf32, cf64, ci32, ci16 with _le or _be, ci8 and cu8"
    )]
    UnknownFormat(String),
    /// The data is not what the metadata was written for.
    #[error(
        "{}: SHA-512 is {found:.16}.. but the metadata says {expected:.16}..: \
         the file was changed or cut off since it was recorded",
        path.display()
    )]
    Hash {
        /// The data file.
        path: PathBuf,
        /// Hash of the data, in hexadecimal.
        found: String,
        /// `core:sha512`.
        expected: String,
    },
    /// A file that would be written is already there.
    #[error("{}: already exists; remove it or ask to overwrite", .0.display())]
    Exists(PathBuf),
    /// Two rates between which nothing can be resampled.
    #[error("cannot resample from {from_hz} Hz to {to_hz} Hz: the ratio must be from 1/256 to 256")]
    Ratio {
        /// Rate of the input.
        from_hz: f64,
        /// Rate of the output.
        to_hz: f64,
    },
    /// The recording that a radio plays is over.
    #[error("the recording is over")]
    EndOfRecording,
    /// A radio, or the air of a simulated one, is gone.
    #[error("{radio}: {reason}")]
    Disconnected {
        /// Which radio.
        radio: String,
        /// What became of it.
        reason: String,
    },
    /// A radio cannot do what it was asked for.
    #[error("{radio}: {reason}")]
    Unsupported {
        /// Which radio.
        radio: String,
        /// What it cannot do, and what it can.
        reason: String,
    },
    /// More samples were handed in ahead of their time than a radio keeps.
    #[error(
        "{radio}: no room for {samples} more samples to transmit; send them nearer to their time"
    )]
    TxFull {
        /// Which radio.
        radio: String,
        /// How many were refused.
        samples: usize,
    },
    /// A radio's address cannot be read.
    #[error("'{address}' names no radio: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
