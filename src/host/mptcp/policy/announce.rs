//! Tells the peers of further addresses, by which they can join subflows, and takes them back at the
//! end. What a server with several networks does; clients that translate addresses can't be joined.

use std::collections::VecDeque;
use std::net::IpAddr;

use mac::Instant;

use super::super::address::Endpoint;
use super::super::event::Event;
use super::super::message::Request;
use super::Policy;
use super::connections::{Connections, local_id};

/// Announces these addresses.
pub struct Announce {
    addresses: Vec<IpAddr>,
    connections: Connections,
    requests: VecDeque<Request>,
}

impl Announce {
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self { addresses, connections: Connections::default(), requests: VecDeque::new() }
    }

    /// What peers of this connection do not know already, with identifiers.
    fn others(&self, first: IpAddr) -> impl Iterator<Item = (IpAddr, u8)> {
        let others = self.addresses.iter().filter(move |ip| **ip != first);
        others.map(move |ip| (*ip, local_id(first, &self.addresses, *ip)))
    }
}

impl Policy for Announce {
    fn handle_event(&mut self, now: Instant, event: &Event) {
        self.connections.handle(now, event);
        let Event::Established { token, path, .. } = *event else { return };
        let others = self.others(path.local.ip());
        let requests = others.map(|(ip, id)| {
            let address = Endpoint::new(ip).with_id(id);
            Request::Announce { token, address }
        });
        let requests: Vec<Request> = requests.collect();
        self.requests.extend(requests);
    }

    fn handle_end(&mut self) {
        let established = self.connections.iter().filter(|(_, connection)| connection.established);
        let requests = established.flat_map(|(token, connection)| {
            let others = self.others(connection.first.local.ip());
            others.map(move |(_, local_id)| Request::Remove { token, local_id })
        });
        let requests: Vec<Request> = requests.collect();
        self.requests.extend(requests);
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::made_up::{TOKEN, at_ms, established};
    use super::*;

    #[test]
    fn what_is_announced_is_taken_back_at_the_end() {
        let addresses = ["10.77.1.2", "10.77.2.2"].map(|ip| ip.parse().unwrap());
        let mut policy = Announce::new(addresses.into());
        for event in established("10.77.1.2:40000") {
            policy.handle_event(at_ms(0), &event);
        }
        let address = Endpoint::new([10, 77, 2, 2].into()).with_id(2);
        assert_eq!(policy.poll_request(), Some(Request::Announce { token: TOKEN, address }));
        assert_eq!(policy.poll_request(), None);
        policy.handle_end();
        assert_eq!(policy.poll_request(), Some(Request::Remove { token: TOKEN, local_id: 2 }));
    }
}
