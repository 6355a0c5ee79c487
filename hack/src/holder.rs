use std::time::Duration;

use mac::{Instant, Msdu, Reception};
use rohc::ack_group::{Compressor, FrameId, Verdict, is_pure_ack};

use crate::envelope::{Envelope, Envelopes};
use crate::{Budget, Config, Policy, Stats};

/// The end of a link that has TCP ACKs for the peer: it holds them back, has them ride on the
/// responses to the peer's data, and sees from what the peer sends next whether they arrived.
///
/// | the peer sends | the last ride |
/// |---|---|
/// | new data only | was heard: confirmed |
/// | data that had been acknowledged | was not heard: repeated |
/// | a Block Ack request after all that was acknowledged | on the response to data: was heard |
/// | the same, and the ride was on the response to a request | nobody knows: repeated |
/// | another Block Ack request | was not heard: repeated |
/// | new data, and damaged ones that may have been acknowledged | nobody knows: repeated |
/// | anything of another TID, or without data | nobody knows: repeated |
/// | data without More Data after data with it | lost, for all we know: drained |
/// | one of these for what had been answered, again and again | drained |
///
/// What rides is repeated byte for byte until it is confirmed or drained: sent natively.
#[derive(Default)]
pub(crate) struct Holder {
    compressor: Compressor,
    envelopes: Envelopes,
    /// The peer's last data had More Data set: there will be another response to ride on.
    more_data: bool,
    /// It has asked since and got nothing: it will not ask again.
    asked_in_vain: bool,
    /// What the next response is to.
    asked: Asked,
    /// What rode on the last response.
    ride: Option<(FrameId, Asked)>,
    /// How often in a row the peer has not heard a response, whether something rode on it or not.
    unheard: u32,
    /// The peer does not hear us, or we do not hear it.
    deaf: bool,
    /// When what is held has waited for too long.
    deadline: Option<Instant>,
}

/// What a response is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Asked {
    tid: Option<u8>,
    /// A Block Ack request.
    by_request: bool,
}

/// What the peer shows of our last response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    Heard,
    NotHeard,
    None,
}

impl Holder {
    /// A packet for the peer: it is held back, or goes to `native`, after what must go before it.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        msdu: Msdu,
        config: &Config,
        stats: &mut Stats,
        native: &mut Vec<Msdu>,
    ) {
        match self.judge(&msdu, config) {
            Verdict::Ride => {
                stats.held += 1;
                self.deadline.get_or_insert(now + patience(config));
                return;
            }
            Verdict::DrainFirst(_) => {
                self.drain(stats, native);
                // With nothing held it cannot be in the way again.
                self.compressor.send_natively(&msdu.payload);
            }
            Verdict::Native(_) => {}
        }
        self.envelopes.learn(&msdu, |flow| self.compressor.knows(flow));
        stats.native += u64::from(is_pure_ack(&msdu.payload));
        native.push(msdu);
    }

    fn judge(&mut self, msdu: &Msdu, config: &Config) -> Verdict {
        let may_wait = match config.policy {
            Policy::Native => false,
            Policy::MoreData => self.expects_response(),
            Policy::Timer(_) | Policy::Opportunistic | Policy::Adaptive => true,
        };
        let is_lost = self.deaf || self.unheard >= config.repeats;
        // The peer will have it in the envelope of the flow's last native packet.
        let same_envelope = self.envelopes.of(&msdu.payload) == Some(Envelope::of(msdu));
        if may_wait && same_envelope && !is_lost {
            self.compressor.compress(&msdu.payload)
        } else {
            self.compressor.send_natively(&msdu.payload)
        }
    }

    /// A packet that went natively has arrived or is lost.
    pub(crate) fn native_done(&mut self, msdu: &Msdu, arrived: bool) {
        self.compressor.native_done(&msdu.payload, arrived);
    }

    /// The peer has sent data, or a Block Ack request.
    pub(crate) fn data_received(
        &mut self,
        now: Instant,
        reception: &Reception,
        config: &Config,
        stats: &mut Stats,
        native: &mut Vec<Msdu>,
    ) {
        let promise_ended = !reception.requested && self.more_data && !reception.more_data;
        if !reception.requested {
            self.more_data = reception.more_data;
            self.asked_in_vain = false;
        }
        self.asked = Asked { tid: reception.tid, by_request: reception.requested };
        match self.evidence(reception) {
            Evidence::Heard => self.unheard = 0,
            Evidence::NotHeard => {
                self.unheard += 1;
                stats.not_heard += u64::from(self.ride.is_some());
            }
            // One that asks again and again may not hear the answers.
            Evidence::None => self.unheard += u32::from(reception.requested),
        }
        if promise_ended || self.unheard >= config.repeats {
            return self.drain(stats, native);
        }
        if self.evidence(reception) == Evidence::Heard
            && let Some((ride, _)) = self.ride.take()
        {
            let before = self.compressor.held();
            self.compressor.confirm(ride);
            stats.confirmed += (before - self.compressor.held()) as u64;
            self.deadline = (!self.compressor.is_idle()).then(|| now + patience(config));
        }
    }

    /// What the peer's data or request shows of the response before it.
    fn evidence(&self, reception: &Reception) -> Evidence {
        let rode_on = self.ride.map(|(_, asked)| asked);
        let is_other = rode_on.is_some_and(|asked| asked.tid != reception.tid);
        // Its own request is all that a peer repeats if it did not hear the response to it.
        let may_repeat = reception.requested && rode_on.is_some_and(|asked| asked.by_request);
        match *reception {
            _ if is_other => Evidence::None,
            Reception { requested: true, heard_all: false, .. } => Evidence::NotHeard,
            Reception { requested: true, .. } if may_repeat => Evidence::None,
            Reception { requested: true, .. } => Evidence::Heard,
            Reception { repeated: 1.., .. } => Evidence::NotHeard,
            Reception { new: 1.., obscured: false, .. } => Evidence::Heard,
            _ => Evidence::None,
        }
    }

    /// A response to the peer leaves.
    pub(crate) fn ride(
        &mut self,
        budget: usize,
        config: &Config,
        stats: &mut Stats,
        riders: &mut Vec<u8>,
        native: &mut Vec<Msdu>,
    ) {
        let allowed = match config.budget {
            Budget::Split => budget,
            Budget::Risk(bytes) => bytes.max(budget),
        };
        if let Some((frame, id)) = self.compressor.frame(allowed) {
            riders.extend_from_slice(frame);
            self.ride = Some((id, self.asked));
            stats.rides += 1;
            stats.ride_bytes += frame.len() as u64;
            stats.rides_beyond_aifs += u64::from(frame.len() > budget);
            stats.rides_split += u64::from(self.compressor.pending() > 0);
        }
        self.asked_in_vain |= self.asked.by_request && self.compressor.is_idle();
        let no_other_response = config.policy == Policy::MoreData && !self.expects_response();
        let waits_in_vain = self.compressor.pending() > 0 && no_other_response;
        if waits_in_vain || self.compressor.must_drain() {
            self.drain(stats, native);
        }
    }

    /// Whether what is held would rather go natively than wait for a response.
    pub(crate) fn wants_medium(&self, config: &Config) -> bool {
        let impatient = match config.policy {
            Policy::Native | Policy::Timer(_) | Policy::MoreData => false,
            Policy::Opportunistic => true,
            Policy::Adaptive => !self.expects_response(),
        };
        impatient && self.compressor.pending() > 0
    }

    /// Whether there will be another response to ride on.
    fn expects_response(&self) -> bool {
        self.more_data && !self.asked_in_vain
    }

    /// When what is held has waited for too long.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// We are about to be deaf to the peer, or it to us, or no longer.
    pub(crate) fn set_deaf(&mut self, deaf: bool, stats: &mut Stats, native: &mut Vec<Msdu>) {
        self.deaf = deaf;
        if deaf {
            self.drain(stats, native);
        }
    }

    /// Gives up to ride: all that is held goes natively, in its order. The peer drops what it has.
    pub(crate) fn drain(&mut self, stats: &mut Stats, native: &mut Vec<Msdu>) {
        self.ride = None;
        self.deadline = None;
        for packet in self.compressor.drain() {
            let envelope = self.envelopes.of(packet).expect("flows that can ride have envelopes");
            native.push(envelope.around(packet));
            stats.drained += 1;
        }
    }
}

fn patience(config: &Config) -> Duration {
    match config.policy {
        Policy::Timer(patience) => patience,
        _ => config.safety,
    }
}

#[cfg(test)]
mod tests;
