//! Tracking what drifts during a PPDU: carrier phase and sample clock.

/// A Kalman filter for a value that drifts: the value, and its change from symbol to symbol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift {
    /// The value now.
    pub(super) value: f32,
    /// Its change in one symbol.
    pub(super) rate: f32,
    /// Covariance of value and rate: value, both, rate.
    covariance: [f32; 3],
    /// Variance by which value and rate wander in one symbol.
    wander: [f32; 2],
}

impl Drift {
    /// Known to be zero now, with a rate of zero known to the variance `rate_variance`.
    pub(super) fn new(rate_variance: f32, wander: [f32; 2]) -> Self {
        Self { value: 0.0, rate: 0.0, covariance: [0.0, 0.0, rate_variance], wander }
    }

    /// Zero again by a new definition of the value, and drifting on as before.
    pub(super) fn restarted(self) -> Self {
        Self { value: 0.0, covariance: [0.0, 0.0, self.covariance[2]], ..self }
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, symbols: f32) {
        let [p_vv, p_vr, p_rr] = self.covariance;
        self.value += self.rate * symbols;
        self.covariance = [
            p_vv + symbols * (2.0 * p_vr + symbols * p_rr) + self.wander[0] * symbols,
            p_vr + symbols * p_rr,
            p_rr + self.wander[1] * symbols,
        ];
    }

    /// Takes in a measurement: how far the value is from the truth, and the variance of that.
    /// Returns by how much the value moved.
    pub(super) fn correct(&mut self, error: f32, variance: f32) -> f32 {
        let [p_vv, p_vr, p_rr] = self.covariance;
        let total = p_vv + variance;
        if !(total > 0.0 && error.is_finite()) {
            return 0.0;
        }
        let (gain_value, gain_rate) = (p_vv / total, p_vr / total);
        self.value += gain_value * error;
        self.rate += gain_rate * error;
        self.covariance =
            [p_vv * (1.0 - gain_value), p_vr * (1.0 - gain_value), p_rr - gain_rate * p_vr];
        gain_value * error
    }

    /// Standard deviation of the rate.
    pub(super) fn rate_deviation(&self) -> f32 {
        self.covariance[2].max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_followed_without_lag() {
        let mut drift = Drift::new(0.01, [1e-6, 1e-8]);
        for symbol in 1..=100 {
            drift.advance(1.0);
            let truth = 0.02 * symbol as f32;
            drift.correct(truth - drift.value, 1e-4);
        }
        assert!((drift.rate - 0.02).abs() < 1e-4);
        assert!((drift.value - 2.0).abs() < 1e-3);
        assert!(drift.rate_deviation() < 1e-3);
    }

    #[test]
    fn a_wild_measurement_is_ignored() {
        let mut drift = Drift::new(0.01, [1e-6, 1e-8]);
        drift.advance(1.0);
        assert_eq!(drift.correct(f32::NAN, 1e-4), 0.0);
        assert_eq!((drift.value, drift.rate), (0.0, 0.0));
    }
}
