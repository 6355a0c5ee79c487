//! Rates: of data, chosen by a [`RateControl`] for each peer; of responses, given by the standard.

mod fixed;
mod response;

pub use fixed::FixedRate;
pub use response::response_rate;

use phy80211::Rate;

use crate::Instant;

/// What became of the MPDUs of a PPDU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TxStatus {
    /// The rate that they were sent at.
    pub rate: Rate,
    /// MPDUs sent.
    pub sent: usize,
    /// MPDUs acknowledged; none if no response came.
    pub acknowledged: usize,
}

/// Chooses the rate of data to one peer.
pub trait RateControl: Send {
    /// The rate of the next PPDU. `attempt` counts from 0 how often its first MPDU has been sent.
    fn choose(&mut self, now: Instant, attempt: u8) -> Rate;

    /// What became of a PPDU.
    fn report(&mut self, now: Instant, status: TxStatus) {
        let _ = (now, status);
    }
}
