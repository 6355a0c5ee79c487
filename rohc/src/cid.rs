//! Context identifiers (RFC 5795 section 5.2.3). A small CID is an octet before the header, and none for
//! CID 0; a large one is one or two octets behind the first octet of the header.

use crate::Error;

/// Largest small CID.
const MAX_SMALL: u16 = 15;
/// Largest large CID.
const MAX_LARGE: u16 = 0x3fff;
/// The Add-CID octet is this with the CID in its low half; with CID 0 it is padding.
const ADD_CID: u8 = 0xe0;

/// How a channel writes CIDs, and the largest that it uses: the parameters LARGE_CIDS and MAX_CID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CidSpace {
    large: bool,
    max: u16,
}

impl CidSpace {
    /// Small CIDs, 0 to `max`.
    ///
    /// # Panics
    /// If `max` is above 15.
    pub const fn small(max: u16) -> Self {
        assert!(max <= MAX_SMALL);
        Self { large: false, max }
    }

    /// Large CIDs, 0 to `max`.
    ///
    /// # Panics
    /// If `max` is above 16383.
    pub const fn large(max: u16) -> Self {
        assert!(max <= MAX_LARGE);
        Self { large: true, max }
    }

    /// The largest CID.
    pub const fn max(self) -> u16 {
        self.max
    }

    /// How many contexts there can be.
    pub const fn contexts(self) -> usize {
        self.max as usize + 1
    }

    /// Whether CIDs are large.
    pub const fn is_large(self) -> bool {
        self.large
    }

    pub(crate) fn check(self, cid: u16) -> Result<u16, Error> {
        if cid <= self.max { Ok(cid) } else { Err(Error::CidOutOfRange { cid, max: self.max }) }
    }
}

/// Leaves out padding octets at the start of a packet (RFC 5795 section 5.2.1).
pub(crate) fn skip_padding(packet: &[u8]) -> &[u8] {
    let padding = packet.iter().take_while(|octet| **octet == ADD_CID).count();
    &packet[padding..]
}

/// A packet without its CID.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stripped<'a> {
    pub cid: u16,
    /// First octet of the header: its packet type.
    pub first: u8,
    /// What follows it and the CID.
    pub rest: &'a [u8],
}

/// Takes the CID out of a packet.
pub(crate) fn strip(space: CidSpace, packet: &[u8]) -> Result<Stripped<'_>, Error> {
    let truncated = Error::Truncated { part: "CID", offset: packet.len() };
    let (first, rest) = packet.split_first().ok_or(truncated)?;
    if space.large {
        let (cid, length) = large_cid(rest).ok_or(truncated)?;
        return Ok(Stripped { cid: space.check(cid)?, first: *first, rest: &rest[length..] });
    }
    let (cid, packet) =
        if first & 0xf0 == ADD_CID { (u16::from(first & 0x0f), rest) } else { (0, packet) };
    let (first, rest) = packet.split_first().ok_or(truncated)?;
    Ok(Stripped { cid: space.check(cid)?, first: *first, rest })
}

/// A large CID at the start of `octets`, self-describing (RFC 5795 section 5.3.2), and its length.
pub(crate) fn large_cid(octets: &[u8]) -> Option<(u16, usize)> {
    match *octets {
        [short, ..] if short < 0x80 => Some((short.into(), 1)),
        [high, low, ..] if high & 0xc0 == 0x80 => Some((u16::from_be_bytes([high & 0x3f, low]), 2)),
        _ => None,
    }
}

/// The octets of one CID.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CidOctets {
    octets: [u8; 2],
    length: usize,
}

impl CidOctets {
    /// As the channel writes `cid` in the header of a packet.
    pub fn of(space: CidSpace, cid: u16) -> Self {
        match (space.large, cid) {
            (false, 0) => Self { octets: [0, 0], length: 0 },
            (false, _) => Self { octets: [ADD_CID | cid as u8, 0], length: 1 },
            (true, 0..0x80) => Self { octets: [cid as u8, 0], length: 1 },
            (true, _) => Self { octets: (cid | 0x8000).to_be_bytes(), length: 2 },
        }
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.octets[..self.length]
    }

    /// Where the header starts that [`place`](Self::place) will put the CID into.
    pub fn room(&self) -> usize {
        self.length
    }

    /// Puts the CID into a packet whose header begins at octet [`room`](Self::room): before it if it is
    /// small, behind its first octet if it is large.
    pub fn place(&self, space: CidSpace, packet: &mut [u8]) {
        let before = if space.large {
            packet[0] = packet[self.length];
            1
        } else {
            0
        };
        packet[before..before + self.length].copy_from_slice(self.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_cid_0_takes_no_octet_and_the_others_one() {
        assert_eq!(CidOctets::of(CidSpace::small(15), 0).as_slice(), []);
        assert_eq!(CidOctets::of(CidSpace::small(15), 9).as_slice(), [0xe9]);
    }

    #[test]
    fn a_cid_above_the_agreed_one_is_refused() {
        let packet = [0xe9, 0xfd];
        let refused = strip(CidSpace::small(3), &packet).unwrap_err();
        assert_eq!(refused, Error::CidOutOfRange { cid: 9, max: 3 });
    }

    #[test]
    fn a_packet_of_padding_alone_has_no_header() {
        assert!(strip(CidSpace::small(15), skip_padding(&[0xe0, 0xe0])).is_err());
    }

    fn spaces() -> impl Strategy<Value = (CidSpace, u16)> {
        prop_oneof![
            (0..=MAX_SMALL).prop_map(|cid| (CidSpace::small(MAX_SMALL), cid)),
            (0..=MAX_LARGE).prop_map(|cid| (CidSpace::large(MAX_LARGE), cid)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_placed_is_stripped((space, cid) in spaces(), header in prop::collection::vec(0u8..0xe0, 1..9)) {
            let octets = CidOctets::of(space, cid);
            let mut packet = vec![0; octets.room()];
            packet.extend(&header);
            octets.place(space, &mut packet);
            let stripped = strip(space, &packet).unwrap();
            prop_assert_eq!((stripped.cid, stripped.first, stripped.rest), (cid, header[0], &header[1..]));
        }
    }
}
