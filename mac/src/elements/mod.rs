//! Elements: identifier, length, contents, one after the other (9.4.2).

mod channel;
mod country;
mod edca;
mod extended_capabilities;
mod ht_capabilities;
mod ht_operation;
mod id;
mod rates;
mod response_delay;
mod rsn;
mod ssid;
mod tim;
mod vendor;
mod wmm;

pub use channel::{DsssParameterSet, IbssParameterSet};
pub use country::{Country, CountryTriplet};
pub use edca::{AcParameters, AciAifsn, EdcaParameterSet, EdcaRecords};
pub use extended_capabilities::ExtendedCapabilities;
pub use ht_capabilities::{
    AmpduParameters, HtCapabilities, HtCapabilityInformation, HtExtendedCapabilities,
    MinimumStartSpacing, SmPowerSave, SupportedMcs,
};
pub use ht_operation::{HtOperation, HtOperationInformation, HtProtection, SecondaryChannel};
pub use id::ElementId;
pub use rates::{ExtendedSupportedRates, SupportedRate, SupportedRates, emit_rates};
pub use response_delay::ResponseDelay;
pub use rsn::{Rsn, RsnCapabilities, Suite, Suites, emit_rsn};
pub use ssid::Ssid;
pub use tim::{Tim, TrafficMap};
pub use vendor::Vendor;
pub use wmm::{WmmInformation, WmmParameters};

use crate::FrameError;

/// A kind of element that is read and written.
pub trait Element<'a>: Sized {
    /// Its identifier.
    const ID: ElementId;

    /// Whether contents under the identifier are of this kind: vendors share one identifier.
    fn is_meant(_contents: &[u8]) -> bool {
        true
    }

    /// Reads what follows identifier and length. Of elements with a fixed length, later editions
    /// make longer ones: what they append is passed over (10.28.8).
    fn parse(contents: &'a [u8]) -> Result<Self, FrameError>;

    /// Appends what follows identifier and length.
    fn emit_contents(&self, out: &mut Vec<u8>);

    /// Appends the element.
    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([Self::ID.0, 0]);
        let start = out.len();
        self.emit_contents(out);
        let length = out.len() - start;
        assert!(length <= 255, "an element of {length} bytes does not fit its length field");
        out[start - 1] = length as u8;
    }
}

/// Elements as they stand in a frame: any bytes, in which whole elements are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elements<'a>(pub &'a [u8]);

/// An element whose contents have not been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawElement<'a> {
    /// The identifier; 255 says that the first byte of the contents extends it.
    pub id: ElementId,
    /// What follows identifier and length.
    pub contents: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The elements in turn; the last item is an error if the bytes end inside an element.
    pub fn iter(self) -> ElementIter<'a> {
        ElementIter { rest: self.0, len: self.0.len() }
    }

    /// The first whole element of the kind, read; `None` if there is none.
    pub fn get<T: Element<'a>>(self) -> Option<Result<T, FrameError>> {
        self.all::<T>().next()
    }

    /// The whole elements of the kind, read.
    pub fn all<T: Element<'a>>(self) -> impl Iterator<Item = Result<T, FrameError>> {
        let with_id = self.iter().flatten().filter(|element| element.id == T::ID);
        let contents = with_id.map(|element| element.contents);
        contents.filter(|contents| T::is_meant(contents)).map(T::parse)
    }

    /// The first Vendor Specific element of the vendor and its type.
    pub fn vendor(self, oui: [u8; 3], kind: u8) -> Option<Vendor<'a>> {
        self.all::<Vendor<'a>>().flatten().find(|vendor| (vendor.oui, vendor.kind) == (oui, kind))
    }

    /// Whether the bytes end with the end of an element.
    pub fn is_whole(self) -> bool {
        self.iter().all(|element| element.is_ok())
    }
}

impl<'a> IntoIterator for Elements<'a> {
    type Item = Result<RawElement<'a>, FrameError>;
    type IntoIter = ElementIter<'a>;

    fn into_iter(self) -> ElementIter<'a> {
        self.iter()
    }
}

/// Walks [`Elements`].
#[derive(Debug, Clone)]
pub struct ElementIter<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Iterator for ElementIter<'a> {
    type Item = Result<RawElement<'a>, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.rest);
        let needed = match *rest {
            [] => return None,
            [_] => 2,
            [_, length, ..] => 2 + usize::from(length),
        };
        let Some((element, after)) = rest.split_at_checked(needed) else {
            let needed = self.len - rest.len() + needed;
            return Some(Err(FrameError::Short { what: "elements", needed, have: self.len }));
        };
        self.rest = after;
        Some(Ok(RawElement { id: ElementId(element[0]), contents: &element[2..] }))
    }
}

impl RawElement<'_> {
    /// Appends the element.
    pub fn emit(&self, out: &mut Vec<u8>) {
        assert!(self.contents.len() <= 255, "contents fit the length field");
        out.extend([self.id.0, self.contents.len() as u8]);
        out.extend_from_slice(self.contents);
    }
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
