use mac::Instant;
use phy80211::Bandwidth;

/// A sample clock that begins with the time, at one sample per hertz of bandwidth.
#[derive(Debug, Clone, Copy)]
pub struct SampleClock {
    sample_ns: u64,
}

impl SampleClock {
    /// The clock of a channel of that bandwidth.
    pub fn new(bandwidth: Bandwidth) -> Self {
        Self { sample_ns: 1000 / u64::from(bandwidth.mhz()) }
    }

    /// When a sample comes.
    pub fn at(self, sample: u64) -> Instant {
        Instant::from_nanos(sample * self.sample_ns)
    }

    /// The first sample that does not come before a time.
    pub fn sample(self, at: Instant) -> u64 {
        at.as_nanos().div_ceil(self.sample_ns)
    }
}
