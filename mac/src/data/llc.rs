//! The LLC and SNAP headers before a network packet in an MSDU (5.1.4, RFC 1042).

use crate::FrameError;
use crate::reader::Reader;

/// DSAP, SSAP and control of a SNAP header.
const SNAP: [u8; 3] = [0xaa, 0xaa, 0x03];

/// A network packet and what protocol it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snap<'a> {
    /// Who assigned the protocol number: zero for EtherTypes.
    pub oui: [u8; 3],
    /// The EtherType, if the OUI is zero.
    pub ethertype: u16,
    /// The packet.
    pub payload: &'a [u8],
}

impl<'a> Snap<'a> {
    /// Bytes of the headers.
    pub const HEADER_LEN: usize = 8;

    /// A packet of an EtherType.
    pub fn new(ethertype: u16, payload: &'a [u8]) -> Self {
        Self { oui: [0; 3], ethertype, payload }
    }

    /// Reads an MSDU.
    pub fn parse(msdu: &'a [u8]) -> Result<Self, FrameError> {
        let what = "LLC/SNAP header";
        let mut reader = Reader::new(what, msdu);
        for (offset, expected) in SNAP.into_iter().enumerate() {
            let value = reader.u8()?;
            if value != expected {
                return Err(FrameError::NotThis { what, offset, value: value.into() });
            }
        }
        let oui = reader.array()?;
        let ethertype = u16::from_be_bytes(reader.array()?);
        Ok(Self { oui, ethertype, payload: reader.rest() })
    }

    /// Appends headers and packet.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(SNAP);
        out.extend(self.oui);
        out.extend(self.ethertype.to_be_bytes());
        out.extend_from_slice(self.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_undoes_emit(oui: [u8; 3], ethertype: u16, payload: Vec<u8>) {
            let snap = Snap { oui, ethertype, payload: &payload };
            let mut out = vec![];
            snap.emit(&mut out);
            prop_assert_eq!(Snap::parse(&out), Ok(snap));
        }
    }

    #[test]
    fn an_arp_packet_is_told_from_an_other_llc_header() {
        let arp = hex("aaaa030000000806 0001");
        assert_eq!(Snap::parse(&arp), Ok(Snap::new(0x0806, &[0, 1])));
        let error = FrameError::NotThis { what: "LLC/SNAP header", offset: 0, value: 0x42 };
        assert_eq!(Snap::parse(&hex("424203")), Err(error));
    }
}
