//! Finding the fields of a radiotap header: presence words, namespaces and alignment.

use crate::FrameError;
use crate::reader::Reader;

/// Bytes of a header without fields: version, padding, length, one presence word.
pub(super) const HEAD_LEN: usize = 8;

/// Bits that mean the same in every presence word.
const RADIOTAP_NAMESPACE: u32 = 29;
const VENDOR_NAMESPACE: u32 = 30;
const MORE_WORDS: u32 = 31;

/// Alignment and size of the vendor namespace's field: OUI, selector, bytes to skip.
const VENDOR_FIELD: (usize, usize) = (2, 6);

/// Alignment and size of the fields, each at its bit.
const SHAPES: [(usize, usize); 28] = [
    (8, 8),  // TSFT
    (1, 1),  // flags
    (1, 1),  // rate
    (2, 4),  // channel
    (2, 2),  // FHSS
    (1, 1),  // dBm antenna signal
    (1, 1),  // dBm antenna noise
    (2, 2),  // lock quality
    (2, 2),  // TX attenuation
    (2, 2),  // dB TX attenuation
    (1, 1),  // dBm TX power
    (1, 1),  // antenna
    (1, 1),  // dB antenna signal
    (1, 1),  // dB antenna noise
    (2, 2),  // RX flags
    (2, 2),  // TX flags
    (1, 1),  // RTS retries
    (1, 1),  // data retries
    (4, 8),  // XChannel
    (1, 3),  // MCS
    (4, 8),  // A-MPDU status
    (2, 12), // VHT
    (8, 12), // timestamp
    (2, 12), // HE
    (2, 12), // HE-MU
    (2, 6),  // HE-MU other user
    (1, 1),  // 0-length PSDU
    (2, 4),  // L-SIG
];

/// Alignment and size of a field of the radiotap namespace; bit 28 begins fields of another
/// form, and none above it has a field.
pub(super) fn shape(bit: u32) -> Option<(usize, usize)> {
    SHAPES.get(bit as usize).copied()
}

/// Walks the fields of the radiotap namespace.
pub(super) struct Walk<'a> {
    header: &'a [u8],
    /// Where the word is of which bits are taken.
    word_at: usize,
    word: u32,
    /// The next bit of it.
    bit: u32,
    /// Bit 0 of the word is bit 0 of the radiotap namespace.
    known: bool,
    /// Where the next field may begin.
    at: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(packet: &'a [u8]) -> Result<Self, FrameError> {
        let what = "radiotap header";
        let mut reader = Reader::new(what, packet);
        let version = reader.u8()?;
        if version != 0 {
            return Err(FrameError::Version { what, version });
        }
        reader.u8()?;
        let len = usize::from(reader.u16()?);
        let have = packet.len();
        let header = packet.get(..len).ok_or(FrameError::Short { what, needed: len, have })?;
        let mut walk = Self { header, word_at: 4, word: 0, bit: 0, known: true, at: 0 };
        walk.word = walk.word_at(walk.word_at)?;
        walk.at = HEAD_LEN;
        let mut last = walk.word;
        while last >> MORE_WORDS & 1 != 0 {
            last = walk.word_at(walk.at)?;
            walk.at += 4;
        }
        Ok(walk)
    }

    pub(super) fn header_len(&self) -> usize {
        self.header.len()
    }

    /// Bit and bytes of the next field. `None` after the last, or at one of unknown size.
    pub(super) fn next_field(&mut self) -> Result<Option<(u32, &'a [u8])>, FrameError> {
        loop {
            while self.bit < RADIOTAP_NAMESPACE {
                let bit = self.bit;
                self.bit += 1;
                // Fields of a vendor were skipped as its namespace began.
                if self.word >> bit & 1 != 0 && self.known {
                    let Some(shape) = shape(bit) else { return Ok(None) };
                    return Ok(Some((bit, self.take(shape)?)));
                }
            }
            if !self.next_word()? {
                return Ok(None);
            }
        }
    }

    /// Goes on to the next word, if there is one whose bits have a known meaning.
    fn next_word(&mut self) -> Result<bool, FrameError> {
        let has = |bit: u32| self.word >> bit & 1 != 0;
        let more = has(MORE_WORDS);
        match (has(RADIOTAP_NAMESPACE), has(VENDOR_NAMESPACE)) {
            (true, true) => return Ok(false),
            (true, false) => self.known = true,
            (false, true) => {
                let [.., low, high] = *self.take(VENDOR_FIELD)? else { return Ok(false) };
                let skip = u16::from_le_bytes([low, high]);
                self.take((1, skip.into()))?;
                self.known = false;
            }
            // Bits 32 and on of the radiotap namespace are not defined; a vendor's go on.
            (false, false) => {
                if more && self.known {
                    return Ok(false);
                }
            }
        }
        if more {
            self.word_at += 4;
            self.word = self.word_at(self.word_at)?;
            self.bit = 0;
        }
        Ok(more)
    }

    fn word_at(&self, at: usize) -> Result<u32, FrameError> {
        let bytes = self.bytes(at, 4)?;
        Ok(bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)))
    }

    fn take(&mut self, (align, size): (usize, usize)) -> Result<&'a [u8], FrameError> {
        let start = self.at.next_multiple_of(align);
        self.at = start + size;
        self.bytes(start, size)
    }

    fn bytes(&self, start: usize, size: usize) -> Result<&'a [u8], FrameError> {
        let (needed, have) = (start + size, self.header.len());
        let error = FrameError::Short { what: "radiotap header", needed, have };
        self.header.get(start..needed).ok_or(error)
    }
}
