//! The RSN element (9.4.2.24): ciphers and key management.

use std::fmt;

use super::{Element, ElementId};
use crate::FrameError;
use crate::bits::bit_fields;
use crate::reader::Reader;

/// A cipher or a way of key management: an OUI and a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Suite(pub [u8; 4]);

impl Suite {
    /// Cipher: the group cipher for pairs too.
    pub const CIPHER_GROUP: Self = Self([0x00, 0x0f, 0xac, 0]);
    /// Cipher: TKIP, deprecated.
    pub const CIPHER_TKIP: Self = Self([0x00, 0x0f, 0xac, 2]);
    /// Cipher: CCMP with 128 bits.
    pub const CIPHER_CCMP: Self = Self([0x00, 0x0f, 0xac, 4]);
    /// Key management: IEEE 802.1X.
    pub const AKM_8021X: Self = Self([0x00, 0x0f, 0xac, 1]);
    /// Key management: a pre-shared key.
    pub const AKM_PSK: Self = Self([0x00, 0x0f, 0xac, 2]);
    /// Key management: simultaneous authentication of equals.
    pub const AKM_SAE: Self = Self([0x00, 0x0f, 0xac, 8]);
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, kind] = self.0;
        write!(f, "{a:02x}-{b:02x}-{c:02x}:{kind}")
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Suites as they stand in the element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suites<'a>(&'a [[u8; 4]]);

impl<'a> Suites<'a> {
    /// The suites.
    pub fn iter(self) -> impl Iterator<Item = Suite> + 'a {
        self.0.iter().copied().map(Suite)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        let count = usize::from(reader.u16()?);
        Ok(Self(reader.take(4 * count)?.as_chunks().0))
    }
}

bit_fields! {
    /// The RSN Capabilities field (9.4.2.24.4).
    RsnCapabilities(u16) {
        /// Preauthentication.
        preauthentication, with_preauthentication: bool = 0..1;
        /// Counters against replay for each pair: 1, 2, 4 or 16.
        ptksa_replay_counters, with_ptksa_replay_counters: u8 = 2..4;
        /// The same for groups.
        gtksa_replay_counters, with_gtksa_replay_counters: u8 = 4..6;
        /// Management frames must be protected.
        mfp_required, with_mfp_required: bool = 6..7;
        /// Management frames can be protected.
        mfp_capable, with_mfp_capable: bool = 7..8;
        /// A-MSDUs can be marked so that the mark is protected.
        spp_amsdu_capable, with_spp_amsdu_capable: bool = 10..11;
        /// A-MSDUs must be.
        spp_amsdu_required, with_spp_amsdu_required: bool = 11..12;
    }
}

/// An RSN element, with its bytes kept: the 4-way handshake compares them.
///
/// The element may end before any of its fields after the version; CCMP and 802.1X are meant
/// then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rsn<'a> {
    version: u16,
    group: Option<Suite>,
    pairwise: Suites<'a>,
    akms: Suites<'a>,
    capabilities: Option<RsnCapabilities>,
    rest: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Rsn<'a> {
    /// Version of the protocol: 1.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Cipher for group frames.
    pub fn group(&self) -> Option<Suite> {
        self.group
    }

    /// Ciphers for frames to one station.
    pub fn pairwise(&self) -> Suites<'a> {
        self.pairwise
    }

    /// Ways of key management.
    pub fn akms(&self) -> Suites<'a> {
        self.akms
    }

    /// Capabilities.
    pub fn capabilities(&self) -> Option<RsnCapabilities> {
        self.capabilities
    }

    /// PMKIDs and group management cipher, not taken apart here.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The contents of the element.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Appends an RSN element of version 1, without PMKIDs.
pub fn emit_rsn(
    group: Suite,
    pairwise: &[Suite],
    akms: &[Suite],
    capabilities: RsnCapabilities,
    out: &mut Vec<u8>,
) {
    let mut bytes = vec![1, 0];
    bytes.extend(group.0);
    for suites in [pairwise, akms] {
        bytes.extend((suites.len() as u16).to_le_bytes());
        bytes.extend(suites.iter().flat_map(|suite| suite.0));
    }
    bytes.extend(capabilities.0.to_le_bytes());
    Rsn::parse(&bytes).expect("written as it is read").emit(out);
}

impl<'a> Element<'a> for Rsn<'a> {
    const ID: ElementId = ElementId::RSN;

    fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let reader = &mut Reader::new("RSN", bytes);
        let version = reader.u16()?;
        let group = unless_at_end(reader, |reader| reader.array().map(Suite))?;
        let pairwise = unless_at_end(reader, Suites::read)?.unwrap_or_default();
        let akms = unless_at_end(reader, Suites::read)?.unwrap_or_default();
        let capabilities = unless_at_end(reader, |reader| reader.u16().map(RsnCapabilities))?;
        Ok(Self { version, group, pairwise, akms, capabilities, rest: reader.rest(), bytes })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes);
    }
}

/// A field that is left out with all those after it.
fn unless_at_end<'a, T>(
    reader: &mut Reader<'a>,
    field: impl FnOnce(&mut Reader<'a>) -> Result<T, FrameError>,
) -> Result<Option<T>, FrameError> {
    (!reader.rest().is_empty()).then(|| field(reader)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elements;
    use crate::elements::testing::assert_lossless;
    use crate::test_hex::hex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_emitted_is_read(
            group: [u8; 4],
            suites in proptest::collection::vec(any::<[u8; 4]>(), 0..40),
            split: prop::sample::Index,
            capabilities in any::<u16>().prop_map(RsnCapabilities),
        ) {
            let suites: Vec<_> = suites.into_iter().map(Suite).collect();
            let (pairwise, akms) = suites.split_at(split.index(suites.len() + 1));
            let mut out = vec![];
            emit_rsn(Suite(group), pairwise, akms, capabilities, &mut out);
            let rsn = Elements(&out).get::<Rsn>().unwrap().unwrap();
            prop_assert_eq!((rsn.group(), rsn.capabilities()), (Some(Suite(group)), Some(capabilities)));
            prop_assert!(rsn.pairwise().iter().eq(pairwise.iter().copied()));
            prop_assert!(rsn.akms().iter().eq(akms.iter().copied()));
        }

        #[test]
        fn contents_are_emitted_as_they_were(contents in proptest::collection::vec(0..3u8, 0..60)) {
            assert_lossless::<Rsn>(&contents);
        }
    }

    #[test]
    fn wpa2_psk_as_access_points_send_it() {
        let contents = hex("0100000fac040100000fac040100000fac020c00");
        let rsn = Rsn::parse(&contents).unwrap();
        assert_eq!((rsn.version(), rsn.group()), (1, Some(Suite::CIPHER_CCMP)));
        assert!(rsn.pairwise().iter().eq([Suite::CIPHER_CCMP]));
        assert!(rsn.akms().iter().eq([Suite::AKM_PSK]));
        let capabilities = rsn.capabilities().unwrap();
        assert_eq!(capabilities.ptksa_replay_counters(), 3);
        assert!(!capabilities.mfp_capable() && rsn.rest().is_empty());

        let mut out = vec![];
        emit_rsn(
            Suite::CIPHER_CCMP,
            &[Suite::CIPHER_CCMP],
            &[Suite::AKM_PSK],
            capabilities,
            &mut out,
        );
        assert_eq!(out[2..], contents);
    }

    #[test]
    fn an_element_may_end_between_fields_and_not_within() {
        let contents = hex("0100000fac040100000fac040100000fac020c00");
        let good: Vec<usize> =
            (0..=contents.len()).filter(|&len| Rsn::parse(&contents[..len]).is_ok()).collect();
        assert_eq!(good, [2, 6, 12, 18, 20]);
    }
}
