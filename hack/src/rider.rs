use std::collections::VecDeque;

use mac::{Departure, Elements, Instant, MacAddr, Msdu, Reception, Response, Rider};

use crate::holder::Holder;
use crate::taker::Taker;
use crate::{Config, Stats, element};

/// TCP/HACK at one station, for all its peers.
pub struct Hack {
    config: Config,
    stats: Stats,
    peers: Vec<Peer>,
    /// What is to be sent natively.
    released: VecDeque<(MacAddr, Msdu)>,
    /// What has ridden here.
    delivered: VecDeque<Msdu>,
    /// Scratch, kept for its capacity.
    scratch: Vec<Msdu>,
}

/// A peer that takes riders.
struct Peer {
    address: MacAddr,
    holder: Holder,
    taker: Taker,
}

impl Hack {
    /// HACK for a station that has no peers yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            stats: Stats::default(),
            peers: vec![],
            released: VecDeque::new(),
            delivered: VecDeque::new(),
            scratch: vec![],
        }
    }

    /// What became of TCP ACKs so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Has a peer's holder do something that may release packets.
    fn with_holder(
        &mut self,
        address: MacAddr,
        act: impl FnOnce(&mut Holder, &Config, &mut Stats, &mut Vec<Msdu>),
    ) {
        let Self { config, stats, peers, released, scratch, .. } = self;
        if let Some(peer) = peers.iter_mut().find(|peer| peer.address == address) {
            act(&mut peer.holder, config, stats, scratch);
            released.extend(scratch.drain(..).map(|msdu| (address, msdu)));
        }
    }

    fn with_taker(&mut self, address: MacAddr) -> Option<(&mut Taker, &Config, &mut Stats)> {
        let peer = self.peers.iter_mut().find(|peer| peer.address == address)?;
        Some((&mut peer.taker, &self.config, &mut self.stats))
    }

    /// Drains all peers of which `which` is true.
    fn drain_where(&mut self, which: impl Fn(&Holder, &Config) -> bool) {
        let Self { config, stats, peers, released, scratch, .. } = self;
        for peer in peers.iter_mut().filter(|peer| which(&peer.holder, config)) {
            peer.holder.drain(stats, scratch);
            released.extend(scratch.drain(..).map(|msdu| (peer.address, msdu)));
        }
    }
}

impl Rider for Hack {
    fn announce(&self, elements: &mut Vec<u8>) {
        element::announce(elements);
    }

    fn peer_joined(&mut self, now: Instant, address: MacAddr, elements: Elements<'_>) {
        self.peer_left(now, address);
        if element::is_announced(elements) {
            let (holder, taker) = (Holder::default(), Taker::default());
            self.peers.push(Peer { address, holder, taker });
        }
    }

    fn peer_left(&mut self, _now: Instant, address: MacAddr) {
        self.peers.retain(|peer| peer.address != address);
    }

    fn hold(&mut self, now: Instant, address: MacAddr, msdu: Msdu) -> Option<Msdu> {
        if !self.peers.iter().any(|peer| peer.address == address) {
            return Some(msdu);
        }
        self.with_holder(address, |holder, config, stats, native| {
            holder.take(now, msdu, config, stats, native);
        });
        if let Some((taker, config, _)) = self.with_taker(address) {
            taker.data_queued(config);
        }
        None
    }

    fn release(&mut self, _now: Instant) -> Option<(MacAddr, Msdu)> {
        self.released.pop_front()
    }

    fn native_done(&mut self, address: MacAddr, msdu: &Msdu, arrived: bool) {
        self.with_holder(address, |holder, _, _, _| holder.native_done(msdu, arrived));
    }

    fn wants_medium(&self) -> bool {
        let wants =
            |peer: &Peer| peer.holder.wants_medium(&self.config) || peer.taker.wants_medium();
        self.peers.iter().any(wants)
    }

    fn medium_won(&mut self, _now: Instant) {
        self.drain_where(|holder, config| holder.wants_medium(config));
    }

    fn data_received(&mut self, now: Instant, address: MacAddr, reception: &Reception) {
        self.with_holder(address, |holder, config, stats, native| {
            holder.data_received(now, reception, config, stats, native);
        });
    }

    fn ride(
        &mut self,
        _now: Instant,
        address: MacAddr,
        _response: &Response,
        budget: usize,
        riders: &mut Vec<u8>,
    ) {
        self.with_holder(address, |holder, config, stats, native| {
            holder.ride(budget, config, stats, riders, native);
        });
    }

    fn response_received(
        &mut self,
        now: Instant,
        address: MacAddr,
        _response: &Response,
        riders: &[u8],
    ) {
        let mut scratch = std::mem::take(&mut self.scratch);
        if let Some((taker, config, stats)) = self.with_taker(address) {
            taker.responded(now, riders, config, stats, &mut scratch);
        }
        self.delivered.extend(scratch.drain(..));
        self.scratch = scratch;
    }

    fn response_missed(
        &mut self,
        _now: Instant,
        address: MacAddr,
        _tid: Option<u8>,
        given_up: bool,
    ) {
        if let Some((taker, ..)) = self.with_taker(address).filter(|_| given_up) {
            taker.missed();
        }
    }

    fn deliver(&mut self) -> Option<Msdu> {
        self.delivered.pop_front()
    }

    fn admits(&mut self, now: Instant, address: MacAddr, msdu: &Msdu) -> bool {
        match self.with_taker(address) {
            Some((taker, _, stats)) => taker.admits(now, msdu, stats),
            None => true,
        }
    }

    fn more_data(&mut self, now: Instant, address: MacAddr, departure: &Departure) -> bool {
        let &Departure { queued, sleeps, .. } = departure;
        let for_sleepers = sleeps && queued > 0;
        match self.with_taker(address) {
            Some((taker, config, _)) => taker.promises(now, departure, config) || for_sleepers,
            None => for_sleepers,
        }
    }

    fn may_wait(&self, now: Instant, address: MacAddr) -> bool {
        let peer = self.peers.iter().find(|peer| peer.address == address);
        peer.is_some_and(|peer| peer.taker.expects_data(now, &self.config))
    }

    fn poll(&mut self, now: Instant) -> Option<MacAddr> {
        let Self { config, stats, peers, .. } = self;
        let address = |peer: &mut Peer| peer.taker.poll(now, config, stats).then_some(peer.address);
        peers.iter_mut().find_map(address)
    }

    fn set_deaf(&mut self, _now: Instant, address: MacAddr, deaf: bool) {
        self.with_holder(address, |holder, _, stats, native| {
            holder.set_deaf(deaf, stats, native);
        });
        if let Some((taker, ..)) = self.with_taker(address).filter(|_| deaf) {
            taker.stop_polling();
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        let deadlines =
            self.peers.iter().flat_map(|peer| [peer.holder.deadline(), peer.taker.deadline()]);
        deadlines.flatten().min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        let late = |holder: &Holder| holder.deadline().is_some_and(|deadline| deadline <= now);
        self.stats.safety_drains += self.peers.iter().filter(|p| late(&p.holder)).count() as u64;
        self.drain_where(|holder, _| late(holder));
        for peer in &mut self.peers {
            peer.taker.handle_timeout(now);
        }
    }
}
