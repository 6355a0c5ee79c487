use mac::Instant;
use phy80211::Bandwidth;

/// The sample clock of the air, which begins with the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    sample_ns: u64,
}

impl Clock {
    pub(super) fn new(bandwidth: Bandwidth) -> Self {
        Self { sample_ns: 1000 / u64::from(bandwidth.mhz()) }
    }

    /// When a sample comes.
    pub(super) fn at(self, sample: u64) -> Instant {
        Instant::from_nanos(sample * self.sample_ns)
    }

    /// The first sample that does not come before a time.
    pub(super) fn sample(self, at: Instant) -> u64 {
        at.as_nanos().div_ceil(self.sample_ns)
    }
}
