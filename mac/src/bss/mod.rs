//! Membership: what makes a station one of a BSS, on top of what all stations share.

mod ap;
mod elements;
mod ibss;
mod station;

use phy80211::Rate;
use rand_chacha::ChaCha8Rng;

use crate::event::{Command, Event, Msdu, Output};
use crate::lower::{Lower, Upward};
use crate::peer::Peer;
use crate::{AccessCategory, Config, Counters, Instant, MacAddr, Rider, Role};
use ap::Ap;
use ibss::Ibss;
use station::Station;

/// The MAC of a station: time and events in, [`Output`]s out.
///
/// Its owner calls [`handle`](Self::handle) with what happens, and
/// [`handle_timeout`](Self::handle_timeout) when [`next_timeout`](Self::next_timeout) has come;
/// after each call it takes all outputs from [`poll`](Self::poll). Times never run backwards.
pub struct Mac {
    lower: Lower,
    membership: Box<dyn Membership>,
}

/// What a station does as a member of its BSS, or to become one.
trait Membership: Send {
    /// The host wants a packet sent.
    fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu);

    /// The host wants something else.
    fn command(&mut self, now: Instant, lower: &mut Lower, command: Command);

    /// The lower part has something that it does not decide.
    fn handle(&mut self, now: Instant, lower: &mut Lower, upward: Upward);

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    fn next_timeout(&self) -> Option<Instant>;

    /// The time may have come.
    fn handle_timeout(&mut self, now: Instant, lower: &mut Lower);

    /// All has been dealt with: the queues are as they will be until something else happens.
    fn follow_up(&mut self, now: Instant, lower: &mut Lower) {
        let _ = (now, lower);
    }
}

/// What a MAC knows of another station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerStatus {
    /// Its address.
    pub address: MacAddr,
    /// Power of what was last heard of it, in dBm.
    pub rssi_dbm: f32,
    /// When that was.
    pub last_heard: Instant,
    /// It has told us that it sleeps.
    pub sleeps: bool,
    /// The rate at which data to it does arrive.
    pub data_rate: Rate,
}

impl Mac {
    /// A station that begins now. All that is random in it comes from `rng`.
    ///
    /// # Panics
    /// If its network's name is longer than 32 bytes.
    pub fn new(now: Instant, config: Config, rider: Box<dyn Rider>, rng: ChaCha8Rng) -> Self {
        let role = config.role.clone();
        let mut lower = Lower::new(config, rider, rng);
        let membership: Box<dyn Membership> = match role {
            Role::Ap(config) => Box::new(Ap::new(now, config, &mut lower)),
            Role::Station(config) => Box::new(Station::new(now, config, &mut lower)),
            Role::Ibss(config) => Box::new(Ibss::new(now, config, &mut lower)),
        };
        Self { lower, membership }
    }

    /// Something happens.
    pub fn handle(&mut self, now: Instant, event: Event) {
        match event {
            Event::Phy(indication) => self.lower.handle_phy(now, indication),
            Event::Msdu(msdu) => self.membership.send(now, &mut self.lower, msdu),
            Event::Command(command) => self.membership.command(now, &mut self.lower, command),
            Event::Preempted => self.lower.preempted(now),
        }
        self.pass_upward(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called, if nothing happens before.
    pub fn next_timeout(&self) -> Option<Instant> {
        let timeouts = [self.lower.next_timeout(), self.membership.next_timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// The time that was asked for has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.membership.handle_timeout(now, &mut self.lower);
        self.lower.handle_timeout(now);
        self.pass_upward(now);
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.lower.outputs.pop_front()
    }

    /// What it is and how it behaves.
    pub fn config(&self) -> &Config {
        &self.lower.config
    }

    /// Who rides on its responses.
    pub fn rider(&self) -> &dyn Rider {
        &*self.lower.rider
    }

    /// What it has done so far.
    pub fn counters(&self) -> &Counters {
        &self.lower.counters
    }

    /// Packets queued in an access category, those in flight included.
    pub fn queued(&self, category: AccessCategory) -> usize {
        self.lower.queued(category)
    }

    /// The stations that it exchanges data with.
    pub fn peers(&self) -> impl Iterator<Item = PeerStatus> {
        let peers = self.lower.peers.iter();
        peers.map(|&Peer { address, rssi_dbm, last_heard, sleeps, ref rate_control, .. }| {
            let data_rate = rate_control.proven(0);
            PeerStatus { address, rssi_dbm, last_heard, sleeps, data_rate }
        })
    }

    fn pass_upward(&mut self, now: Instant) {
        while let Some(upward) = self.lower.upward.pop_front() {
            self.membership.handle(now, &mut self.lower, upward);
        }
        self.membership.follow_up(now, &mut self.lower);
    }
}
