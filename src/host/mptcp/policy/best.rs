//! As many subflows as a connection needs: those that come first in our list of addresses carry it
//! while their bandwidth is enough, and one more does where it is not.
//!
//! The bandwidth of a path is told from the sender's congestion window: cwnd x MSS / RTT, smoothed
//! by an eighth as the RTT itself is. In the first slow start the window says nothing of the path yet.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use mac::Instant;

use super::super::event::{Event, Path, Token};
use super::super::message::Request;
use super::super::statistics::{SubflowStatistics, TcpStatistics};
use super::Policy;
use super::connections::Connections;

/// Weight of a new sample.
const GAIN: f64 = 0.125;
/// A subflow is put aside when those before it have so much more than what is needed.
const MARGIN: f64 = 1.25;

/// A bandwidth that connections need.
pub struct Best {
    /// In bit/s.
    needed: f64,
    /// The first is to be used most.
    addresses: Vec<IpAddr>,
    connections: Connections,
    /// In bit/s.
    bandwidths: HashMap<(Token, Path), f64>,
    /// Addresses from which a subflow has been asked for that is not there yet.
    asked: Vec<(Token, IpAddr)>,
    requests: VecDeque<Request>,
}

impl Best {
    /// Connections need so many Mbit/s.
    pub fn new(needed_mbps: f64, addresses: Vec<IpAddr>) -> Self {
        Self {
            needed: 1e6 * needed_mbps,
            addresses,
            connections: Connections::default(),
            bandwidths: HashMap::new(),
            asked: vec![],
            requests: VecDeque::new(),
        }
    }

    fn estimate(&mut self, subflow: &SubflowStatistics) {
        let Some(sample) = bandwidth(&subflow.tcp) else { return };
        let bandwidth = self.bandwidths.entry((subflow.token, subflow.path));
        bandwidth
            .and_modify(|bandwidth| *bandwidth += GAIN * (sample - *bandwidth))
            .or_insert(sample);
    }

    fn decide(&mut self, token: Token, mut subflows: Vec<&SubflowStatistics>) {
        subflows.sort_by_key(|subflow| self.place(subflow.path.local.ip()));
        let mut sum = 0.0;
        for subflow in &subflows {
            let needed = self.needed * if subflow.backup { 1.0 } else { MARGIN };
            let backup = sum >= needed;
            if backup != subflow.backup {
                let path = subflow.path;
                self.requests.push_back(Request::SetPriority { token, path, backup });
            }
            // One that has yet to meet its limit may turn out to be enough.
            sum += self.bandwidths.get(&(token, subflow.path)).copied().unwrap_or(f64::INFINITY);
        }
        if sum < self.needed {
            self.join_another(token);
        }
    }

    fn join_another(&mut self, token: Token) {
        let Some(connection) = self.connections.get(token) else { return };
        if connection.server_side || !connection.established {
            return;
        }
        let is_free = |ip: &&IpAddr| {
            ip.is_ipv4() == connection.first.remote.is_ipv4() && !connection.has_subflow_from(**ip)
        };
        let Some(ip) = self.addresses.iter().find(is_free).copied() else { return };
        if !self.asked.contains(&(token, ip)) {
            self.asked.push((token, ip));
            self.requests.push_back(connection.join(token, &self.addresses, ip));
        }
    }

    fn place(&self, ip: IpAddr) -> usize {
        let place = self.addresses.iter().position(|address| *address == ip);
        place.unwrap_or(self.addresses.len())
    }
}

/// In bit/s.
fn bandwidth(tcp: &TcpStatistics) -> Option<f64> {
    if !tcp.has_met_a_limit() || tcp.srtt.is_zero() {
        return None;
    }
    let bits = 8.0 * f64::from(tcp.cwnd) * f64::from(tcp.mss);
    Some(bits / tcp.srtt.as_secs_f64())
}

impl Policy for Best {
    fn handle_event(&mut self, now: Instant, event: &Event) {
        self.connections.handle(now, event);
        match *event {
            Event::Closed { token } => {
                self.bandwidths.retain(|(of, _), _| *of != token);
                self.asked.retain(|(of, _)| *of != token);
            }
            Event::SubflowClosed { token, subflow, .. } => {
                self.bandwidths.remove(&(token, subflow.path));
                self.asked.retain(|asked| *asked != (token, subflow.path.local.ip()));
            }
            _ => {}
        }
    }

    fn handle_statistics(&mut self, _: Instant, subflows: &[SubflowStatistics]) {
        // While it is a backup its window stays as it was.
        subflows
            .iter()
            .filter(|subflow| !subflow.backup)
            .for_each(|subflow| self.estimate(subflow));
        let tokens: Vec<Token> = self.connections.iter().map(|(token, _)| token).collect();
        for token in tokens {
            let of_it: Vec<_> = subflows.iter().filter(|subflow| subflow.token == token).collect();
            if !of_it.is_empty() {
                self.decide(token, of_it);
            }
        }
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
    use std::time::Duration;

    use super::super::connections::made_up::{TOKEN, at_ms, established, joined, path};
    use super::super::made_up::statistics;
    use super::*;

    const FIRST: &str = "10.77.1.2:40000";
    const SECOND: &str = "10.77.2.2:40001";

    fn policy(events: &[Event]) -> Best {
        let addresses = ["10.77.1.2", "10.77.2.2"].map(|ip| ip.parse().unwrap());
        let mut policy = Best::new(5.0, addresses.into());
        events.iter().for_each(|event| policy.handle_event(at_ms(0), event));
        policy
    }

    /// 10 ms, and the window for so much.
    fn with_mbps(local: &str, mbps: f64, backup: bool) -> SubflowStatistics {
        let mut statistics = statistics(local);
        statistics.backup = backup;
        statistics.tcp.srtt = Duration::from_millis(10);
        (statistics.tcp.mss, statistics.tcp.ssthresh) = (1250, 0);
        statistics.tcp.cwnd = mbps as u32;
        statistics
    }

    fn requests(policy: &mut Best) -> Vec<Request> {
        std::iter::from_fn(|| policy.poll_request()).collect()
    }

    #[test]
    fn a_second_subflow_is_opened_once_when_the_first_has_become_too_narrow() {
        let mut policy = policy(&established(FIRST));
        policy.handle_statistics(at_ms(300), &[with_mbps(FIRST, 6.0, false)]);
        assert_eq!(requests(&mut policy), []);
        // 6, 5.25, 4.6: smoothed, it takes two samples.
        policy.handle_statistics(at_ms(600), &[with_mbps(FIRST, 0.0, false)]);
        assert_eq!(requests(&mut policy), []);
        policy.handle_statistics(at_ms(900), &[with_mbps(FIRST, 0.0, false)]);
        let asked = requests(&mut policy);
        let [Request::CreateSubflow { local, .. }] = asked[..] else { panic!("{asked:?}") };
        assert_eq!(local.ip, IpAddr::from([10, 77, 2, 2]));
        policy.handle_statistics(at_ms(1200), &[with_mbps(FIRST, 0.0, false)]);
        assert_eq!(requests(&mut policy), []);
    }

    #[test]
    fn the_second_is_put_aside_when_the_first_has_more_than_enough_again() {
        let [created, open] = established(FIRST);
        let mut policy = policy(&[created, open, joined(SECOND)]);
        let at = |first, backup| [with_mbps(FIRST, first, false), with_mbps(SECOND, 3.0, backup)];
        policy.handle_statistics(at_ms(300), &at(6.0, false));
        assert_eq!(requests(&mut policy), []);
        for sample in 2..9 {
            policy.handle_statistics(at_ms(300 * sample), &at(7.0, false));
        }
        let backup = Request::SetPriority { token: TOKEN, path: path(SECOND), backup: true };
        assert_eq!(requests(&mut policy)[0], backup);
        // From here it takes less than what is needed to have it back.
        policy.handle_statistics(at_ms(3000), &at(5.5, true));
        assert_eq!(requests(&mut policy), []);
        for sample in 11..20 {
            policy.handle_statistics(at_ms(300 * sample), &at(3.0, true));
        }
        let used = Request::SetPriority { token: TOKEN, path: path(SECOND), backup: false };
        assert_eq!(requests(&mut policy)[0], used);
    }

    #[test]
    fn a_window_in_its_first_slow_start_says_nothing() {
        let mut policy = policy(&established(FIRST));
        let mut growing = with_mbps(FIRST, 1.0, false);
        growing.tcp.ssthresh = i32::MAX as u32;
        policy.handle_statistics(at_ms(300), &[growing]);
        assert_eq!(requests(&mut policy), []);
    }
}
