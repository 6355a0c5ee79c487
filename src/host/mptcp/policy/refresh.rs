//! Always so many subflows, each replaced when it is so old: what slows long connections down never
//! gets to see one.
//!
//! A new one is opened first. When it is established the oldest is made a backup, and closed when
//! what it still carried has had time to arrive: closed at once, it would stop the connection until
//! that is sent again.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use mac::Instant;

use super::super::event::{Event, Path, Token};
use super::super::message::Request;
use super::Policy;
use super::connections::{Connection, Connections};

/// How long the one that is replaced has for what it still carries.
const TO_EMPTY: Duration = Duration::from_secs(1);

/// So many subflows, each for so long.
pub struct Refresh {
    count: usize,
    every: Duration,
    addresses: Vec<IpAddr>,
    connections: Connections,
    renewals: Vec<Renewal>,
    requests: VecDeque<Request>,
}

/// What is next for a connection.
#[derive(Debug)]
struct Renewal {
    token: Token,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing until then.
    Idle { until: Instant },
    /// A new subflow has been asked for. If nothing comes of it until then, it is asked for again.
    Opening { until: Instant },
    /// The old one is a backup, and to be closed.
    Emptying { old: Path, until: Instant, next: Instant },
}

impl Refresh {
    /// Each connection of ours has so many subflows; the oldest is replaced as often.
    pub fn new(count: usize, every: Duration, addresses: Vec<IpAddr>) -> Self {
        let (connections, renewals, requests) = Default::default();
        Self { count, every, addresses, connections, renewals, requests }
    }

    fn begin(&mut self, now: Instant, token: Token) {
        let Some(connection) = self.connections.get(token) else { return };
        if connection.server_side {
            return;
        }
        for n in connection.subflows.len()..self.count {
            let ip = self.address(connection, n);
            self.requests.push_back(connection.join(token, &self.addresses, ip));
        }
        self.renewals.push(Renewal { token, state: State::Idle { until: now + self.every } });
    }

    /// Subflows go around our addresses, if we have been told any.
    fn address(&self, connection: &Connection, n: usize) -> IpAddr {
        let first = connection.first.local.ip();
        let family = |ip: &&IpAddr| ip.is_ipv4() == first.is_ipv4();
        let addresses: Vec<&IpAddr> = self.addresses.iter().filter(family).collect();
        if addresses.is_empty() { first } else { *addresses[n % addresses.len()] }
    }

    /// A new one is there: the oldest goes.
    fn replace(&mut self, now: Instant, token: Token, new: Path) {
        let Some(renewal) = self.renewals.iter_mut().find(|renewal| renewal.token == token) else {
            return;
        };
        let State::Opening { .. } = renewal.state else { return };
        let next = now + self.every;
        renewal.state = State::Idle { until: next };
        let Some(connection) = self.connections.get(token) else { return };
        if connection.subflows.len() <= self.count {
            return;
        }
        let others = connection.subflows.iter().filter(|open| open.subflow.path != new);
        let Some(oldest) = others.min_by_key(|open| open.since) else { return };
        let old = oldest.subflow.path;
        renewal.state = State::Emptying { old, until: now + TO_EMPTY, next };
        self.requests.push_back(Request::SetPriority { token, path: old, backup: true });
    }
}

impl State {
    fn until(&self) -> Instant {
        match self {
            Self::Idle { until } | Self::Opening { until } | Self::Emptying { until, .. } => *until,
        }
    }
}

impl Policy for Refresh {
    fn handle_event(&mut self, now: Instant, event: &Event) {
        self.connections.handle(now, event);
        match *event {
            Event::Established { token, .. } => self.begin(now, token),
            Event::SubflowEstablished { token, subflow } => self.replace(now, token, subflow.path),
            Event::Closed { token } => self.renewals.retain(|renewal| renewal.token != token),
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        for renewal in &mut self.renewals {
            if renewal.state.until() > now {
                continue;
            }
            let token = renewal.token;
            match renewal.state {
                State::Emptying { old, next, .. } => {
                    self.requests.push_back(Request::DestroySubflow { token, path: old });
                    renewal.state = State::Idle { until: next };
                }
                State::Idle { .. } | State::Opening { .. } => {
                    renewal.state = State::Opening { until: now + self.every };
                    let Some(connection) = self.connections.get(token) else { continue };
                    // In the place of the oldest, on its own path.
                    let oldest = connection.subflows.iter().min_by_key(|open| open.since);
                    let ip = oldest.map(|open| open.subflow.path.local.ip());
                    let ip = ip.unwrap_or(connection.first.local.ip());
                    self.requests.push_back(connection.join(token, &self.addresses, ip));
                }
            }
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.renewals.iter().map(|renewal| renewal.state.until()).min()
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::made_up::{TOKEN, at_ms, established, joined, path};
    use super::*;

    const FIRST: &str = "10.77.1.2:40000";

    fn requests(policy: &mut Refresh) -> Vec<Request> {
        std::iter::from_fn(|| policy.poll_request()).collect()
    }

    fn policy(count: usize) -> Refresh {
        let mut policy = Refresh::new(count, Duration::from_secs(60), vec![]);
        established(FIRST).iter().for_each(|event| policy.handle_event(at_ms(0), event));
        policy
    }

    #[test]
    fn a_connection_gets_as_many_subflows_as_are_wanted() {
        let mut policy = policy(3);
        let asked = requests(&mut policy);
        assert_eq!(asked.len(), 2);
        assert!(asked.iter().all(|request| matches!(request, Request::CreateSubflow { .. })));
    }

    #[test]
    fn the_oldest_is_emptied_and_closed_when_the_new_one_is_there() {
        let mut policy = policy(1);
        assert_eq!(policy.next_timeout(), Some(at_ms(60_000)));
        policy.handle_timeout(at_ms(60_000));
        let asked = requests(&mut policy);
        assert!(matches!(asked[..], [Request::CreateSubflow { .. }]), "{asked:?}");
        policy.handle_event(at_ms(60_010), &joined("10.77.1.2:40001"));
        let path = path(FIRST);
        let backup = Request::SetPriority { token: TOKEN, path, backup: true };
        assert_eq!(requests(&mut policy), [backup]);
        policy.handle_timeout(at_ms(61_010));
        assert_eq!(requests(&mut policy), [Request::DestroySubflow { token: TOKEN, path }]);
        assert_eq!(policy.next_timeout(), Some(at_ms(120_010)));
    }

    #[test]
    fn where_no_new_one_comes_the_old_one_stays() {
        let mut policy = policy(1);
        policy.handle_timeout(at_ms(60_000));
        policy.handle_timeout(at_ms(120_000));
        let asked = requests(&mut policy);
        let is_join = |request: &Request| matches!(request, Request::CreateSubflow { .. });
        assert!(asked.len() == 2 && asked.iter().all(is_join), "{asked:?}");
    }
}
