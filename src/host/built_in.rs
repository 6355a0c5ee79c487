//! The yardstick: the same flows by the built-in TCP, whose defaults are those of a Linux host with
//! CUBIC, over the same network in virtual time.

use std::net::SocketAddr;

use mac::Instant;
use sim::network::{Endpoint, EndpointId, HostId};
use sim::scenario::Built;
use sim::tcp::{Config, Connection, Transfer};

use super::traffic::{FlowSummary, Protocol};

/// Flows have ports of their own, from here on: endpoints are told apart by nothing else.
const FIRST_PORT: u16 = 5001;

/// A flow, from before it begins.
struct Repetition<'a> {
    flow: &'a mut FlowSummary,
    from: HostId,
    to: HostId,
    port: u16,
    receiver: Option<EndpointId>,
}

/// Lets as much flow as there is room for, from where to where and from when to when these did.
pub fn repeat(mut built: Built<()>, flows: &mut [FlowSummary]) {
    let tcp = flows.iter_mut().filter(|flow| flow.protocol == Protocol::Tcp && flow.is_bulk());
    let repetition = |(flow, port)| Repetition::new(flow, port, &built);
    let mut flows: Vec<Repetition> = tcp.zip(FIRST_PORT..).filter_map(repetition).collect();
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

impl<'a> Repetition<'a> {
    /// None of a flow with an address that nobody has.
    fn new(flow: &'a mut FlowSummary, port: u16, built: &Built<()>) -> Option<Self> {
        let host = |address| built.hosts().iter().find(|host| host.address == address);
        let (from, to) = (host(flow.from.ip())?.id, host(flow.to.ip())?.id);
        Some(Self { flow, from, to, port, receiver: None })
    }

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
        let from = SocketAddr::new(self.flow.from.ip(), self.port);
        let to = SocketAddr::new(self.flow.to.ip(), self.port);
        let sends = Config { transfer: Transfer::Unlimited, ..Config::default() };
        let sender = Endpoint::Tcp(Box::new(Connection::listen(sends, from)));
        built.network.add_endpoint(self.from, self.port, sender);
        let receiver = Connection::connect(Config::default(), to, from, now);
        let receiver = Endpoint::Tcp(Box::new(receiver));
        self.receiver = Some(built.network.add_endpoint(self.to, self.port, receiver));
    }
}
