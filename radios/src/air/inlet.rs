//! Bytes that have come over a socket and were not yet looked at.

use super::wire::{HEADER_LEN, Header};

/// Room for what is read at a time.
const READ_LEN: usize = 1 << 17;

/// A buffer between reads of a socket and messages.
pub(super) struct Inlet {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inlet {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; 2 * READ_LEN], start: 0, end: 0 }
    }

    /// Whether nothing has come at all, or nothing since all was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// What was not looked at.
    pub(super) fn there(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Where to read to.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.bytes.len() - self.end < READ_LEN {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            // A message longer than what is read at a time.
            if self.bytes.len() - self.end < READ_LEN {
                self.bytes.resize(2 * self.bytes.len(), 0);
            }
        }
        &mut self.bytes[self.end..]
    }

    /// So many bytes were read.
    pub(super) fn filled(&mut self, count: usize) {
        self.end += count;
    }

    /// Takes bytes that are there.
    pub(super) fn take(&mut self, len: usize) -> &[u8] {
        self.start += len;
        &self.bytes[self.start - len..self.start]
    }

    /// The next header, if it has come; it is not taken.
    pub(super) fn header(&self) -> Result<Option<Header>, String> {
        self.there().first_chunk::<HEADER_LEN>().map(Header::parse).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_in_order_however_they_come_in() {
        let mut inlet = Inlet::new();
        let (mut put, mut taken) = (0u32, 0u32);
        for round in 1..400 {
            let room = inlet.room();
            let count = room.len().min(round * 997 % 70_000);
            for byte in &mut room[..count] {
                *byte = put as u8;
                put += 1;
            }
            inlet.filled(count);
            let len = inlet.there().len().min(round * 1009 % 66_000);
            for byte in inlet.take(len) {
                assert_eq!(*byte, taken as u8);
                taken += 1;
            }
        }
        assert_eq!(inlet.there().len() as u32, put - taken);
    }
}
