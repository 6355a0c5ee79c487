/// A rate that delivers so much is not the cause of what is lost.
pub(super) const RELIABLE: f64 = 0.95;

/// What makes one rate better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Throughput: losses cost no more than their airtime.
    Throughput,
    /// Delivery first: the fastest of the [`RELIABLE`] rates. It starts at the slowest, goes up
    /// when a faster one has proven itself, and down at once.
    Cautious,
}

impl Policy {
    /// The probability that is taken for a rate that nothing is known of.
    pub(super) fn prior(self) -> f64 {
        match self {
            Self::Throughput => 1.0,
            Self::Cautious => 0.0,
        }
    }

    /// A row of losses that is less probable than this, were the average right, refutes it: the
    /// third, or with caution the second, where nothing used to be lost.
    pub(super) fn disbelief(self) -> f64 {
        match self {
            Self::Throughput => 0.0002,
            Self::Cautious => 0.01,
        }
    }

    /// How much the newest interval counts for an average that it lowers, if more than usual.
    pub(super) fn least_weight_of_bad_news(self) -> f64 {
        match self {
            Self::Throughput => 0.0,
            Self::Cautious => 1.0,
        }
    }

    /// What a rate is worth by its probability and the seconds that an MPDU takes at it and at the
    /// slowest rate.
    pub(super) fn score(self, probability: f64, airtime: f64, slowest: f64) -> f64 {
        match self {
            // Below any reliable rate, those that deliver more come first.
            Self::Cautious if probability < RELIABLE => probability / slowest.max(airtime),
            Self::Cautious | Self::Throughput => probability / airtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_trades_losses_for_speed_and_caution_does_not() {
        let (fast, slow) = ((0.8, 0.3e-3), (0.96, 1.0e-3));
        let better = |policy: Policy| {
            let [fast, slow] = [fast, slow].map(|(p, airtime)| policy.score(p, airtime, 2e-3));
            fast > slow
        };
        assert!(better(Policy::Throughput));
        assert!(!better(Policy::Cautious));
    }
}
