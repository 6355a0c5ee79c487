//! A subflow that is reset is opened again: at once, but not for ever faster than every few seconds.
//!
//! A peer that resets a subflow says why (RFC 8684, section 3.6); a middlebox does not, and is likely
//! to do it again: then another of our addresses is taken, if there is one.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use mac::Instant;

use super::super::event::{Closing, Event, Token};
use super::super::message::Request;
use super::Policy;
use super::connections::Connections;

/// ECONNRESET of Linux.
const CONNECTION_RESET: u8 = 104;
/// How long we wait after the second reset in a row, doubled for each more.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// One that comes so much later than the last is no longer in a row.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// Opens again what was reset.
pub struct Reset {
    addresses: Vec<IpAddr>,
    connections: Connections,
    /// When a connection was reset for the last time, and how often in a row.
    resets: HashMap<Token, (Instant, u32)>,
    /// When a subflow is to be opened from where.
    planned: Vec<(Instant, Token, IpAddr)>,
    requests: VecDeque<Request>,
}

impl Reset {
    /// Addresses to choose from; that of the subflow itself is always among them.
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self {
            addresses,
            connections: Connections::default(),
            resets: HashMap::new(),
            planned: vec![],
            requests: VecDeque::new(),
        }
    }

    fn handle_reset(&mut self, now: Instant, token: Token, from: IpAddr, by_peer: bool) {
        let Some(connection) = self.connections.get(token) else { return };
        if connection.server_side || !connection.established {
            return;
        }
        let ip = if by_peer { from } else { self.another(from) };
        let (last, in_a_row) = self.resets.entry(token).or_insert((now, 0));
        if now.since(*last) > FORGOTTEN {
            *in_a_row = 0;
        }
        let wait = match *in_a_row {
            0 => Duration::ZERO,
            n => FIRST_WAIT.saturating_mul(1 << (n - 1).min(16)).min(LONGEST_WAIT),
        };
        (*last, *in_a_row) = (now, *in_a_row + 1);
        self.planned.push((now + wait, token, ip));
        self.handle_timeout(now);
    }

    /// The address after this one.
    fn another(&self, from: IpAddr) -> IpAddr {
        let family = |ip: &&IpAddr| ip.is_ipv4() == from.is_ipv4();
        let mut around = self.addresses.iter().filter(family).cycle();
        let count = self.addresses.len();
        match around.by_ref().take(count).position(|ip| *ip == from) {
            Some(_) => around.next().copied().unwrap_or(from),
            None => self.addresses.iter().find(family).copied().unwrap_or(from),
        }
    }
}

impl Policy for Reset {
    fn handle_event(&mut self, now: Instant, event: &Event) {
        self.connections.handle(now, event);
        match *event {
            Event::Closed { token } => {
                self.resets.remove(&token);
                self.planned.retain(|(_, of, _)| *of != token);
            }
            Event::SubflowClosed { token, subflow, closing } => {
                let Closing { error, reset_reason } = closing;
                if error == Some(CONNECTION_RESET) || reset_reason.is_some() {
                    let from = subflow.path.local.ip();
                    self.handle_reset(now, token, from, reset_reason.is_some());
                }
            }
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        for (_, token, ip) in self.planned.extract_if(.., |(at, ..)| *at <= now) {
            if let Some(connection) = self.connections.get(token) {
                self.requests.push_back(connection.join(token, &self.addresses, ip));
            }
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.planned.iter().map(|(at, ..)| *at).min()
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::made_up::{TOKEN, at_ms, established, joined, subflow};
    use super::*;

    const FIRST: &str = "10.77.1.2:40000";
    const SECOND: &str = "10.77.2.2:40001";

    fn policy() -> Reset {
        let addresses = ["10.77.1.2", "10.77.2.2"].map(|ip| ip.parse().unwrap());
        let mut policy = Reset::new(addresses.into());
        let [created, open] = established(FIRST);
        for event in [created, open, joined(SECOND)] {
            policy.handle_event(at_ms(0), &event);
        }
        policy
    }

    fn closed(local: &str, closing: Closing) -> Event {
        Event::SubflowClosed { token: TOKEN, subflow: subflow(local), closing }
    }

    fn joins(policy: &mut Reset) -> Vec<String> {
        let requests = std::iter::from_fn(|| policy.poll_request());
        let from = requests.map(|request| match request {
            Request::CreateSubflow { local, .. } => local.ip.to_string(),
            other => panic!("{other:?}"),
        });
        from.collect()
    }

    #[test]
    fn after_a_reset_that_the_peer_explains_the_same_path_is_tried_again() {
        let mut policy = policy();
        let closing = Closing { error: Some(CONNECTION_RESET), reset_reason: Some(1) };
        policy.handle_event(at_ms(10), &closed(SECOND, closing));
        assert_eq!(joins(&mut policy), ["10.77.2.2"]);
    }

    #[test]
    fn after_one_without_a_reason_another_path_is() {
        let mut policy = policy();
        let closing = Closing { error: Some(CONNECTION_RESET), reset_reason: None };
        policy.handle_event(at_ms(10), &closed(SECOND, closing));
        assert_eq!(joins(&mut policy), ["10.77.1.2"]);
        assert_eq!(policy.another("10.77.1.2".parse().unwrap()).to_string(), "10.77.2.2");
    }

    #[test]
    fn resets_in_a_row_are_answered_ever_more_slowly() {
        let mut policy = policy();
        let closing = Closing { error: Some(CONNECTION_RESET), reset_reason: Some(6) };
        let mut waits = vec![];
        for _ in 0..9 {
            policy.handle_event(at_ms(10), &closed(SECOND, closing));
            let at = policy.next_timeout().unwrap_or(at_ms(10));
            waits.push(at.since(at_ms(10)).as_millis());
            policy.handle_timeout(at);
            assert_eq!(joins(&mut policy), ["10.77.2.2"]);
        }
        assert_eq!(waits, [0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
        policy.handle_event(at_ms(60_000), &closed(SECOND, closing));
        assert_eq!(policy.next_timeout(), None);
    }

    #[test]
    fn one_that_we_closed_or_that_timed_out_is_not_opened_again() {
        let mut policy = policy();
        policy.handle_event(at_ms(10), &closed(SECOND, Closing::default()));
        let closing = Closing { error: Some(110), reset_reason: None };
        policy.handle_event(at_ms(20), &closed(FIRST, closing));
        assert!(joins(&mut policy).is_empty());
    }
}
