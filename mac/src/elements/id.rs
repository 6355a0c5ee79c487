//! Identifiers of elements (Table 9-92).

use std::fmt;

/// The identifier of an element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementId(pub u8);

/// Numbers with a name and a text each.
macro_rules! ids {
    ($($constant:ident = $number:literal $text:literal,)*) => {
        impl ElementId {
            $(
                #[doc = concat!($text, ".")]
                pub const $constant: Self = Self($number);
            )*
        }

        impl fmt::Display for ElementId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($number => f.pad($text),)*
                    other => f.pad(&format!("Element {other}")),
                }
            }
        }
    };
}

ids! {
    SSID = 0 "SSID",
    SUPPORTED_RATES = 1 "Supported Rates",
    DSSS_PARAMETER_SET = 3 "DSSS Parameter Set",
    TIM = 5 "TIM",
    IBSS_PARAMETER_SET = 6 "IBSS Parameter Set",
    COUNTRY = 7 "Country",
    EDCA_PARAMETER_SET = 12 "EDCA Parameter Set",
    HT_CAPABILITIES = 45 "HT Capabilities",
    RSN = 48 "RSN",
    EXTENDED_SUPPORTED_RATES = 50 "Extended Supported Rates",
    HT_OPERATION = 61 "HT Operation",
    EXTENDED_CAPABILITIES = 127 "Extended Capabilities",
    VENDOR_SPECIFIC = 221 "Vendor Specific",
    EXTENSION = 255 "Element ID Extension",
}

impl fmt::Debug for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({self})", self.0)
    }
}
