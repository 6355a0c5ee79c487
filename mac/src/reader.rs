//! A cursor over received bytes: every field is taken by it, so none is read past the end.

use crate::{FrameError, MacAddr};

/// Takes fields, little-endian as 802.11 has them (9.2.2), from the front.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    what: &'static str,
    len: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`; `what` names them in errors.
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, len: bytes.len(), rest: bytes }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let error = self.short(N);
        let (head, rest) = self.rest.split_first_chunk().ok_or(error)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], FrameError> {
        let error = self.short(len);
        let (head, rest) = self.rest.split_at_checked(len).ok_or(error)?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, FrameError> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, FrameError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, FrameError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn address(&mut self) -> Result<MacAddr, FrameError> {
        self.array().map(MacAddr)
    }

    /// Takes everything that is left.
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// What has not been taken.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn short(&self, more: usize) -> FrameError {
        let needed = self.len - self.rest.len() + more;
        FrameError::Short { what: self.what, needed, have: self.len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_how_many_bytes_would_have_done() {
        let mut reader = Reader::new("Thing", &[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0201));
        assert_eq!(reader.u32(), Err(FrameError::Short { what: "Thing", needed: 6, have: 3 }));
        assert_eq!(reader.rest(), [3]);
    }
}
