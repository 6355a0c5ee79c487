//! Subflows whose round trip takes too long, as through the full buffers of a cellular network, get
//! nothing to carry while another is quicker.
//!
//! A subflow that carries nothing shows no round-trip time either. So after a while it gets another
//! chance, and after each in vain has to wait twice as long.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use mac::Instant;

use super::super::event::{Event, Path, Token};
use super::super::message::Request;
use super::super::statistics::SubflowStatistics;
use super::Policy;

/// How long a subflow waits for its first chance, and for any.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(160);
/// For so long the statistics of one that gets a chance are those of before.
const SETTLING: Duration = Duration::from_secs(1);

/// A limit of the smoothed round-trip time.
pub struct RttLimit {
    limit: Duration,
    waiting: HashMap<(Token, Path), Waiting>,
    requests: VecDeque<Request>,
}

/// A subflow that has been too slow.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    for_so_long: Duration,
    /// When it gets its chance, or since when it has it.
    chance: Instant,
    has_it: bool,
}

impl RttLimit {
    pub fn new(limit: Duration) -> Self {
        Self { limit, waiting: HashMap::new(), requests: VecDeque::new() }
    }

    fn set_backup(&mut self, (token, path): (Token, Path), backup: bool) {
        self.requests.push_back(Request::SetPriority { token, path, backup });
    }

    /// Whether its statistics are of today.
    fn is_judged(&self, now: Instant, subflow: &SubflowStatistics) -> bool {
        match self.waiting.get(&(subflow.token, subflow.path)) {
            Some(waiting) => waiting.has_it && waiting.chance + SETTLING <= now,
            None => !subflow.backup,
        }
    }
}

impl Policy for RttLimit {
    fn handle_event(&mut self, _: Instant, event: &Event) {
        match *event {
            Event::Closed { token } => self.waiting.retain(|(of, _), _| *of != token),
            Event::SubflowClosed { token, subflow, .. } => {
                self.waiting.remove(&(token, subflow.path));
            }
            _ => {}
        }
    }

    fn handle_statistics(&mut self, now: Instant, subflows: &[SubflowStatistics]) {
        for subflow in subflows
            .iter()
            .filter(|subflow| self.is_judged(now, subflow))
            .cloned()
            .collect::<Vec<_>>()
        {
            let key = (subflow.token, subflow.path);
            if subflow.tcp.srtt <= self.limit {
                self.waiting.remove(&key);
                continue;
            }
            let is_quicker = |other: &&SubflowStatistics| {
                other.token == subflow.token
                    && other.path != subflow.path
                    && !other.backup
                    && other.tcp.srtt < subflow.tcp.srtt
            };
            if subflows.iter().any(|other| is_quicker(&other)) {
                let waited = self.waiting.get(&key).map(|waiting| 2 * waiting.for_so_long);
                let for_so_long = waited.unwrap_or(FIRST_WAIT).min(LONGEST_WAIT);
                let chance = now + for_so_long;
                self.waiting.insert(key, Waiting { for_so_long, chance, has_it: false });
                self.set_backup(key, true);
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        let mut due = vec![];
        for (key, waiting) in &mut self.waiting {
            if !waiting.has_it && waiting.chance <= now {
                waiting.has_it = true;
                due.push(*key);
            }
        }
        due.into_iter().for_each(|key| self.set_backup(key, false));
    }

    fn next_timeout(&self) -> Option<Instant> {
        let waiting = self.waiting.values().filter(|waiting| !waiting.has_it);
        waiting.map(|waiting| waiting.chance).min()
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    fn wants_statistics(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::made_up::{TOKEN, at_ms, path};
    use super::super::made_up::statistics;
    use super::*;

    const QUICK: &str = "10.77.1.2:40000";
    const SLOW: &str = "10.77.2.2:40001";

    fn with_rtt(local: &str, ms: u64) -> SubflowStatistics {
        let mut statistics = statistics(local);
        statistics.tcp.srtt = Duration::from_millis(ms);
        statistics
    }

    fn backup(local: &str, backup: bool) -> Request {
        Request::SetPriority { token: TOKEN, path: path(local), backup }
    }

    fn requests(policy: &mut RttLimit) -> Vec<Request> {
        std::iter::from_fn(|| policy.poll_request()).collect()
    }

    #[test]
    fn a_subflow_above_the_limit_is_put_aside_and_gets_another_chance() {
        let mut policy = RttLimit::new(Duration::from_millis(100));
        policy.handle_statistics(at_ms(0), &[with_rtt(QUICK, 20), with_rtt(SLOW, 101)]);
        assert_eq!(requests(&mut policy), [backup(SLOW, true)]);
        assert_eq!(policy.next_timeout(), Some(at_ms(10_000)));
        policy.handle_timeout(at_ms(10_000));
        assert_eq!(requests(&mut policy), [backup(SLOW, false)]);
        // What it shows at once is of before.
        policy.handle_statistics(at_ms(10_300), &[with_rtt(QUICK, 20), with_rtt(SLOW, 101)]);
        assert_eq!(requests(&mut policy), []);
        policy.handle_statistics(at_ms(11_200), &[with_rtt(QUICK, 20), with_rtt(SLOW, 101)]);
        assert_eq!(requests(&mut policy), [backup(SLOW, true)]);
        assert_eq!(policy.next_timeout(), Some(at_ms(31_200)));
    }

    #[test]
    fn the_quickest_carries_on_however_slow_it_is() {
        let mut policy = RttLimit::new(Duration::from_millis(100));
        policy.handle_statistics(at_ms(0), &[with_rtt(QUICK, 300)]);
        assert_eq!(requests(&mut policy), []);
        policy.handle_statistics(at_ms(300), &[with_rtt(QUICK, 300), with_rtt(SLOW, 400)]);
        assert_eq!(requests(&mut policy), [backup(SLOW, true)]);
    }

    #[test]
    fn one_that_is_closed_waits_no_more() {
        let mut policy = RttLimit::new(Duration::from_millis(100));
        policy.handle_statistics(at_ms(0), &[with_rtt(QUICK, 20), with_rtt(SLOW, 101)]);
        policy.handle_event(at_ms(1), &Event::Closed { token: TOKEN });
        assert_eq!(policy.next_timeout(), None);
    }
}
