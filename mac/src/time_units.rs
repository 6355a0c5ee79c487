//! The unit in which beacons and sleepers count time (3.1).

use std::time::Duration;

/// A time in time units of 1024 us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TimeUnits(pub u16);

impl TimeUnits {
    /// The time.
    pub fn duration(self) -> Duration {
        Duration::from_micros(u64::from(self.0) * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_beacon_interval_is_not_quite_a_tenth_of_a_second() {
        assert_eq!(TimeUnits(100).duration(), Duration::from_micros(102_400));
        assert_eq!(TimeUnits(u16::MAX).duration(), Duration::from_micros(67_107_840));
    }
}
