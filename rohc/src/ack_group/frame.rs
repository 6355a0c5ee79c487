//! The frame that is appended to a link-layer acknowledgment. docs/ack-group.md section 2.
//!
//! ```text
//!   0   1   2   3   4   5   6   7
//! +---+---+---+---+---+---+---+---+
//! |     first number      | n-1 | S |    first: 5 bits, n-1: 2 bits, S: 1 bit
//! +---+---+---+---+---+---+---+---+
//! |     length of section 1       |    n-1 of these: that of the last section follows
//! :                               :
//! +---+---+---+---+---+---+---+---+
//! :     sections                  :
//! +---+---+---+---+---+---+---+---+
//! |     CRC-16                    |    over all packets of the chain up to here
//! |                               |
//! +---+---+---+---+---+---+---+---+
//! ```
//! S says that the first section starts a chain.

use super::crc16::Crc16;

/// Sections that a frame has at most.
pub const MAX_SECTIONS: usize = 4;
/// Bytes that a section has at most.
pub const MAX_SECTION_LEN: usize = 255;
/// Bytes around the sections of a frame that has this many.
pub const fn overhead(sections: usize) -> usize {
    sections + 2
}

/// Number of a section, modulo 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionNumber(u8);

impl SectionNumber {
    /// The number of the section that is the `index`th since the association.
    pub fn of(index: u32) -> Self {
        Self((index % 32) as u8)
    }

    /// The number as it is sent.
    pub fn value(self) -> u8 {
        self.0
    }

    /// The number that many later.
    pub fn after(self, count: usize) -> Self {
        Self((usize::from(self.0) + count) as u8 % 32)
    }

    /// How much later this one is than another, 0 to 31.
    pub fn since(self, other: Self) -> usize {
        usize::from((self.0 + 32 - other.0) % 32)
    }
}

/// A frame, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number of the first section.
    pub first: SectionNumber,
    /// Whether the first section starts a chain.
    pub starts_chain: bool,
    /// The CRC at the end.
    pub crc: Crc16,
    sections: [&'a [u8]; MAX_SECTIONS],
    len: usize,
}

impl<'a> Frame<'a> {
    /// A frame without sections.
    pub fn new(first: SectionNumber, starts_chain: bool, crc: Crc16) -> Self {
        Self { first, starts_chain, crc, sections: [&[]; MAX_SECTIONS], len: 0 }
    }

    /// Appends a section.
    ///
    /// # Panics
    /// If there are four already, or it is too long.
    pub fn push(&mut self, section: &'a [u8]) {
        assert!(section.len() <= MAX_SECTION_LEN, "a section of {} bytes", section.len());
        self.sections[self.len] = section;
        self.len += 1;
    }

    /// The sections.
    pub fn sections(&self) -> &[&'a [u8]] {
        &self.sections[..self.len]
    }

    /// Takes a frame apart, `None` if it is too short or longer than any is.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&head, rest) = bytes.split_first()?;
        let (rest, crc) = rest.split_last_chunk::<2>()?;
        let number = SectionNumber(head >> 3);
        let mut frame = Self::new(number, head & 1 == 1, Crc16(u16::from_be_bytes(*crc)));
        let (lengths, mut rest) = rest.split_at_checked(usize::from(head >> 1 & 3))?;
        for &len in lengths {
            let section;
            (section, rest) = rest.split_at_checked(usize::from(len))?;
            frame.push(section);
        }
        if rest.len() > MAX_SECTION_LEN {
            return None;
        }
        frame.push(rest);
        Some(frame)
    }

    /// Writes the frame. It has at least one section.
    pub fn emit(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        let more = self.len - 1;
        bytes.push(self.first.0 << 3 | (more as u8) << 1 | u8::from(self.starts_chain));
        bytes.extend(self.sections[..more].iter().map(|section| section.len() as u8));
        self.sections().iter().for_each(|section| bytes.extend_from_slice(section));
        bytes.extend(self.crc.0.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_frame_is_parsed_as_it_was_emitted(
            first in 0u32..32,
            starts_chain: bool,
            crc: u16,
            sections in vec(vec(any::<u8>(), 0..=MAX_SECTION_LEN), 1..=MAX_SECTIONS),
        ) {
            let mut frame = Frame::new(SectionNumber::of(first), starts_chain, Crc16(crc));
            sections.iter().for_each(|section| frame.push(section));
            let mut bytes = vec![];
            frame.emit(&mut bytes);
            let payload: usize = sections.iter().map(Vec::len).sum();
            prop_assert_eq!(bytes.len(), payload + overhead(sections.len()));
            prop_assert_eq!(Frame::parse(&bytes), Some(frame));
        }

        #[test]
        fn what_parses_is_emitted_as_it_was(bytes in vec(any::<u8>(), 0..40)) {
            if let Some(frame) = Frame::parse(&bytes) {
                let mut again = vec![];
                frame.emit(&mut again);
                prop_assert_eq!(again, bytes);
            }
        }
    }

    #[test]
    fn numbers_go_round() {
        let number = SectionNumber::of(31);
        assert_eq!(number.after(3), SectionNumber::of(34));
        assert_eq!(SectionNumber::of(34).since(number), 3);
        assert_eq!(number.since(SectionNumber::of(34)), 29);
    }
}
