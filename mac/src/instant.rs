use std::{
    fmt,
    ops::{Add, AddAssign, Sub},
    time::Duration,
};

/// A point in time, in nanoseconds of a clock that the owner of a state machine defines: virtual
/// time, or the samples that a radio has counted.
///
/// ```
/// use std::time::Duration;
/// use mac::Instant;
///
/// let sifs = Duration::from_micros(16);
/// let end_of_frame = Instant::from_nanos(1_000);
/// assert_eq!((end_of_frame + sifs) - end_of_frame, sifs);
/// assert_eq!((end_of_frame + sifs).to_string(), "0.000017000 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

impl Instant {
    /// When the clock began.
    pub const ZERO: Instant = Instant(0);
    /// Later than anything that happens.
    pub const FAR_FUTURE: Instant = Instant(u64::MAX);

    /// So many nanoseconds after the clock began.
    pub const fn from_nanos(ns: u64) -> Instant {
        Instant(ns)
    }

    /// Nanoseconds since the clock began.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the clock began, for reports.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 * 1e-9
    }

    /// The time since `earlier`, or zero if that is later than this.
    pub fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    // 584 years; whoever waits for longer waits for ever.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Add<Duration> for Instant {
    type Output = Instant;

    /// [`Instant::FAR_FUTURE`] at the most.
    fn add(self, later: Duration) -> Instant {
        Instant(self.0.saturating_add(nanos(later)))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, later: Duration) {
        *self = *self + later;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    /// [`Instant::ZERO`] at the least.
    fn sub(self, earlier: Duration) -> Instant {
        Instant(self.0.saturating_sub(nanos(earlier)))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// # Panics
    /// If `earlier` is later: where that may be, [`Instant::since`] is meant.
    fn sub(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.checked_sub(earlier.0).expect("time runs forwards"))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09} s", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}
