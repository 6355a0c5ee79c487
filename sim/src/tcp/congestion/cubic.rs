//! CUBIC (RFC 9438), with the names of its section 4.1.2; windows are in segments, times in
//! seconds.
//!
//! Left out: the correction of the epoch for times when the application had nothing to send
//! (section 5.8), and the undoing of spurious reductions (section 4.9).

use std::time::Duration;

use mac::Instant;

use super::{CongestionControl, Window};

/// β_cubic, section 4.6.
const BETA: f64 = 0.7;
/// C, section 5.1.
const C: f64 = 0.4;
/// α_cubic of the Reno-friendly region, section 4.3.
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);

#[derive(Debug, Default)]
pub(super) struct Cubic {
    /// W_max; none before the first reduction and after a timeout.
    w_max: Option<f64>,
    /// cwnd_prior: the window when it was last reduced.
    cwnd_prior: f64,
    epoch: Option<Epoch>,
    /// Of a byte of window, not yet granted.
    fraction: f64,
}

/// A stage of congestion avoidance without loss.
#[derive(Debug)]
struct Epoch {
    start: Instant,
    w_max: f64,
    /// K: when the curve reaches W_max.
    k: f64,
    /// W_est: the window that Reno would have.
    w_est: f64,
}

impl Epoch {
    /// Sections 4.2 and 4.8: with no reduction to remember, the curve starts at its plateau.
    fn new(start: Instant, cwnd: f64, w_max: Option<f64>) -> Epoch {
        let w_max = w_max.unwrap_or(cwnd).max(cwnd);
        Epoch { start, w_max, k: ((w_max - cwnd) / C).cbrt(), w_est: cwnd }
    }

    /// W_cubic(t), equation (1).
    fn w_cubic(&self, t: f64) -> f64 {
        C * (t - self.k).powi(3) + self.w_max
    }
}

impl CongestionControl for Cubic {
    fn avoid_congestion(&mut self, window: &mut Window, acked: u64, now: Instant, srtt: Duration) {
        let smss = window.smss as f64;
        let cwnd = window.cwnd as f64 / smss;
        let segments_acked = acked as f64 / smss;
        let epoch = self.epoch.get_or_insert_with(|| Epoch::new(now, cwnd, self.w_max));
        let t = now.since(epoch.start).as_secs_f64();

        // Section 4.3, equation (4).
        let alpha = if epoch.w_est < self.cwnd_prior { ALPHA } else { 1.0 };
        epoch.w_est += alpha * segments_acked / cwnd;
        let grown = if epoch.w_cubic(t) < epoch.w_est {
            (epoch.w_est - cwnd).max(0.0)
        } else {
            // Sections 4.4 and 4.5: the concave and the convex region.
            let target = epoch.w_cubic(t + srtt.as_secs_f64()).clamp(cwnd, 1.5 * cwnd);
            (target - cwnd) / cwnd * segments_acked
        };
        let bytes = grown * smss + self.fraction;
        self.fraction = bytes.fract();
        window.cwnd += bytes as u64;
    }

    /// Section 4.6, and 4.7 for fast convergence.
    fn reduce(&mut self, window: &Window, flight: u64) -> u64 {
        let cwnd = window.cwnd as f64 / window.smss as f64;
        let shrinking = self.w_max.is_some_and(|w_max| cwnd < w_max);
        self.w_max = Some(if shrinking { cwnd * (1.0 + BETA) / 2.0 } else { cwnd });
        self.cwnd_prior = cwnd;
        self.epoch = None;
        ((flight as f64 * BETA) as u64).max(2 * window.smss)
    }

    /// Section 4.8.
    fn on_timeout(&mut self) {
        self.w_max = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::{AckCounting, congestion::tests::RTT};

    const SMSS: u64 = 1000;

    /// The window after each round trip of `seconds`, from the reduction of a window of `w_max`.
    fn windows(w_max: u64, seconds: u64) -> Vec<(f64, f64)> {
        let mut cubic = Cubic::default();
        let mut window = Window::avoiding(w_max as u32, SMSS, AckCounting::PerByte);
        window.ssthresh = cubic.reduce(&window, w_max * SMSS);
        window.cwnd = window.ssthresh;
        let mut now = Instant::ZERO;
        let mut trace = vec![];
        while now < Instant::ZERO + Duration::from_secs(seconds) {
            trace.push((now.as_secs_f64(), window.cwnd as f64 / SMSS as f64));
            let acks = window.cwnd / SMSS;
            for _ in 0..acks {
                window.grow_at(&mut cubic, SMSS, now);
                now += RTT / acks as u32;
            }
        }
        trace
    }

    /// W_max = 1000: K = cbrt(300 / 0.4) = 9.09 s.
    #[test]
    fn the_window_follows_the_cubic_of_equation_1() {
        for (t, cwnd) in windows(1000, 15) {
            let w_cubic = C * (t - 9.0856).powi(3) + 1000.0;
            assert!((cwnd - w_cubic).abs() < 6.0, "{t} s: {cwnd}, not {w_cubic}");
        }
    }

    /// From 14 by α a round trip up to the 20 before the loss, then by one.
    #[test]
    fn a_small_window_grows_as_renos_would() {
        for (t, cwnd) in windows(20, 3) {
            let round_trips = t / RTT.as_secs_f64();
            let to_cwnd_prior = (20.0 - 14.0) / ALPHA;
            let w_est = 14.0
                + ALPHA * round_trips.min(to_cwnd_prior)
                + (round_trips - to_cwnd_prior).max(0.0);
            assert!((cwnd - w_est).abs() < 1.5, "{t} s: {cwnd}, not {w_est}");
        }
    }

    #[test]
    fn a_flow_that_lost_early_makes_room() {
        let mut cubic = Cubic::default();
        let mut window = Window::avoiding(100, SMSS, AckCounting::PerByte);
        assert_eq!(cubic.reduce(&window, 100 * SMSS), 70 * SMSS);
        window.cwnd = 80 * SMSS;
        cubic.reduce(&window, 80 * SMSS);
        assert_eq!(cubic.w_max, Some(68.0));
    }

    #[test]
    fn after_a_timeout_the_plateau_is_where_slow_start_ended() {
        let mut cubic = Cubic::default();
        let mut window = Window::avoiding(100, SMSS, AckCounting::PerByte);
        window.ssthresh = cubic.reduce(&window, 100 * SMSS);
        cubic.on_timeout();
        window.cwnd = window.ssthresh;
        window.grow_at(&mut cubic, SMSS, Instant::ZERO);
        let epoch = cubic.epoch.expect("avoiding congestion");
        assert_eq!((epoch.k, epoch.w_max), (0.0, 70.0));
    }
}
