//! Lets the virtual time of a network follow a clock, and carries packets between its open hosts
//! and whoever answers for them.
//!
//! What happens in the network has its virtual time, however late it is processed; only what comes
//! from outside is as late as we are. Not here: clocks, devices and priorities.

use anyhow::Result;
use bytes::Bytes;
use hack::Stats;
use mac::Instant;
use sim::NodeId;
use sim::network::{HostId, Network, Observer};
use sim::scenario::{Built, hack_stats};

use super::lateness::Lateness;
use super::traffic::Traffic;

/// Packets that are taken from outside before the network has its turn again.
const BATCH: usize = 256;

/// What is outside of the network. Hosts have the numbers that they have in their scenario.
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
pub struct Pacer<O: Observer = ()> {
    network: Network<O>,
    hosts: Vec<HostId>,
    nodes: Vec<NodeId>,
    pub lateness: Lateness,
    pub traffic: Traffic,
}

impl<O: Observer> Pacer<O> {
    /// A network at its beginning. All its hosts are outside.
    pub fn new(built: Built<O>) -> Self {
        let hosts: Vec<HostId> = built.hosts().iter().map(|host| host.id).collect();
        let nodes = built.nodes().to_vec();
        let mut network = built.network;
        for host in &hosts {
            network.open_host(*host);
        }
        Self { network, hosts, nodes, lateness: Lateness::new(), traffic: Traffic::default() }
    }

    /// What became of the TCP ACKs of all nodes with HACK.
    pub fn hack(&self) -> Option<Stats> {
        let stats = self
            .nodes
            .iter()
            .filter_map(|node| self.network.single_mac(*node).and_then(hack_stats));
        stats.reduce(|a, b| a.plus(&b))
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::VecDeque;
    use std::net::SocketAddr;
    use std::time::Duration;

    use sim::ErrorTable;
    use sim::packet::{Datagram, Flow};
    use sim::scenario::{Preset, PresetOptions};

    use super::*;

    const CLIENT: usize = 1;
    const SERVER: usize = 2;
    /// By when the client has joined.
    const JOINED: Instant = Instant::from_nanos(1_000_000_000);

    /// A clock that goes on while one waits, and hosts that send what they are told to.
    struct Fake {
        now: Cell<Instant>,
        /// How much later than asked for [`wait`](Outside::wait) returns.
        oversleeps: Duration,
        /// How long it takes to look at the clock.
        slowness: Duration,
        to_send: VecDeque<(Instant, usize, Bytes)>,
        got: Vec<(Instant, usize, Bytes)>,
    }

    impl Outside for Fake {
        fn now(&self) -> Instant {
            self.now.set(self.now.get() + self.slowness);
            self.now.get()
        }

        fn wait(&mut self, until: Option<Instant>) -> Result<()> {
            let sends = self.to_send.front().map(|(at, ..)| *at);
            let next = until.into_iter().chain(sends).min().expect("beacons never end");
            self.now.set(self.now.get().max(next + self.oversleeps));
            Ok(())
        }

        fn receive(&mut self) -> Result<Option<(usize, Bytes)>> {
            let due = self.to_send.pop_front_if(|(at, ..)| *at <= self.now.get());
            Ok(due.map(|(_, host, packet)| (host, packet)))
        }

        fn deliver(&mut self, host: usize, packet: &Bytes) -> Result<()> {
            self.got.push((self.now.get(), host, packet.clone()));
            Ok(())
        }
    }

    /// A network whose client has joined.
    fn joined() -> (Pacer, Fake) {
        let mut pacer = Pacer::new(bss());
        let mut fake = Fake {
            now: Cell::new(Instant::ZERO),
            oversleeps: Duration::ZERO,
            slowness: Duration::ZERO,
            to_send: VecDeque::new(),
            got: vec![],
        };
        run(&mut pacer, &mut fake, JOINED);
        (pacer, fake)
    }

    fn run(pacer: &mut Pacer, fake: &mut Fake, until: Instant) {
        while fake.now.get() < until {
            pacer.step(fake).unwrap();
        }
    }

    fn bss() -> Built<()> {
        let scenario = Preset::Bss11n.scenario(&PresetOptions::default()).unwrap();
        scenario.build(ErrorTable::ideal(), 1, ())
    }

    fn datagram(from: usize, to: usize) -> Bytes {
        let at = |host: usize| SocketAddr::new(bss().hosts()[host].address, 7);
        Datagram { flow: Flow::new(at(from), at(to)), identification: 0 }.emit(b"a packet")
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn packets_go_from_host_to_host_in_the_time_that_the_network_takes() {
        let (mut pacer, mut fake) = joined();
        let (there, back) = (datagram(SERVER, CLIENT), datagram(CLIENT, SERVER));
        let (first_sent, second_sent) = (fake.now.get() + ms(1), fake.now.get() + ms(20));
        fake.to_send =
            [(first_sent, SERVER, there.clone()), (second_sent, CLIENT, back.clone())].into();
        run(&mut pacer, &mut fake, second_sent + ms(20));
        let [(first, CLIENT, got), (second, SERVER, returned)] = &fake.got[..] else {
            panic!("{:?}", fake.got)
        };
        assert_eq!((got, returned), (&there, &back));
        // A millisecond by cable, the rest by air.
        for took in [first.since(first_sent), second.since(second_sent)] {
            assert!((ms(1)..ms(2)).contains(&took), "{took:?}");
        }
        let [there, back] = pacer.traffic.summary().try_into().expect("two flows");
        assert_eq!((there.bytes, back.bytes), (8, 8));
        assert_eq!(pacer.lateness.summary().max_us, 0.0);
    }

    #[test]
    fn what_is_received_late_has_the_time_at_which_it_was() {
        let (mut pacer, mut fake) = joined();
        let sent = fake.now.get() + ms(1);
        fake.to_send = [(sent, SERVER, datagram(SERVER, CLIENT))].into();
        fake.oversleeps = ms(5);
        pacer.step(&mut fake).unwrap();
        let received = fake.now.get();
        assert!(received > sent + ms(3), "{received}");
        fake.oversleeps = Duration::ZERO;
        run(&mut pacer, &mut fake, received + ms(40));
        let took = fake.got[0].0.since(received);
        assert!((ms(1)..ms(2)).contains(&took), "{took:?}");
    }

    #[test]
    fn every_event_is_as_late_as_the_clock_says_when_its_turn_comes() {
        let (mut pacer, mut fake) = joined();
        let before = pacer.lateness.summary();
        assert_eq!(before.max_us, 0.0);
        fake.oversleeps = ms(3);
        run(&mut pacer, &mut fake, JOINED + ms(2000));
        let after = pacer.lateness.summary();
        assert!(after.events > before.events && after.late_fraction > 0.0, "{after:?}");
        assert!((2900.0..3100.0).contains(&after.max_us), "{after:?}");
    }

    #[test]
    fn hosts_have_their_turn_although_the_network_cannot_keep_up() {
        let (mut pacer, mut fake) = joined();
        fake.slowness = ms(200);
        fake.to_send = [(fake.now.get(), CLIENT, datagram(CLIENT, SERVER))].into();
        for _ in 0..3 {
            pacer.step(&mut fake).unwrap();
        }
        assert!(fake.to_send.is_empty());
    }
}
