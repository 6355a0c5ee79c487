//! The stations with which data is exchanged.

use super::{Exchange, Lower};
use crate::event::DropReason;
use crate::peer::Peer;
use crate::{Capabilities, Elements, Instant, MacAddr, ResponseDelay};

/// What becomes of a station that sends us data without being a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// It is reported as [`Upward::Stranger`].
    Reported,
    /// It becomes a peer that can do what we can.
    LikeUs,
    /// It becomes a peer that can do this, until it tells what it can.
    Assumed(Capabilities),
}

/// Peers that became so without being asked, at most.
const MAX_UNASKED_PEERS: usize = 256;

impl Lower {
    pub(crate) fn peer(&self, address: MacAddr) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.address == address)
    }

    pub(crate) fn peer_mut(&mut self, address: MacAddr) -> Option<&mut Peer> {
        self.peers.iter_mut().find(|peer| peer.address == address)
    }

    /// A station with which data may be exchanged from now on; one that was there begins anew.
    pub(crate) fn add_peer(&mut self, now: Instant, address: MacAddr, theirs: &Capabilities) {
        self.remove_peer(now, address);
        let common = self.config.capabilities.common(theirs);
        let peer = Peer::new(now, address, common, &self.config, &mut self.rng);
        self.peers.push(peer);
    }

    /// A station that we associate with may have told that its responses are late.
    pub(crate) fn allow_for(&mut self, told: Option<ResponseDelay>) {
        let delay = told.map(ResponseDelay::duration).unwrap_or_default();
        let turnaround = &mut self.config.ack_turnaround;
        *turnaround = delay.max(*turnaround);
    }

    /// Takes a station to be a peer of which nothing has been heard but that it is there.
    pub(crate) fn assume_peer(&mut self, now: Instant, address: MacAddr) {
        let (theirs, like_us) = match &self.strangers {
            Strangers::Reported => return,
            Strangers::LikeUs => (self.config.capabilities.clone(), true),
            Strangers::Assumed(capabilities) => (capabilities.clone(), false),
        };
        self.make_room(now);
        self.add_peer(now, address, &theirs);
        if like_us {
            let mut elements = vec![];
            self.rider.announce(&mut elements);
            self.rider.peer_joined(now, address, Elements(&elements));
        } else if let Some(peer) = self.peer_mut(address) {
            peer.assumed = true;
        }
    }

    /// A station has told what it can do. What is under way with it goes on if it was a peer
    /// before. Whether it tells for the first time.
    pub(crate) fn learn(&mut self, now: Instant, address: MacAddr, theirs: &Capabilities) -> bool {
        let common = self.config.capabilities.common(theirs);
        let Self { config, peers, rng, .. } = self;
        let Some(peer) = peers.iter_mut().find(|peer| peer.address == address) else {
            self.make_room(now);
            self.add_peer(now, address, theirs);
            return true;
        };
        if peer.common != common {
            peer.set_common(now, common, config, rng);
        }
        std::mem::take(&mut peer.assumed)
    }

    /// If too many stations have become peers without being asked, the one that was silent for the
    /// longest time is forgotten.
    fn make_room(&mut self, now: Instant) {
        if self.peers.len() >= MAX_UNASKED_PEERS
            && let Some(silent) = self.peers.iter().min_by_key(|peer| peer.last_heard)
        {
            self.remove_peer(now, silent.address);
        }
    }

    /// No more data to and from a station; what waits for it is dropped.
    pub(crate) fn remove_peer(&mut self, now: Instant, address: MacAddr) {
        let Some(index) = self.peers.iter().position(|peer| peer.address == address) else {
            return;
        };
        // What is held back for it is dropped like what is queued.
        self.rider.set_deaf(now, address, true);
        self.collect_from_rider(now);
        let mut peer = self.peers.swap_remove(index);
        self.rider.peer_left(now, address);
        for recipient in peer.recipients.iter_mut().flatten() {
            recipient.reorder.flush(|_| {});
        }
        if let Exchange::Awaiting(awaiting) = self.exchange
            && self.queues.streams[awaiting.stream].receiver == address
        {
            // What the answer would have settled is gone.
            self.exchange =
                Exchange::Sending { function: awaiting.txop.function, until: awaiting.deadline };
        }
        for frame in self.queues.remove(address) {
            self.dropped(address, frame, DropReason::NoRoute);
        }
    }
}
