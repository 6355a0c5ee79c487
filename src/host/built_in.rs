//! The yardstick: the same flows by the built-in TCP, whose defaults are those of a Linux host with
//! CUBIC, over the same network in virtual time.

use mac::Instant;
use sim::network::{Endpoint, EndpointId, HostId};
use sim::scenario::Built;
use sim::tcp::{Config, Connection, Transfer};

use super::traffic::{FlowSummary, Protocol};

/// A flow, from before it begins.
struct Repetition<'a> {
    flow: &'a mut FlowSummary,
    receiver: Option<EndpointId>,
}

/// Lets as much flow as there is room for, from where to where and from when to when these did.
pub fn repeat(mut built: Built<()>, flows: &mut [FlowSummary]) {
    let tcp = flows.iter_mut().filter(|flow| flow.protocol == Protocol::Tcp && flow.is_bulk());
    let mut flows: Vec<_> = tcp.map(|flow| Repetition { flow, receiver: None }).collect();
    let begins = flows.iter().map(|repetition| repetition.flow.begin());
    let ends = flows.iter().map(|repetition| repetition.flow.end());
    let mut times: Vec<Instant> = begins.chain(ends).collect();
    times.sort_unstable();
    for now in times {
        built.network.run_until(now);
        for repetition in &mut flows {
            repetition.pass(&mut built, now);
        }
    }
}

impl Repetition<'_> {
    fn pass(&mut self, built: &mut Built<()>, now: Instant) {
        match self.receiver {
            None if now == self.flow.begin() => self.begin(built, now),
            Some(receiver) if now == self.flow.end() => {
                let bytes = built.network.endpoint(receiver).bytes_delivered();
                self.flow.built_in_mbps = Some(8e-6 * bytes as f64 / self.flow.seconds);
            }
            _ => {}
        }
    }

    fn begin(&mut self, built: &mut Built<()>, now: Instant) {
        let FlowSummary { from, to, .. } = *self.flow;
        let host = |address| -> HostId {
            let host = built.hosts().iter().find(|host| host.address == address);
            host.expect("who sends or receives is a host").id
        };
        let (sending, receiving) = (host(from.ip()), host(to.ip()));
        let sends = Config { transfer: Transfer::Unlimited, ..Config::default() };
        let sender = Endpoint::Tcp(Box::new(Connection::listen(sends, from)));
        built.network.add_endpoint(sending, from.port(), sender);
        let receiver = Connection::connect(Config::default(), to, from, now);
        let receiver = Endpoint::Tcp(Box::new(receiver));
        self.receiver = Some(built.network.add_endpoint(receiving, to.port(), receiver));
    }
}
