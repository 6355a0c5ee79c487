//! A-MPDUs: subframes of a delimiter, an MPDU and padding to four bytes (9.7.1).

use super::Delimiter;

/// Finds the MPDUs of a received PSDU.
///
/// Where no delimiter is right the next one is looked for every four bytes, as 9.7.1 says, so
/// that damage to one costs no more than its own MPDU. A delimiter found so may be four bytes
/// of payload by chance; the FCS, which is not looked at here, tells.
#[derive(Debug, Clone)]
pub struct AmpduSubframes<'a> {
    psdu: &'a [u8],
    at: usize,
}

/// A stretch of a PSDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmpduItem<'a> {
    /// An MPDU with its FCS.
    Mpdu {
        /// Where it begins in the PSDU, which is where its delimiter ends.
        offset: usize,
        /// The MPDU.
        bytes: &'a [u8],
    },
    /// Bytes that no right delimiter accounts for.
    Gap {
        /// Where they begin in the PSDU.
        offset: usize,
        /// How many.
        len: usize,
    },
}

impl<'a> AmpduSubframes<'a> {
    /// Walks a PSDU whose HT-SIG says that it is an aggregate.
    pub fn new(psdu: &'a [u8]) -> Self {
        Self { psdu, at: 0 }
    }

    /// Length of the MPDU after the delimiter here, if that is right and the MPDU is there.
    fn length_at(&self, at: usize) -> Option<usize> {
        let after = self.psdu.get(at..)?;
        let (delimiter, after) = after.split_first_chunk()?;
        let length = Delimiter::parse(*delimiter)?.length();
        (length <= after.len()).then_some(length)
    }
}

impl<'a> Iterator for AmpduSubframes<'a> {
    type Item = AmpduItem<'a>;

    fn next(&mut self) -> Option<AmpduItem<'a>> {
        while self.length_at(self.at) == Some(0) {
            self.at += Delimiter::LEN;
        }
        let start = self.at;
        if let Some(length) = self.length_at(start) {
            let offset = start + Delimiter::LEN;
            self.at = (offset + length).next_multiple_of(4);
            return Some(AmpduItem::Mpdu { offset, bytes: &self.psdu[offset..offset + length] });
        }
        // Less than a delimiter is the padding that the last subframe may have, too.
        let left = self.psdu.len().saturating_sub(start);
        if left < Delimiter::LEN {
            return None;
        }
        let next = (start..self.psdu.len()).step_by(4).find(|&at| self.length_at(at).is_some());
        self.at = next.unwrap_or(self.psdu.len());
        Some(AmpduItem::Gap { offset: start, len: self.at - start })
    }
}

/// The lengths of an A-MPDU, without its bytes: tries whether another MPDU fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AmpduLayout {
    start_spacing: usize,
    len: usize,
    last_start: Option<usize>,
}

impl AmpduLayout {
    /// An empty A-MPDU whose delimiters must be so many bytes apart: the receiver's
    /// [`MinimumStartSpacing`](crate::MinimumStartSpacing) at the rate of the PPDU.
    pub fn new(start_spacing: usize) -> Self {
        Self { start_spacing, len: 0, last_start: None }
    }

    /// Bytes of the A-MPDU, the last subframe without padding.
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether there is no MPDU in it.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The same with an MPDU, FCS included, at the end.
    #[must_use]
    pub fn with(self, mpdu_len: usize) -> Self {
        let last_start = self.next_start();
        let len = last_start + Delimiter::LEN + mpdu_len;
        Self { len, last_start: Some(last_start), ..self }
    }

    /// Where the next subframe begins: after padding, and after delimiters of length zero if
    /// that is too near to the last one's start (10.12.3).
    fn next_start(self) -> usize {
        let padded = self.len.next_multiple_of(4);
        let allowed = self.last_start.map_or(0, |last| last + self.start_spacing);
        padded.max(allowed.next_multiple_of(4))
    }
}

/// Appends MPDUs as an A-MPDU to a buffer.
#[derive(Debug)]
pub struct AmpduBuilder<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    layout: AmpduLayout,
}

impl<'a> AmpduBuilder<'a> {
    /// An empty A-MPDU at the buffer's end; the spacing is that of [`AmpduLayout::new`].
    pub fn new(out: &'a mut Vec<u8>, start_spacing: usize) -> Self {
        let start = out.len();
        Self { out, start, layout: AmpduLayout::new(start_spacing) }
    }

    /// The lengths so far.
    pub fn layout(&self) -> AmpduLayout {
        self.layout
    }

    /// Appends an MPDU, FCS included.
    pub fn push(&mut self, mpdu: &[u8]) {
        self.push_with(mpdu.len(), |out| out.extend_from_slice(mpdu));
    }

    /// Appends an MPDU of `mpdu_len` bytes, FCS included, which `emit` appends to the buffer.
    pub fn push_with(&mut self, mpdu_len: usize, emit: impl FnOnce(&mut Vec<u8>)) {
        assert!(mpdu_len > 0, "a delimiter of length zero is padding");
        let delimiter = Delimiter::new(mpdu_len);
        let next_start = self.start + self.layout.next_start();
        let padding = self.layout.len.next_multiple_of(4) - self.layout.len;
        self.out.extend(std::iter::repeat_n(0, padding));
        while self.out.len() < next_start {
            self.out.extend(Delimiter::new(0).emit());
        }
        self.out.extend(delimiter.emit());
        let mpdu_start = self.out.len();
        emit(self.out);
        assert_eq!(self.out.len() - mpdu_start, mpdu_len, "an MPDU is as long as announced");
        self.layout = self.layout.with(mpdu_len);
    }
}

#[cfg(test)]
mod tests;
