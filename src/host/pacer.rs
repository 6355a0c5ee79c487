//! Lets the virtual time of a network follow a clock, and carries packets between its open hosts
//! and whoever answers for them.
//!
//! What happens in the network has its virtual time, however late it is processed; only what comes
//! from outside is as late as we are. Not here: clocks, devices and priorities.

use anyhow::Result;
use bytes::Bytes;
use mac::Instant;
use sim::network::{HostId, Network};

use super::lateness::Lateness;
use super::traffic::Traffic;

/// Packets that are taken from outside before the network has its turn again.
const BATCH: usize = 256;

/// What is outside of the network. Hosts are numbered in the order in which the pacer got them.
pub trait Outside {
    /// The time since the network began.
    fn now(&self) -> Instant;

    /// Waits until that time, or until there may be something to [`receive`](Self::receive).
    fn wait(&mut self, until: Option<Instant>) -> Result<()>;

    /// The next packet that a host sends.
    fn receive(&mut self) -> Result<Option<(usize, Bytes)>>;

    /// Gives a host a packet.
    fn deliver(&mut self, host: usize, packet: &Bytes) -> Result<()>;
}

/// A network and its open hosts.
pub struct Pacer {
    network: Network,
    hosts: Vec<HostId>,
    pub lateness: Lateness,
    pub traffic: Traffic,
}

impl Pacer {
    /// Opens these hosts of a network in which nothing has happened yet.
    pub fn new(mut network: Network, hosts: Vec<HostId>) -> Self {
        for host in &hosts {
            network.open_host(*host);
        }
        Self { network, hosts, lateness: Lateness::new(), traffic: Traffic::default() }
    }

    /// Does all that is due, and waits for more.
    pub fn step(&mut self, outside: &mut impl Outside) -> Result<()> {
        let now = outside.now();
        while let Some(due) = self.network.next_event().filter(|due| *due <= now) {
            self.lateness.record(outside.now().since(due));
            self.network.run_until(due);
            self.deliver(outside)?;
        }
        self.network.run_until(now);
        for _ in 0..BATCH {
            let Some((host, packet)) = outside.receive()? else { break };
            self.network.inject(self.hosts[host], packet);
        }
        outside.wait(self.network.next_event())
    }

    fn deliver(&mut self, outside: &mut impl Outside) -> Result<()> {
        for (number, host) in self.hosts.iter().enumerate() {
            while let Some(packet) = self.network.take(*host) {
                self.traffic.delivered(self.network.now(), &packet);
                outside.deliver(number, &packet)?;
            }
        }
        Ok(())
    }
}
