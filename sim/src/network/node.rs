//! What is behind the antenna of a node: one MAC, or a client with a station for each AP.

use channel_switch::MultiStation;
use mac::{AccessCategory, Counters, Instant, Mac, MacAddr, PhyIndication};

use crate::{Channel, NodeId};

/// A node.
pub(super) struct Node {
    /// Its radios in the medium: one, but for clients that hear several channels at once.
    pub(super) radios: Vec<NodeId>,
    pub(super) brain: Brain,
    pub(super) member: usize,
}

/// Who decides what a node sends.
pub(super) enum Brain {
    Mac(Box<Mac>),
    Client {
        client: Box<MultiStation>,
        /// Where its channels are, in its own order.
        channels: Vec<Channel>,
    },
}

impl Node {
    pub(super) fn mac(&self) -> Option<&Mac> {
        match &self.brain {
            Brain::Mac(mac) => Some(mac),
            Brain::Client { .. } => None,
        }
    }

    pub(super) fn client(&self) -> Option<&MultiStation> {
        match &self.brain {
            Brain::Mac(_) => None,
            Brain::Client { client, .. } => Some(client),
        }
    }

    /// The address of its host; that of one with several associations for the AP in question, if
    /// there is one with it.
    pub(super) fn address(&self, ap: Option<MacAddr>) -> Option<MacAddr> {
        match &self.brain {
            Brain::Mac(mac) => Some(mac.config().address),
            Brain::Client { client, .. } => {
                client.associations().find(|one| Some(one.ap) == ap).map(|one| one.station)
            }
        }
    }

    pub(super) fn counters(&self) -> Counters {
        match &self.brain {
            Brain::Mac(mac) => *mac.counters(),
            Brain::Client { client, .. } => client.counters(),
        }
    }

    pub(super) fn queued(&self) -> usize {
        match &self.brain {
            Brain::Mac(mac) => mac.queued(AccessCategory::BestEffort),
            Brain::Client { client, .. } => client.queued(),
        }
    }

    pub(super) fn hears(&mut self, now: Instant, radio: usize, indication: PhyIndication) {
        match &mut self.brain {
            Brain::Mac(mac) => mac.handle(now, mac::Event::Phy(indication)),
            Brain::Client { client, .. } => client.handle_phy(now, radio, indication),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        match &mut self.brain {
            Brain::Mac(mac) => mac.handle_timeout(now),
            Brain::Client { client, .. } => client.handle_timeout(now),
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        match &self.brain {
            Brain::Mac(mac) => mac.next_timeout(),
            Brain::Client { client, .. } => client.next_timeout(),
        }
    }
}
