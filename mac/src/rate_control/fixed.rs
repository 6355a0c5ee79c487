use phy80211::Rate;

use super::RateControl;
use crate::Instant;

/// Always the same rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedRate(pub Rate);

impl RateControl for FixedRate {
    fn choose(&mut self, _now: Instant, _attempt: u8) -> Rate {
        self.0
    }

    fn proven(&self, _attempt: u8) -> Rate {
        self.0
    }
}
