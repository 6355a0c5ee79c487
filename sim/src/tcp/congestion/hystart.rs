//! HyStart++ (RFC 9406): slow start ends when round trips become longer, not when the queue
//! overflows. RFC 9438 section 4.10 wants it for CUBIC, whose window stays above the bottleneck's
//! capacity after a loss in slow start.
//!
//! Without the limit L of section 4.2: an ACK counts for what it acknowledges, as by Linux.

use std::time::Duration;

use crate::tcp::seq::Seq;

/// The constants of section 4.3.
const MIN_RTT_THRESH: Duration = Duration::from_millis(4);
const MAX_RTT_THRESH: Duration = Duration::from_millis(16);
const MIN_RTT_DIVISOR: u32 = 8;
const N_RTT_SAMPLE: u32 = 8;
const CSS_GROWTH_DIVISOR: u64 = 4;
const CSS_ROUNDS: u32 = 5;

/// The state of the first slow start.
#[derive(Clone, Copy, Debug)]
pub(super) struct HyStart {
    /// windowEnd: a round ends when this is acknowledged.
    window_end: Seq,
    last_round_min_rtt: Option<Duration>,
    current_round_min_rtt: Option<Duration>,
    rtt_sample_count: u32,
    css: Option<Css>,
}

/// Conservative slow start.
#[derive(Clone, Copy, Debug)]
struct Css {
    baseline_min_rtt: Duration,
    rounds: u32,
}

/// How slow start goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlowStart {
    /// By so many bytes.
    Grow(u64),
    /// No more: the window is where it should be.
    End,
}

impl HyStart {
    pub fn new(start: Seq) -> HyStart {
        HyStart {
            window_end: start,
            last_round_min_rtt: None,
            current_round_min_rtt: None,
            rtt_sample_count: 0,
            css: None,
        }
    }

    /// `acked` bytes more have arrived, up to `una`; `nxt` is the next to be sent.
    pub fn on_ack(&mut self, acked: u64, rtt: Option<Duration>, una: Seq, nxt: Seq) -> SlowStart {
        if let Some(rtt) = rtt {
            let min = self.current_round_min_rtt.map_or(rtt, |min| min.min(rtt));
            self.current_round_min_rtt = Some(min);
            self.rtt_sample_count += 1;
            if self.rtt_sample_count >= N_RTT_SAMPLE {
                self.judge(min);
            }
        }
        if una > self.window_end {
            self.begin_round(nxt);
        }
        match self.css {
            None => SlowStart::Grow(acked),
            Some(css) if css.rounds <= CSS_ROUNDS => SlowStart::Grow(acked / CSS_GROWTH_DIVISOR),
            Some(_) => SlowStart::End,
        }
    }

    /// The round trips of this round are known well enough.
    fn judge(&mut self, current: Duration) {
        match self.css {
            None => {
                let Some(last) = self.last_round_min_rtt else { return };
                let thresh = (last / MIN_RTT_DIVISOR).clamp(MIN_RTT_THRESH, MAX_RTT_THRESH);
                if current >= last + thresh {
                    self.css = Some(Css { baseline_min_rtt: current, rounds: 1 });
                }
            }
            // The queue has gone: it was no standing one.
            Some(css) if current < css.baseline_min_rtt => self.css = None,
            Some(_) => {}
        }
    }

    fn begin_round(&mut self, nxt: Seq) {
        self.window_end = nxt;
        self.last_round_min_rtt = self.current_round_min_rtt.take();
        self.rtt_sample_count = 0;
        if let Some(css) = &mut self.css {
            css.rounds += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds of 20 ACKs with these round-trip times; the growth of each round, until the end.
    fn rounds(rtts_ms: &[u64]) -> Vec<Option<u64>> {
        let mut una = Seq::initial(0);
        let mut hystart = HyStart::new(una);
        let round = |rtt: &u64| {
            let nxt = una + 2000;
            let mut grown = Some(0);
            for _ in 0..20 {
                una = una + 100;
                let rtt = Some(Duration::from_millis(*rtt));
                match hystart.on_ack(100, rtt, una, nxt) {
                    SlowStart::Grow(bytes) => grown = grown.map(|grown| grown + bytes),
                    SlowStart::End => grown = None,
                }
            }
            grown
        };
        rtts_ms.iter().map(round).collect()
    }

    #[test]
    fn steady_round_trips_double_the_window() {
        assert_eq!(rounds(&[20, 22, 21, 23]), [Some(2000); 4]);
    }

    #[test]
    fn growing_round_trips_slow_it_down_and_end_it_after_five_rounds() {
        let grown = rounds(&[20, 20, 25, 30, 35, 40, 45, 50, 55]);
        assert_eq!(grown[..2], [Some(2000); 2]);
        assert!(grown[2].is_some_and(|grown| (500..1300).contains(&grown)), "{grown:?}");
        assert_eq!(grown[3..6], [Some(500); 3]);
        assert_eq!(grown.last(), Some(&None));
    }

    #[test]
    fn a_passing_delay_is_forgotten() {
        let grown = rounds(&[20, 20, 30, 20, 20, 20]);
        assert_eq!(grown[4..], [Some(2000); 2]);
    }
}
