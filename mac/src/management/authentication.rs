//! Authentication frames (9.3.3.11).

use super::StatusCode;
use crate::reader::Reader;
use crate::{Elements, FrameError};

/// How a station authenticates (9.4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuthenticationAlgorithm(pub u16);

impl AuthenticationAlgorithm {
    /// Open System: anyone may.
    pub const OPEN: Self = Self(0);
    /// Shared Key, with WEP: obsolete.
    pub const SHARED_KEY: Self = Self(1);
    /// Fast BSS Transition.
    pub const FAST_TRANSITION: Self = Self(2);
    /// Simultaneous authentication of equals.
    pub const SAE: Self = Self(3);
}

/// The body of an Authentication frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication<'a> {
    /// The algorithm.
    pub algorithm: AuthenticationAlgorithm,
    /// Which step of it, from 1.
    pub transaction: u16,
    /// How the step before went; reserved in the first.
    pub status: StatusCode,
    /// Elements that follow. With SAE fields lie before them that are not read here.
    pub elements: Elements<'a>,
}

impl<'a> Authentication<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            algorithm: AuthenticationAlgorithm(reader.u16()?),
            transaction: reader.u16()?,
            status: StatusCode(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.algorithm.0.to_le_bytes());
        out.extend(self.transaction.to_le_bytes());
        out.extend(self.status.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}
