//! A subflow from each of our addresses in each connection that we open: what the kernel's own path
//! manager does with endpoints, for connections that it leaves to user space.

use std::collections::VecDeque;
use std::net::IpAddr;

use mac::Instant;

use super::super::event::Event;
use super::super::message::Request;
use super::Policy;
use super::connections::Connections;

/// Joins subflows from these addresses.
pub struct Join {
    addresses: Vec<IpAddr>,
    connections: Connections,
    requests: VecDeque<Request>,
}

impl Join {
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self { addresses, connections: Connections::default(), requests: VecDeque::new() }
    }
}

impl Policy for Join {
    fn handle_event(&mut self, now: Instant, event: &Event) {
        self.connections.handle(now, event);
        let Event::Established { token, .. } = *event else { return };
        let Some(connection) = self.connections.get(token) else { return };
        if connection.server_side {
            return;
        }
        let family = |ip: &&IpAddr| ip.is_ipv4() == connection.first.remote.is_ipv4();
        let others = self.addresses.iter().filter(family);
        let others = others.filter(|ip| !connection.has_subflow_from(**ip));
        self.requests.extend(others.map(|ip| connection.join(token, &self.addresses, *ip)));
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::address::Endpoint;
    use super::super::connections::made_up::{TOKEN, at_ms, established, path};
    use super::*;

    fn join(events: &[Event]) -> Vec<Request> {
        let addresses = ["10.77.1.2", "10.77.2.2", "fd09::2"].map(|ip| ip.parse().unwrap());
        let mut join = Join::new(addresses.into());
        events.iter().for_each(|event| join.handle_event(at_ms(0), event));
        std::iter::from_fn(|| join.poll_request()).collect()
    }

    #[test]
    fn a_connection_that_we_opened_gets_a_subflow_from_each_other_address_of_its_family() {
        let local = Endpoint::new([10, 77, 2, 2].into()).with_id(2);
        let remote = Endpoint::of_subflow(path("10.77.1.2:40000").remote);
        let request = Request::CreateSubflow { token: TOKEN, local, remote };
        assert_eq!(join(&established("10.77.1.2:40000")), [request]);
    }

    #[test]
    fn not_before_it_is_established_and_not_if_the_peer_opened_it() {
        let [created, _] = established("10.77.1.2:40000");
        assert_eq!(join(&[created]), []);
        let (token, path) = (TOKEN, path("10.77.1.2:40000"));
        let created = Event::Created { token, path, server_side: true };
        assert_eq!(join(&[created, Event::Established { token, path, server_side: true }]), []);
    }
}
