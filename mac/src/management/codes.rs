//! Reason codes (9.4.1.7, Table 9-49) and status codes (9.4.1.9, Table 9-50).

use std::fmt;

/// Why an association, authentication or agreement ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReasonCode(pub u16);

/// How a request went.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusCode(pub u16);

/// Numbers with a name and a text each; others are printed as numbers.
macro_rules! codes {
    ($name:ident, $other:literal { $($constant:ident = $number:literal $text:literal,)* }) => {
        impl $name {
            $(
                #[doc = concat!($text, ".")]
                pub const $constant: Self = Self($number);
            )*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($number => f.pad($text),)*
                    other => f.pad(&format!(concat!($other, " {}"), other)),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} ({self})", self.0)
            }
        }
    };
}

codes! {
    ReasonCode, "reason" {
        UNSPECIFIED = 1 "unspecified reason",
        INVALID_AUTHENTICATION = 2 "the authentication is no longer valid",
        LEAVING_NETWORK_DEAUTH = 3 "the sender leaves the network",
        INACTIVITY = 4 "the station was silent too long",
        NO_MORE_STATIONS = 5 "the AP cannot handle more stations",
        NOT_AUTHENTICATED = 6 "a frame from a station that is not authenticated",
        NOT_ASSOCIATED = 7 "a frame from a station that is not associated",
        LEAVING_NETWORK_DISASSOC = 8 "the sender leaves the BSS",
        INVALID_ELEMENT = 13 "an element is invalid",
        MIC_FAILURE = 14 "a message integrity code was wrong",
        FOUR_WAY_HANDSHAKE_TIMEOUT = 15 "the four-way handshake took too long",
        QOS_UNSPECIFIED = 32 "unspecified reason of QoS",
        STA_LEAVING = 36 "the station leaves, or resets",
        END_BLOCK_ACK = 37 "the agreement is no longer wanted",
        UNKNOWN_BLOCK_ACK = 38 "there is no such agreement",
        TIMEOUT = 39 "the peer did not answer in time",
    }
}

codes! {
    StatusCode, "status" {
        SUCCESS = 0 "success",
        REFUSED = 1 "refused for an unspecified reason",
        CAPABILITIES_MISMATCH = 10 "not all capabilities asked for are supported",
        UNSUPPORTED_ALGORITHM = 13 "the authentication algorithm is not supported",
        TRANSACTION_SEQUENCE_ERROR = 14 "an authentication frame out of turn",
        AUTHENTICATION_TIMEOUT = 16 "the next authentication frame did not come in time",
        NO_MORE_STATIONS = 17 "the AP cannot handle more stations",
        BASIC_RATES_MISMATCH = 18 "not all basic rates are supported",
        NO_HT_SUPPORT = 27 "HT is required",
        REQUEST_DECLINED = 37 "declined",
        INVALID_PARAMETERS = 38 "a parameter is invalid",
        INVALID_ELEMENT = 40 "an element is invalid",
        INVALID_GROUP_CIPHER = 41 "the group cipher is not the one of the BSS",
        INVALID_PAIRWISE_CIPHER = 42 "the pairwise cipher is not supported",
        INVALID_AKMP = 43 "the key management is not supported",
    }
}

impl StatusCode {
    /// Whether the request was granted.
    pub fn is_success(self) -> bool {
        self == Self::SUCCESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_said_in_words_if_they_have_some() {
        assert_eq!(ReasonCode(39).to_string(), "the peer did not answer in time");
        assert_eq!(format!("{:?}", StatusCode(0)), "0 (success)");
        assert_eq!(StatusCode(999).to_string(), "status 999");
        assert!(StatusCode(0).is_success() && !StatusCode(1).is_success());
    }
}
