//! Netlink attributes: what generic netlink messages and nested attributes consist of.
//!
//! Numbers are in the host's byte order, but where the kernel says otherwise. Whoever reads says
//! which attribute was wrong; attributes of kinds that nobody asks for are passed over, as newer
//! kernels have more of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::{Context, Result};
use netlink_packet_core::{DecodeError, Emitable, NLA_F_NESTED, NLA_TYPE_MASK, Nla, NlasIterator};

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// With the flag of nested ones.
    kind: u16,
    value: Vec<u8>,
}

/// The attributes of a message, or those nested in one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<Attribute>);

impl Nla for Attribute {
    fn value_len(&self) -> usize {
        self.value.len()
    }

    fn kind(&self) -> u16 {
        self.kind
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.value);
    }
}

/// To be written.
impl Attributes {
    pub fn with(mut self, kind: u16, value: impl Into<Vec<u8>>) -> Self {
        self.0.push(Attribute { kind, value: value.into() });
        self
    }

    pub fn with_u16(self, kind: u16, value: u16) -> Self {
        self.with(kind, value.to_ne_bytes())
    }

    pub fn with_u32(self, kind: u16, value: u32) -> Self {
        self.with(kind, value.to_ne_bytes())
    }

    pub fn with_nested(self, kind: u16, nested: &Self) -> Self {
        self.with(kind | NLA_F_NESTED, nested.bytes())
    }

    /// An address as one of two kinds of attribute, by its family.
    pub fn with_ip(self, v4: u16, v6: u16, ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => self.with(v4, ip.octets()),
            IpAddr::V6(ip) => self.with(v6, ip.octets()),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.buffer_len()];
        self.emit(&mut bytes);
        bytes
    }

    pub fn buffer_len(&self) -> usize {
        self.0.as_slice().buffer_len()
    }

    pub fn emit(&self, buffer: &mut [u8]) {
        self.0.as_slice().emit(buffer);
    }
}

/// To be read.
impl Attributes {
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let attributes = NlasIterator::new(bytes).map(|attribute| {
            let attribute = attribute?;
            Ok(Attribute { kind: attribute.kind(), value: attribute.value().to_vec() })
        });
        attributes.collect::<Result<_, _>>().map(Self)
    }

    /// The value of the last one of this kind: so the kernel reads them.
    pub fn find(&self, kind: u16) -> Option<&[u8]> {
        let of_kind = |attribute: &&Attribute| attribute.kind & NLA_TYPE_MASK == kind;
        self.0.iter().rev().find(of_kind).map(|attribute| &attribute.value[..])
    }

    pub fn u8(&self, kind: u16) -> Result<Option<u8>> {
        self.array(kind).map(|value| value.map(u8::from_ne_bytes))
    }

    pub fn u16(&self, kind: u16) -> Result<Option<u16>> {
        self.array(kind).map(|value| value.map(u16::from_ne_bytes))
    }

    pub fn u16_be(&self, kind: u16) -> Result<Option<u16>> {
        self.array(kind).map(|value| value.map(u16::from_be_bytes))
    }

    pub fn u32(&self, kind: u16) -> Result<Option<u32>> {
        self.array(kind).map(|value| value.map(u32::from_ne_bytes))
    }

    /// An address that is one of two kinds of attribute.
    pub fn ip(&self, v4: u16, v6: u16) -> Result<Option<IpAddr>> {
        if let Some(octets) = self.array::<4>(v4)? {
            return Ok(Some(Ipv4Addr::from(octets).into()));
        }
        Ok(self.array::<16>(v6)?.map(|octets| Ipv6Addr::from(octets).into()))
    }

    pub fn nested(&self, kind: u16) -> Result<Option<Self>> {
        let Some(value) = self.find(kind) else { return Ok(None) };
        let nested = Self::parse(value);
        nested.map(Some).with_context(|| format!("nested attribute {kind}"))
    }

    fn array<const N: usize>(&self, kind: u16) -> Result<Option<[u8; N]>> {
        let Some(value) = self.find(kind) else { return Ok(None) };
        let array = value.try_into();
        array.map(Some).with_context(|| {
            format!("attribute {kind} has {} bytes where {N} are expected", value.len())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attributes_are_padded_and_their_length_is_without_padding() {
        let attributes = Attributes::default().with(2, [7]).with_u16(1, 2);
        let bytes = [5, 0, 2, 0, 7, 0, 0, 0, 6, 0, 1, 0, 2, 0, 0, 0];
        assert_eq!(attributes.bytes(), bytes);
        assert_eq!(Attributes::parse(&bytes).unwrap(), attributes);
    }

    #[test]
    fn what_is_nested_is_marked_so_and_found_without_the_mark() {
        let inner = Attributes::default().with_u32(4, 0xabcd);
        let bytes = Attributes::default().with_nested(1, &inner).bytes();
        assert_eq!(bytes[2..4], [1, 0x80]);
        let read = Attributes::parse(&bytes).unwrap();
        assert_eq!(read.nested(1).unwrap().unwrap().u32(4).unwrap(), Some(0xabcd));
    }

    #[test]
    fn a_number_of_the_wrong_size_is_told_with_its_kind() {
        let attributes = Attributes::default().with(3, [1, 2, 3]);
        let complaint = attributes.u32(3).unwrap_err().to_string();
        assert_eq!(complaint, "attribute 3 has 3 bytes where 4 are expected");
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_makes_it_panic(bytes: Vec<u8>) {
            if let Ok(attributes) = Attributes::parse(&bytes) {
                for kind in 0..20 {
                    let _ = (attributes.nested(kind), attributes.ip(kind, kind), attributes.u8(kind));
                }
            }
        }

        #[test]
        fn what_is_written_is_read(values: Vec<(u16, Vec<u8>)>) {
            let written = values.into_iter().filter(|(_, value)| value.len() < 60_000);
            let written = written.fold(Attributes::default(), |attributes, (kind, value)| {
                attributes.with(kind & NLA_TYPE_MASK, value)
            });
            prop_assert_eq!(Attributes::parse(&written.bytes()).unwrap(), written);
        }
    }
}
