//! What has to be told: the question between a packet and the formats that may carry it.

/// What has to be told about a packet, or what a format tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told(u32);

impl Told {
    pub const NOTHING: Self = Self(0);
    pub const SEQ: Self = Self(1);
    pub const ACK: Self = Self(1 << 1);
    pub const WINDOW: Self = Self(1 << 2);
    pub const IP_ID: Self = Self(1 << 3);
    pub const TTL: Self = Self(1 << 4);
    pub const RSF: Self = Self(1 << 5);
    pub const LIST: Self = Self(1 << 6);
    pub const ECN_USED: Self = Self(1 << 7);
    /// What only `co_common` has.
    pub const COMMON: Self = Self(1 << 8);

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NOTHING }
    }

    pub const fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}
