//! Who rides on responses: the hook for what wants to send along with Acks and Block Acks.

use std::any::Any;

use phy80211::Rate;

use crate::{Elements, Instant, MacAddr, Msdu};

/// What a station answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseKind {
    /// Ack.
    Ack,
    /// Compressed Block Ack.
    BlockAck,
}

/// A response that is about to leave, or has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Response {
    /// Which frame it is.
    pub kind: ResponseKind,
    /// TID of what it answers; none without QoS.
    pub tid: Option<u8>,
    /// The rate at which it is sent.
    pub rate: Rate,
}

/// What a data PPDU from a peer, or its Block Ack request, brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reception {
    /// TID; none without QoS.
    pub tid: Option<u8>,
    /// The More Data bit of the PPDU's frames.
    pub more_data: bool,
    /// MPDUs that had not arrived before.
    pub new: usize,
    /// MPDUs that an earlier response of ours has already acknowledged.
    pub repeated: usize,
    /// MPDUs were damaged that an earlier response of ours may have acknowledged: they came before
    /// any that is newer than all that had arrived.
    pub obscured: bool,
    /// It was a Block Ack request.
    pub requested: bool,
    /// That request begins after all that an earlier response of ours has acknowledged: the peer
    /// has heard it, and asks for another one.
    pub heard_all: bool,
}

/// Data that is about to be sent to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// MSDUs for the peer that will be left in the queue.
    pub queued: usize,
    /// The peer sleeps.
    pub sleeps: bool,
    /// The peer can be polled: see [`Rider::poll`].
    pub can_poll: bool,
}

/// Something that holds packets back to send them along with responses, between the last field of
/// an Ack or Block Ack and its FCS.
///
/// Every method has a default that does nothing: [`NoRider`] is a plain 802.11 station. A rider is
/// [`Any`], so that its owner can get at its counters through the MAC.
pub trait Rider: Any + Send {
    /// Appends an element that tells others that they may send us responses with riders; it goes
    /// into association requests and responses, probe responses and beacons.
    fn announce(&self, elements: &mut Vec<u8>) {
        let _ = elements;
    }

    /// A peer is there, with the elements in which it told what it can do.
    fn peer_joined(&mut self, now: Instant, peer: MacAddr, elements: Elements<'_>) {
        let _ = (now, peer, elements);
    }

    /// A peer is gone, with all that was to ride to it.
    fn peer_left(&mut self, now: Instant, peer: MacAddr) {
        let _ = (now, peer);
    }

    /// The host wants a packet sent to a peer. Takes it, or gives it back to be queued.
    fn hold(&mut self, now: Instant, peer: MacAddr, msdu: Msdu) -> Option<Msdu> {
        let _ = (now, peer);
        Some(msdu)
    }

    /// The next packet that it no longer holds back, to be queued like any other.
    fn release(&mut self, now: Instant) -> Option<(MacAddr, Msdu)> {
        let _ = now;
        None
    }

    /// A packet that was queued has arrived, and nothing before it in its stream is still to come:
    /// its receiver has passed it up. Or it was dropped.
    fn native_done(&mut self, peer: MacAddr, msdu: &Msdu, arrived: bool) {
        let _ = (peer, msdu, arrived);
    }

    /// Whether it would rather send what it holds natively than wait any longer, if the medium
    /// comes before a response, or has to [`poll`](Self::poll): the station contends for it.
    fn wants_medium(&self) -> bool {
        false
    }

    /// The medium was won: what is released now goes out at once.
    fn medium_won(&mut self, now: Instant) {
        let _ = now;
    }

    /// A peer has sent data or a Block Ack request; the response leaves SIFS after it.
    fn data_received(&mut self, now: Instant, peer: MacAddr, reception: &Reception) {
        let _ = (now, peer, reception);
    }

    /// The response to data or a Block Ack request leaves: appends what rides on it. With no more than `budget` bytes it ends
    /// within AIFS of where it would have ended without.
    fn ride(
        &mut self,
        now: Instant,
        peer: MacAddr,
        response: &Response,
        budget: usize,
        riders: &mut Vec<u8>,
    ) {
        let _ = (now, peer, response, budget, riders);
    }

    /// A response has come, with what rode on it.
    fn response_received(
        &mut self,
        now: Instant,
        peer: MacAddr,
        response: &Response,
        riders: &[u8],
    ) {
        let _ = (now, peer, response, riders);
    }

    /// A response has not come. `given_up`: it will not be asked for again.
    fn response_missed(&mut self, now: Instant, peer: MacAddr, tid: Option<u8>, given_up: bool) {
        let _ = (now, peer, tid, given_up);
    }

    /// The next packet that rode here, to be delivered.
    fn deliver(&mut self) -> Option<Msdu> {
        None
    }

    /// Whether a packet that came as data of its own is to be delivered: it is not if it rode here
    /// before.
    fn admits(&mut self, now: Instant, peer: MacAddr, msdu: &Msdu) -> bool {
        let _ = (now, peer, msdu);
        true
    }

    /// The More Data bit of data to a peer. As the standard has it, only a station that sleeps is
    /// told (9.2.4.1.8).
    fn more_data(&mut self, now: Instant, peer: MacAddr, departure: &Departure) -> bool {
        let _ = (now, peer);
        departure.sleeps && departure.queued > 0
    }

    /// Whether less than an A-MPDU of data for a peer may wait while there are data for others:
    /// more of them are about to come.
    fn may_wait(&self, now: Instant, peer: MacAddr) -> bool {
        let _ = (now, peer);
        false
    }

    /// The next peer of which a response is wanted though there is no data for it. It gets a Block
    /// Ack request, of which any number may follow an exchange in the same TXOP (10.23.2.9). If it
    /// cannot be asked, that is told as a response that was missed.
    fn poll(&mut self, now: Instant) -> Option<MacAddr> {
        let _ = now;
        None
    }

    /// We are about to be deaf to a peer or it to us, for sleep or another channel, or no longer.
    /// Until then nothing may be held back.
    fn set_deaf(&mut self, now: Instant, peer: MacAddr, deaf: bool) {
        let _ = (now, peer, deaf);
    }

    /// When it wants to be called again.
    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    /// The time has come.
    fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }
}

/// Nobody: responses are as the standard has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRider;

impl Rider for NoRider {}
