//! What can be wrong with bytes off the air.

use thiserror::Error;

/// Why bytes are not the thing they were parsed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The bytes end inside a field.
    #[error("{what} needs {needed} bytes and has {have}")]
    Short {
        /// What was being read.
        what: &'static str,
        /// Bytes up to the end of the field that is cut off.
        needed: usize,
        /// Bytes there are.
        have: usize,
    },
    /// The bytes go on after what has a fixed length.
    #[error("{what} has {extra} bytes too many")]
    Long {
        /// What was being read.
        what: &'static str,
        /// Bytes after its end.
        extra: usize,
    },
    /// The protocol version of a frame control field is not 0, or that of a radiotap header.
    #[error("{what} has the unknown version {version}")]
    Version {
        /// What was being read.
        what: &'static str,
        /// Its version.
        version: u8,
    },
    /// A field holds a value that makes the rest something else.
    #[error("{what} holds {value:#x} at byte {offset}, which makes it something else")]
    NotThis {
        /// What was expected.
        what: &'static str,
        /// Where the value is.
        offset: usize,
        /// The value.
        value: u32,
    },
    /// An A-MSDU whose first destination is the start of an LLC/SNAP header: an MSDU that someone
    /// made into an A-MSDU by flipping the unprotected bit of its QoS Control field.
    #[error("the A-MSDU's first destination is an LLC/SNAP header")]
    SnapAsAmsdu,
}
