//! What MAC and PHY say to each other (the PHY SAP, 8.3.5), whatever the air is: a radio, samples
//! in memory or packets in virtual time.

use bytes::Bytes;
use phy80211::{Placement, Rate, TxVector};

use crate::Instant;

/// A PPDU that the MAC wants sent (PHY-TXSTART.request with all of its PSDU).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxPpdu {
    /// When its first sample leaves the antenna: not before the time at which it is asked for.
    pub start: Instant,
    /// How it is sent.
    pub txvector: TxVector,
    /// What is sent: an MPDU, or an A-MPDU if the TXVECTOR says so.
    pub psdu: Bytes,
}

/// What a PHY tells its MAC.
///
/// At the end of a PPDU its result comes first ([`Rx`](Self::Rx) or [`RxError`](Self::RxError)),
/// then [`CcaIdle`](Self::CcaIdle). A PHY that transmits says nothing but, when it is over,
/// whether the medium is busy.
#[derive(Debug, Clone, PartialEq)]
pub enum PhyIndication {
    /// PHY-CCA.indication(BUSY). A PHY needs up to aCCATime for it, 4 us in clause 17.
    CcaBusy,
    /// PHY-CCA.indication(IDLE).
    CcaIdle,
    /// PHY-RXSTART.indication: the header is known and the rest is being received.
    RxStart {
        /// When the PPDU will end.
        until: Instant,
    },
    /// PHY-RXEND.indication(NoError): all of a PPDU, right or wrong, for the FCS to tell.
    Rx(RxPpdu),
    /// PHY-RXEND.indication with an error, or a PPDU whose header could not be read.
    RxError,
}

/// A PPDU as received.
#[derive(Debug, Clone, PartialEq)]
pub struct RxPpdu {
    /// When its first sample arrived.
    pub start: Instant,
    /// When its last sample arrived.
    pub end: Instant,
    /// Rate of its DATA field.
    pub rate: Rate,
    /// Which part of the channel it took.
    pub placement: Placement,
    /// Whether the PSDU is an A-MPDU.
    pub aggregation: bool,
    /// Its power at the antenna, in dBm.
    pub rssi_dbm: f32,
    /// Its power over that of noise and interference, in dB.
    pub snr_db: f32,
    /// The PSDU.
    pub psdu: Bytes,
}
