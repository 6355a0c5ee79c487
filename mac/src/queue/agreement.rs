use crate::Instant;

/// What a station and its peer have agreed on for the data it sends under a TID (10.25.2): the
/// originator's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// Nothing; it is asked for no earlier than this.
    None { ask_from: Instant },
    /// An ADDBA Request is under way, and given up at a time.
    Requested { token: u8, until: Instant },
    /// A-MPDUs may be sent, of MPDUs within so many sequence numbers.
    Active { buffer_size: u16 },
}

impl Agreement {
    /// Sequence numbers from the first unacknowledged MPDU on that may be sent.
    pub(crate) fn window(self) -> Option<u16> {
        match self {
            Self::Active { buffer_size } => Some(buffer_size),
            Self::None { .. } | Self::Requested { .. } => None,
        }
    }

    /// When an ADDBA Request is given up that was not answered.
    pub(crate) fn asked_until(self) -> Option<Instant> {
        match self {
            Self::Requested { until, .. } => Some(until),
            Self::None { .. } | Self::Active { .. } => None,
        }
    }
}
