//! A packet error rate over signal-to-noise ratio, measured at a few points.

/// The curve of one length, and the lengths that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SizedCurve {
    /// Length at which it was measured.
    pub(super) bytes: f64,
    /// Least length that is judged by it, if there is a curve for shorter frames.
    pub(super) from_bytes: f64,
    /// With rising ratio.
    pub(super) points: Vec<Point>,
}

/// Share of frames that are lost at a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) snr_db: f64,
    pub(super) per: f64,
    /// Its logarithm, which is what is interpolated.
    ln_per: f64,
}

impl Point {
    pub(super) fn new(snr_db: f64, per: f64) -> Self {
        Self { snr_db, per, ln_per: per.ln() }
    }
}

impl SizedCurve {
    /// How likely it is that so many bytes come through: errors strike every byte alike, so that
    /// twice as many bytes are as likely as both halves.
    pub(super) fn success(&self, snr_db: f64, bytes: f64) -> f64 {
        match self.per(snr_db) {
            0.0 => 1.0,
            per => ((-per).ln_1p() * bytes / self.bytes).exp(),
        }
    }

    /// Everything is lost left of the first point; right of the last one its PER stays.
    fn per(&self, snr_db: f64) -> f64 {
        let right = self.points.partition_point(|point| point.snr_db <= snr_db);
        match (right.checked_sub(1).map(|left| self.points[left]), self.points.get(right)) {
            (None, _) => 1.0,
            (Some(last), None) => last.per,
            (Some(left), Some(right)) => {
                let share = (snr_db - left.snr_db) / (right.snr_db - left.snr_db);
                if right.per > 0.0 {
                    (left.ln_per + share * (right.ln_per - left.ln_per)).exp()
                } else {
                    left.per * (1.0 - share)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve() -> SizedCurve {
        let points = [(1.0, 1.0), (2.0, 0.1), (3.0, 0.001), (4.0, 0.0)];
        let points = points.map(|(snr_db, per)| Point::new(snr_db, per)).to_vec();
        SizedCurve { bytes: 100.0, from_bytes: 0.0, points }
    }

    #[test]
    fn points_are_met_and_logarithms_are_joined() {
        for (snr_db, per) in
            [(0.0, 1.0), (1.0, 1.0), (2.0, 0.1), (2.5, 0.01), (3.5, 0.0005), (4.0, 0.0), (9.0, 0.0)]
        {
            assert!((curve().per(snr_db) - per).abs() < 1e-12, "at {snr_db} dB");
        }
    }

    proptest! {
        #[test]
        fn more_signal_is_never_worse(a in 0.0..5.0f64, b in 0.0..5.0f64, bytes in 1.0..1e5f64) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(curve().success(less, bytes) <= curve().success(more, bytes) + 1e-12);
        }

        #[test]
        fn a_frame_is_as_likely_as_its_parts(snr_db in 0.0..5.0f64, a in 1.0..1e3f64, b in 1.0..1e3f64) {
            let parts = curve().success(snr_db, a) * curve().success(snr_db, b);
            prop_assert!((curve().success(snr_db, a + b) - parts).abs() < 1e-12);
        }
    }
}
