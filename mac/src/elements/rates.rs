//! Supported Rates (9.4.2.3) and Extended Supported Rates (9.4.2.12).

use super::{Element, ElementId};
use crate::FrameError;

/// A rate, and whether all stations of the BSS must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SupportedRate(pub u8);

impl SupportedRate {
    /// Not a rate: whoever does not know HT should stay away (9.4.2.3).
    pub const HT_REQUIRED: Self = Self(0x80 | 127);

    /// A rate in units of 500 kbit/s, 1 to 127.
    pub fn new(half_mbps: u8, basic: bool) -> Self {
        assert!((1..128).contains(&half_mbps), "a rate has seven bits");
        Self(half_mbps | if basic { 0x80 } else { 0 })
    }

    /// The rate in units of 500 kbit/s.
    pub fn half_mbps(self) -> u8 {
        self.0 & 0x7f
    }

    /// Whether all stations of the BSS must know it.
    pub fn is_basic(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// Declares one of the two elements, which differ in their identifiers.
macro_rules! rates {
    ($(#[$outer:meta])* $name:ident, $id:expr) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name<'a>(pub &'a [u8]);

        impl<'a> $name<'a> {
            /// The rates.
            pub fn iter(self) -> impl Iterator<Item = SupportedRate> + 'a {
                self.0.iter().copied().map(SupportedRate)
            }
        }

        impl<'a> Element<'a> for $name<'a> {
            const ID: ElementId = $id;

            fn parse(contents: &'a [u8]) -> Result<Self, FrameError> {
                Ok(Self(contents))
            }

            fn emit_contents(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.0);
            }
        }
    };
}

rates! {
    /// Supported Rates: eight at most by the standard, but any number is read.
    SupportedRates, ElementId::SUPPORTED_RATES
}

rates! {
    /// Extended Supported Rates: those beyond the first eight.
    ExtendedSupportedRates, ElementId::EXTENDED_SUPPORTED_RATES
}

/// Appends the rates: eight in Supported Rates, any others in Extended Supported Rates.
pub fn emit_rates(rates: &[SupportedRate], out: &mut Vec<u8>) {
    let bytes: Vec<u8> = rates.iter().map(|rate| rate.0).collect();
    let (first, others) = bytes.split_at(bytes.len().min(8));
    SupportedRates(first).emit(out);
    if !others.is_empty() {
        ExtendedSupportedRates(others).emit(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elements;
    use crate::elements::testing::assert_lossless;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rates_come_back_from_one_element_or_two(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            assert_lossless::<SupportedRates>(&raw);
            let rates: Vec<_> = raw.iter().copied().map(SupportedRate).collect();
            let mut out = vec![];
            emit_rates(&rates, &mut out);
            let elements = Elements(&out);
            let first = elements.get::<SupportedRates>().unwrap().unwrap();
            prop_assert!(first.0.len() <= 8);
            let others = elements.get::<ExtendedSupportedRates>().map(|others| others.unwrap().iter());
            prop_assert_eq!(first.iter().chain(others.into_iter().flatten()).collect::<Vec<_>>(), rates);
        }
    }

    #[test]
    fn the_mandatory_rates_of_ofdm() {
        let basic = [12, 24, 48].map(|half_mbps| SupportedRate::new(half_mbps, true));
        assert_eq!(basic.map(|rate| rate.0), [0x8c, 0x98, 0xb0]);
        assert!(basic[0].is_basic() && basic[0].half_mbps() == 12);
        assert!(!SupportedRate::new(108, false).is_basic());
    }
}
