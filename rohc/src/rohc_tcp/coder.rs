//! One description of a format, two directions. A format is a function over a [`Coder`] that names its
//! fields in order; the compressor runs it with a [`Writer`], which puts the fields' values on the wire,
//! the decompressor with a [`Reader`], which takes them from there.

use super::lsb::{Lsb, Value};
use crate::Error;

/// Where the fields of a compressed header go, or come from.
pub(crate) trait Coder {
    /// `irregular(width)` and other fields whose bits are their value.
    fn bits<V: Value>(&mut self, width: u32, field: &mut V) -> Result<(), Error>;

    /// A field of whole octets at the border of an octet.
    fn octets(&mut self, field: &mut [u8]) -> Result<(), Error>;

    /// `lsb(k, p)`: the compressor has made sure that it reaches.
    fn lsb<V: Value>(&mut self, method: Lsb, field: &mut V, reference: V) -> Result<(), Error>;

    /// `compressed_value`, discriminators and reserved bits: always `value`.
    fn constant(&mut self, width: u32, value: u32) -> Result<(), Error>;

    /// A choice among the lengths of a field: one of the compressor's `options` by its number, which the
    /// wire tells by itself. Prefix codes are `(bits, width)`.
    fn prefix(&mut self, choice: &mut usize, codes: &[(u32, u32)]) -> Result<(), Error>;

    /// Whether this is the decompressor's side, where fields get their values.
    const READS: bool;

    /// `irregular` over all bits of the field.
    fn whole<V: Value>(&mut self, field: &mut V) -> Result<(), Error> {
        self.bits(V::MASK.count_ones(), field)
    }

    /// `static_or_irreg`: present or unchanged.
    fn optional<V: Value>(&mut self, present: bool, field: &mut V) -> Result<(), Error> {
        if present { self.whole(field) } else { Ok(()) }
    }
}

/// Puts fields on the wire.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    wire: &'a mut [u8],
    written: usize,
    /// Bits that do not yet fill an octet, in its low end.
    pending: u64,
    pending_bits: u32,
}

impl<'a> Writer<'a> {
    /// Writes from the start of `wire`.
    pub fn new(wire: &'a mut [u8]) -> Self {
        Self { wire, written: 0, pending: 0, pending_bits: 0 }
    }

    /// Octets written.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Writes octets that are not to be read into a field.
    pub fn octets_of(&mut self, octets: &[u8]) -> Result<(), Error> {
        if !octets.is_empty() {
            self.room(octets.len())?.copy_from_slice(octets);
        }
        Ok(())
    }

    fn room(&mut self, octets: usize) -> Result<&mut [u8], Error> {
        let room = self.wire.len();
        let end = self.written + octets;
        let slice =
            self.wire.get_mut(self.written..end).ok_or(Error::Room { room, needed: end })?;
        self.written = end;
        Ok(slice)
    }
}

impl Coder for Writer<'_> {
    const READS: bool = false;

    fn bits<V: Value>(&mut self, width: u32, field: &mut V) -> Result<(), Error> {
        self.constant(width, field.to_bits())
    }

    fn octets(&mut self, field: &mut [u8]) -> Result<(), Error> {
        self.octets_of(field)
    }

    fn lsb<V: Value>(&mut self, method: Lsb, field: &mut V, _reference: V) -> Result<(), Error> {
        self.bits(method.k, field)
    }

    fn constant(&mut self, width: u32, value: u32) -> Result<(), Error> {
        let value = u64::from(value) & (u64::from(u32::MAX) >> (32 - width));
        self.pending = self.pending << width | value;
        self.pending_bits += width;
        while self.pending_bits >= 8 {
            self.pending_bits -= 8;
            let (room, needed) = (self.wire.len(), self.written + 1);
            let octet = self.wire.get_mut(self.written).ok_or(Error::Room { room, needed })?;
            *octet = (self.pending >> self.pending_bits) as u8;
            self.written += 1;
        }
        Ok(())
    }

    fn prefix(&mut self, choice: &mut usize, codes: &[(u32, u32)]) -> Result<(), Error> {
        let (code, width) = codes[*choice];
        self.constant(width, code)
    }
}

/// Takes fields from the wire.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// What is read, for errors.
    part: &'static str,
    rest: &'a [u8],
    /// Octets taken from the wire so far.
    taken: usize,
    /// Bits of octets taken that are yet to be read, in its low end.
    pending: u64,
    pending_bits: u32,
}

impl<'a> Reader<'a> {
    /// Reads `wire`.
    pub fn new(part: &'static str, wire: &'a [u8]) -> Self {
        Self { part, rest: wire, taken: 0, pending: 0, pending_bits: 0 }
    }

    /// Reads `first`, then `rest`: a header with its CID taken out from behind the first octet.
    pub fn after_cid(part: &'static str, first: u8, rest: &'a [u8]) -> Self {
        Self { part, rest, taken: 1, pending: first.into(), pending_bits: 8 }
    }

    /// Goes on with another part of the header.
    pub fn enter(&mut self, part: &'static str) {
        self.part = part;
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next octet, without taking it.
    pub fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or(self.truncated())
    }

    /// An error for a value here that the standard forbids.
    pub fn reserved(&self) -> Error {
        Error::Reserved { part: self.part, offset: self.taken }
    }

    fn truncated(&self) -> Error {
        Error::Truncated { part: self.part, offset: self.taken + self.rest.len() }
    }

    fn take(&mut self, width: u32) -> Result<u32, Error> {
        while self.pending_bits < width {
            let (octet, rest) = self.rest.split_first().ok_or(self.truncated())?;
            self.pending = self.pending << 8 | u64::from(*octet);
            self.pending_bits += 8;
            self.taken += 1;
            self.rest = rest;
        }
        self.pending_bits -= width;
        Ok((self.pending >> self.pending_bits) as u32 & (u32::MAX >> (32 - width)))
    }
}

impl Coder for Reader<'_> {
    const READS: bool = true;

    fn bits<V: Value>(&mut self, width: u32, field: &mut V) -> Result<(), Error> {
        *field = V::from_bits(self.take(width)?);
        Ok(())
    }

    fn octets(&mut self, field: &mut [u8]) -> Result<(), Error> {
        let (octets, rest) = self.rest.split_at_checked(field.len()).ok_or(self.truncated())?;
        field.copy_from_slice(octets);
        self.taken += octets.len();
        self.rest = rest;
        Ok(())
    }

    fn lsb<V: Value>(&mut self, method: Lsb, field: &mut V, reference: V) -> Result<(), Error> {
        *field = method.decode(self.take(method.k)?, reference);
        Ok(())
    }

    fn constant(&mut self, width: u32, value: u32) -> Result<(), Error> {
        if self.take(width)? == value { Ok(()) } else { Err(self.reserved()) }
    }

    fn prefix(&mut self, choice: &mut usize, codes: &[(u32, u32)]) -> Result<(), Error> {
        let mut read = (0, 0);
        for (number, code) in codes.iter().enumerate() {
            if code.1 > read.1 {
                let more = code.1 - read.1;
                read = (read.0 << more | self.take(more)?, code.1);
            }
            if read == *code {
                *choice = number;
                return Ok(());
            }
        }
        Err(self.reserved())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_ends_early_says_where() {
        let mut reader = Reader::new("base header", &[0xaa]);
        let mut field = 0u16;
        let error = reader.whole(&mut field).unwrap_err();
        assert_eq!(error, Error::Truncated { part: "base header", offset: 1 });
    }

    #[test]
    fn a_full_buffer_is_an_error() {
        let mut wire = [0; 1];
        let mut writer = Writer::new(&mut wire);
        let full = writer.whole(&mut 0x1234u16).unwrap_err();
        assert_eq!(full, Error::Room { room: 1, needed: 2 });
    }

    proptest! {
        #[test]
        fn fields_of_any_width_come_back(fields in prop::collection::vec((1u32..=32, any::<u32>()), 0..40)) {
            let mut wire = [0; 161];
            let mut writer = Writer::new(&mut wire);
            let masked = |(width, value): &(u32, u32)| value & (u32::MAX >> (32 - width));
            for field in &fields {
                writer.bits(field.0, &mut masked(field)).unwrap();
            }
            writer.constant(8, 0).unwrap();
            let written = writer.written();
            let mut reader = Reader::new("test", &wire[..written]);
            for field in &fields {
                let mut value = 0u32;
                reader.bits(field.0, &mut value).unwrap();
                prop_assert_eq!(value, masked(field));
            }
        }

        #[test]
        fn prefix_codes_come_back(choices in prop::collection::vec(0usize..4, 0..20)) {
            let codes = [(0b0, 1), (0b10, 2), (0b110, 3), (0xff, 8)];
            let mut wire = [0; 40];
            let mut writer = Writer::new(&mut wire);
            for choice in &choices {
                writer.prefix(&mut choice.clone(), &codes).unwrap();
            }
            writer.constant(8, 0).unwrap();
            let mut reader = Reader::new("test", &wire);
            for choice in choices {
                let mut read = 9;
                reader.prefix(&mut read, &codes).unwrap();
                prop_assert_eq!(read, choice);
            }
        }
    }
}
