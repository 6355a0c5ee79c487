use std::time::Duration;

use mac::{MacAddr, Msdu, TxPpdu};

/// Number of a channel; of 40 MHz that of the lower half.
pub type Channel = u8;

/// Which radio of the client: 0, but with [`Policy::Wideband`](crate::Policy::Wideband), where each
/// channel has one.
pub type Radio = usize;

/// What a client wants done, or tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// By a radio: transmit.
    Transmit {
        /// Which one.
        radio: Radio,
        /// What, and when.
        ppdu: TxPpdu,
    },
    /// By a radio: go to another channel, now.
    Retune {
        /// Which one.
        radio: Radio,
        /// Where to.
        channel: Channel,
    },
    /// By the host: a packet has come.
    Deliver {
        /// From this AP.
        ap: MacAddr,
        /// The packet.
        msdu: Msdu,
    },
    /// By the path manager, or nobody: something has happened.
    Notify(Notice),
}

/// What happened to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A virtual station is associated: there is a path by this AP.
    Joined {
        /// The AP.
        ap: MacAddr,
        /// The station's own address.
        station: MacAddr,
        /// Where.
        channel: Channel,
    },
    /// It no longer is: the path is gone.
    Lost {
        /// The AP.
        ap: MacAddr,
        /// Why.
        why: Loss,
    },
    /// The slot rule has come to another view of whether a path should carry anything while there
    /// are better ones: MP_PRIO.
    Priority {
        /// The AP.
        ap: MacAddr,
        /// Whether it is only for when there is no other.
        backup: bool,
    },
    /// A new cycle begins.
    Slots(Vec<(Channel, Duration)>),
    /// A virtual station tells of something.
    Mac {
        /// Its AP.
        ap: MacAddr,
        /// What.
        notice: mac::Notice,
    },
}

/// Why a client has an AP no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// It was not heard.
    Silent,
    /// It is too weak.
    Weak,
    /// It wants it no more, or did not want it in the first place.
    Dismissed,
    /// There is a better one, with [`Policy::Handover`](crate::Policy::Handover).
    Moved,
}
