//! Feedback: elements in a packet (RFC 5795 section 5.2.4), and what those of ROHC-TCP say (RFC 6846
//! section 8.3).

use crate::Error;
use crate::cid::{CidOctets, CidSpace, large_cid};
use crate::crc::CRC8;

/// The first octet of a feedback element: five bits, and its length if that is below 8.
const ELEMENT: u8 = 0b1111_0000;
/// Most octets that [`Feedback::write`] makes.
pub const MAX_LENGTH: usize = 10;
/// Most octets that the first octet of an element can count.
const SHORT: usize = 7;

/// What the decompressor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A packet was decompressed.
    Ack,
    /// The dynamic context is damaged.
    Nack,
    /// There is no static context.
    StaticNack,
}

/// The MSN of the last packet that was decompressed, as many of its bits as the feedback has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Msn {
    /// The bits.
    pub value: u16,
    /// How many: 8, 14, or 16.
    pub bits: u32,
}

/// Feedback of ROHC-TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    /// The context.
    pub cid: u16,
    /// What is said.
    pub kind: Kind,
    /// About which packet; `None` with the MSN-NOT-VALID option.
    pub msn: Option<Msn>,
    /// The REJECT option: stop compressing this flow.
    pub reject: bool,
    /// The CONTEXT_MEMORY option: the decompressor's memory does not suffice.
    pub context_memory: bool,
}

/// Option types (section 8.3.2).
mod option {
    pub const REJECT: u8 = 2;
    pub const MSN_NOT_VALID: u8 = 3;
    pub const MSN: u8 = 4;
    pub const CONTEXT_MEMORY: u8 = 9;
}

impl Feedback {
    /// Feedback of `kind` about the packet with this MSN.
    pub fn new(cid: u16, kind: Kind, msn: Option<u16>) -> Self {
        let msn = msn.map(|value| Msn { value, bits: 16 });
        Self { cid, kind, msn, reject: false, context_memory: false }
    }

    /// Reads the data of a feedback element: CID, then FEEDBACK-1 or FEEDBACK-2.
    ///
    /// # Errors
    /// [`Error::Feedback`] if it is malformed, its CRC is wrong or options contradict each other.
    pub fn read(space: CidSpace, data: &[u8]) -> Result<Self, Error> {
        let malformed = Error::Feedback { length: data.len() };
        let (cid, cid_length) = match *data {
            _ if space.is_large() => large_cid(data).ok_or(malformed)?,
            // An Add-CID octet cannot be a FEEDBACK-1, which is alone.
            [add_cid, _, ..] if add_cid & 0xf0 == 0xe0 => ((add_cid & 0x0f).into(), 1),
            _ => (0, 0),
        };
        space.check(cid)?;
        match *data.get(cid_length..).ok_or(malformed)? {
            [msn] => {
                let msn = Some(Msn { value: msn.into(), bits: 8 });
                Ok(Self { msn, ..Self::new(cid, Kind::Ack, None) })
            }
            [high, low, crc, ref options @ ..] => {
                let until_crc = CRC8.more(CRC8.of(&data[..cid_length + 2]), &[0]);
                if CRC8.more(until_crc, options) != crc {
                    return Err(malformed);
                }
                let kind = match high >> 6 {
                    0 => Kind::Ack,
                    1 => Kind::Nack,
                    2 => Kind::StaticNack,
                    _ => return Err(malformed),
                };
                let msn = Msn { value: u16::from_be_bytes([high & 0x3f, low]), bits: 14 };
                let feedback = Self { msn: Some(msn), ..Self::new(cid, kind, None) };
                feedback.with_options(options).ok_or(malformed)
            }
            _ => Err(malformed),
        }
    }

    fn with_options(mut self, mut options: &[u8]) -> Option<Self> {
        let mut seen = 0u16;
        while let [first, rest @ ..] = options {
            let (kind, length) = (first >> 4, usize::from(first & 0x0f));
            let (data, behind) = rest.split_at_checked(length)?;
            options = behind;
            let known = matches!(kind, option::REJECT..=option::MSN | option::CONTEXT_MEMORY);
            if known && seen >> kind & 1 != 0 {
                return None;
            }
            seen |= 1 << kind;
            match (kind, data) {
                (option::REJECT, []) => self.reject = true,
                (option::MSN_NOT_VALID, []) => self.msn = None,
                (option::MSN, [more]) => {
                    let value = self.msn?.value << 2 | u16::from(more >> 6);
                    self.msn = Some(Msn { value, bits: 16 });
                }
                (option::CONTEXT_MEMORY, []) => self.context_memory = true,
                _ if known => return None,
                _ => {}
            }
        }
        let both = 1 << option::MSN_NOT_VALID | 1 << option::MSN;
        (seen & both != both).then_some(self)
    }

    /// Writes a whole element, which can go before any ROHC packet of the other direction, or alone. An
    /// ACK for an MSN alone is FEEDBACK-1 with its low octet.
    ///
    /// # Errors
    /// [`Error::Room`] if `wire` is shorter than the element; [`MAX_LENGTH`] octets suffice.
    pub fn write(&self, space: CidSpace, wire: &mut [u8]) -> Result<usize, Error> {
        let mut data = [0; MAX_LENGTH - 2];
        let mut length = 0;
        let mut push = |octets: &[u8]| {
            data[length..length + octets.len()].copy_from_slice(octets);
            length += octets.len();
        };
        let cid = CidOctets::of(space, self.cid);
        push(cid.as_slice());
        let plain = self.kind == Kind::Ack && !self.reject && !self.context_memory;
        match self.msn {
            Some(msn) if plain => push(&[msn.value as u8]),
            msn => {
                let value = msn.map_or(0, |msn| msn.value & 0x3fff);
                push(&((self.kind as u16) << 14 | value).to_be_bytes());
                push(&[0]);
                let mut option = |kind: u8, set: bool| {
                    if set {
                        push(&[kind << 4]);
                    }
                };
                option(option::REJECT, self.reject);
                option(option::MSN_NOT_VALID, msn.is_none());
                option(option::CONTEXT_MEMORY, self.context_memory);
                data[cid.room() + 2] = CRC8.of(&data[..length]);
            }
        }
        let start: &[u8] = match length {
            ..=SHORT => &[ELEMENT | length as u8],
            _ => &[ELEMENT, length as u8],
        };
        let (room, needed) = (wire.len(), start.len() + length);
        let target = wire.get_mut(..needed).ok_or(Error::Room { room, needed })?;
        target[..start.len()].copy_from_slice(start);
        target[start.len()..].copy_from_slice(&data[..length]);
        Ok(needed)
    }
}

impl Msn {
    /// How many packets ago `self` was, if `newest` was the last one; `None` if that is ahead of it or
    /// too long ago to tell.
    pub(crate) fn age(self, newest: u16) -> Option<usize> {
        let mask = (1u32 << self.bits) - 1;
        let age = u32::from(newest).wrapping_sub(self.value.into()) & mask;
        (age < mask / 2).then_some(age as usize)
    }
}

/// A packet that begins with a feedback element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// What [`Feedback::read`] reads.
    pub data: &'a [u8],
    /// What follows the element.
    pub rest: &'a [u8],
}

/// The feedback element that a packet begins with, if it does.
///
/// # Errors
/// [`Error::Truncated`] if the packet is shorter than the element says.
pub fn split_element(packet: &[u8]) -> Result<Option<Element<'_>>, Error> {
    let (length, rest) = match *packet {
        [ELEMENT, length, ref rest @ ..] => (length.into(), rest),
        [ELEMENT] => return Err(Error::Truncated { part: "feedback", offset: 1 }),
        [first, ref rest @ ..] if first & 0xf8 == ELEMENT => (usize::from(first & 7), rest),
        _ => return Ok(None),
    };
    let truncated = Error::Truncated { part: "feedback", offset: packet.len() };
    let (data, rest) = rest.split_at_checked(length).ok_or(truncated)?;
    Ok(Some(Element { data, rest }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ack_for_cid_0_is_two_octets() {
        let mut wire = [0; MAX_LENGTH];
        let length = Feedback::new(0, Kind::Ack, Some(0x1234))
            .write(CidSpace::small(15), &mut wire)
            .unwrap();
        assert_eq!(wire[..length], [0xf1, 0x34]);
    }

    #[test]
    fn msn_and_msn_not_valid_contradict_each_other() {
        let mut data = vec![0x40, 0, 0, 0x30, 0x41, 0x80];
        data[2] = CRC8.of(&data);
        assert!(Feedback::read(CidSpace::small(15), &data).is_err());
    }

    #[test]
    fn two_more_bits_of_the_msn_are_appended() {
        let mut data = vec![0x40, 5, 0, 0x41, 0x80];
        data[2] = CRC8.of(&data);
        let feedback = Feedback::read(CidSpace::small(15), &data).unwrap();
        assert_eq!(feedback.msn, Some(Msn { value: 22, bits: 16 }));
    }

    fn kinds() -> impl Strategy<Value = Kind> {
        prop_oneof![Just(Kind::Ack), Just(Kind::Nack), Just(Kind::StaticNack)]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(large: bool, cid in 0u16..=15, kind in kinds(), msn: Option<u16>,
                                   reject: bool, context_memory: bool) {
            let space = if large { CidSpace::large(16383) } else { CidSpace::small(15) };
            let cid = if large { cid * 1000 } else { cid };
            let feedback = Feedback { reject, context_memory, ..Feedback::new(cid, kind, msn) };
            let mut wire = [0; MAX_LENGTH];
            let length = feedback.write(space, &mut wire).unwrap();
            let Element { data, rest } = split_element(&wire[..length]).unwrap().unwrap();
            prop_assert_eq!(rest, []);
            let read = Feedback::read(space, data).unwrap();
            if let (Some(read), Some(msn)) = (read.msn, msn) {
                prop_assert_eq!(read.value, (u32::from(msn) & ((1 << read.bits) - 1)) as u16);
            }
            prop_assert_eq!(Feedback { msn: feedback.msn, ..read }, feedback);
            prop_assert_eq!(read.msn.is_some(), msn.is_some());
        }

        #[test]
        fn no_octets_make_it_panic(large: bool, octets: Vec<u8>) {
            let space = if large { CidSpace::large(16383) } else { CidSpace::small(15) };
            let _ = split_element(&octets);
            let _ = Feedback::read(space, &octets);
        }
    }
}
