//! MAC addresses (9.2.4.3).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A 48-bit address, the first byte on the air first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// Bytes of an address.
    pub const LEN: usize = 6;
    /// All stations.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// Whether it means more than one station: the first bit on the air is set.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// Whether it was not assigned by the IEEE: the second bit on the air is set.
    pub fn is_locally_administered(self) -> bool {
        self.0[0] & 2 != 0
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        f.pad(&format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}"))
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is no MAC address: six bytes such as 02:00:00:00:00:01")]
pub struct BadAddress(String);

impl FromStr for MacAddr {
    type Err = BadAddress;

    /// Six pairs of hexadecimal digits between colons or hyphens.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let byte = |part: &str| {
            let right = part.len() == 2 && part.bytes().all(|c| c.is_ascii_hexdigit());
            right.then(|| u8::from_str_radix(part, 16).ok()).flatten()
        };
        let bytes: Option<Vec<u8>> = text.split([':', '-']).map(byte).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| BadAddress(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(bytes: [u8; 6]) {
            let address = MacAddr(bytes);
            prop_assert_eq!(address.to_string().parse(), Ok(address));
            prop_assert_eq!(address.to_string().to_uppercase().replace(':', "-").parse(), Ok(address));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = text.parse::<MacAddr>();
        }
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for text in
            ["", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1", "+2:00:00:00:00:01"]
        {
            assert_eq!(text.parse::<MacAddr>(), Err(BadAddress(text.to_owned())));
        }
    }

    #[test]
    fn group_and_local_bits_are_those_first_on_the_air() {
        assert!(MacAddr::BROADCAST.is_group());
        let local = MacAddr([2, 0, 0, 0, 0, 1]);
        assert!(local.is_locally_administered() && !local.is_group());
        let multicast = MacAddr([0x01, 0x00, 0x5e, 0, 0, 1]);
        assert!(multicast.is_group() && !multicast.is_locally_administered());
    }
}
