//! Rates: of data, chosen by a [`RateControl`] for each peer; of responses, given by the standard.

mod fixed;
mod minstrel;
mod response;

pub use fixed::FixedRate;
pub(crate) use minstrel::{Minstrel, Policy};
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

    /// A rate that it relies on, not one that it tries out: for RTS and Block Ack requests, of
    /// which it is told nothing. `attempt` counts those in vain before it.
    fn proven(&self, attempt: u8) -> Rate;

    /// What became of a PPDU.
    fn report(&mut self, now: Instant, status: TxStatus) {
        let _ = (now, status);
    }
}
