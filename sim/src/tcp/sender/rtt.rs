//! The retransmission timeout (RFC 6298).

use std::time::Duration;

/// RFC 6298 section 2.5 allows 60 s at the least.
const MAX_RTO: Duration = Duration::from_secs(60);
/// G: the clock of the simulation is exact, but a kernel's timer ticks.
const GRANULARITY: Duration = Duration::from_millis(1);

/// SRTT, RTTVAR and what follows from them.
#[derive(Clone, Copy, Debug)]
pub(in crate::tcp) struct RttEstimator {
    /// SRTT and RTTVAR, once there is a sample.
    smoothed: Option<(Duration, Duration)>,
    rto: Duration,
    min_rto: Duration,
}

impl RttEstimator {
    pub fn new(initial_rto: Duration, min_rto: Duration) -> RttEstimator {
        RttEstimator { smoothed: None, rto: initial_rto, min_rto }
    }

    /// Sections 2.2 and 2.3. A sample ends the backoff.
    pub fn sample(&mut self, r: Duration) {
        let (srtt, rttvar) = match self.smoothed {
            None => (r, r / 2),
            Some((srtt, rttvar)) => ((srtt * 7 + r) / 8, (rttvar * 3 + srtt.abs_diff(r)) / 4),
        };
        self.smoothed = Some((srtt, rttvar));
        self.rto = (srtt + (rttvar * 4).max(GRANULARITY)).clamp(self.min_rto, MAX_RTO);
    }

    /// Section 5.5.
    pub fn back_off(&mut self) {
        self.rto = (self.rto * 2).min(MAX_RTO);
    }

    pub fn rto(&self) -> Duration {
        self.rto
    }

    pub fn srtt(&self) -> Option<Duration> {
        self.smoothed.map(|(srtt, _)| srtt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_timeout_follows_the_mean_and_its_deviation() {
        let mut rtt = RttEstimator::new(ms(1000), ms(200));
        assert_eq!(rtt.rto(), ms(1000));
        rtt.sample(ms(400));
        assert_eq!((rtt.srtt(), rtt.rto()), (Some(ms(400)), ms(400 + 4 * 200)));
        rtt.sample(ms(480));
        // SRTT = 7/8 × 400 + 1/8 × 480; RTTVAR = 3/4 × 200 + 1/4 × 80.
        assert_eq!((rtt.srtt(), rtt.rto()), (Some(ms(410)), ms(410 + 4 * 170)));
    }

    #[test]
    fn it_doubles_until_there_is_a_sample_again() {
        let mut rtt = RttEstimator::new(ms(1000), ms(200));
        rtt.sample(ms(10));
        assert_eq!(rtt.rto(), ms(200));
        for _ in 0..3 {
            rtt.back_off();
        }
        assert_eq!(rtt.rto(), ms(1600));
        rtt.sample(ms(10));
        assert_eq!(rtt.rto(), ms(200));
        for _ in 0..20 {
            rtt.back_off();
        }
        assert_eq!(rtt.rto(), MAX_RTO);
    }
}
