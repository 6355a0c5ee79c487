use mac::{Instant, Msdu, Reception};
use rohc::ack_group::{Compressor, FrameId, Verdict};

use crate::envelope::{Envelope, Envelopes};
use crate::{Budget, Config, Policy, Stats};

/// The end of a link that has TCP ACKs for the peer: it holds them back, has them ride on the
/// responses to the peer's data, and sees from what the peer sends next whether they arrived.
///
/// | the peer sends | the last ride | More Data |
/// |---|---|---|
/// | new data | was heard: confirmed | as the data has it |
/// | data that had been acknowledged | was not heard: repeated | as the data has it |
/// | a Block Ack request after all that was acknowledged | was heard: confirmed | as before |
/// | another Block Ack request | was not heard: repeated | as before |
///
/// What rides is repeated byte for byte until it is confirmed or drained: sent natively.
#[derive(Default)]
pub(crate) struct Holder {
    compressor: Compressor,
    envelopes: Envelopes,
    /// The peer's last data had More Data set: there will be another response to ride on.
    more_data: bool,
    /// What rode on the last response.
    ride: Option<FrameId>,
    /// When what is held has waited for too long.
    deadline: Option<Instant>,
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
                self.deadline.get_or_insert(now + self.patience(config));
                return;
            }
            Verdict::DrainFirst(_) => {
                self.drain(stats, native);
                // With nothing held it cannot be in the way again.
                self.compressor.send_natively(&msdu.payload);
            }
            Verdict::Native(_) => {}
        }
        self.envelopes.learn(&msdu);
        native.push(msdu);
    }

    fn judge(&mut self, msdu: &Msdu, config: &Config) -> Verdict {
        let may_wait = match config.policy {
            Policy::Native => false,
            Policy::MoreData => self.more_data,
            Policy::Timer(_) | Policy::Opportunistic | Policy::Adaptive => true,
        };
        // The peer will have it in the envelope of the flow's last native packet.
        let same_envelope = self.envelopes.of(&msdu.payload) == Some(Envelope::of(msdu));
        if may_wait && same_envelope {
            self.compressor.compress(&msdu.payload)
        } else {
            self.compressor.send_natively(&msdu.payload)
        }
    }

    fn patience(&self, config: &Config) -> std::time::Duration {
        match config.policy {
            Policy::Timer(patience) => patience,
            _ => config.safety,
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
        let heard = match reception.requested {
            true => reception.heard_all,
            false => reception.repeated == 0 && reception.new > 0,
        };
        match self.ride.take() {
            Some(ride) if heard => {
                let before = self.compressor.held();
                self.compressor.confirm(ride);
                stats.confirmed += (before - self.compressor.held()) as u64;
                self.deadline = (!self.compressor.is_idle()).then(|| now + self.patience(config));
            }
            Some(_) => {
                stats.not_heard += 1;
                if self.compressor.not_heard() >= config.repeats {
                    self.drain(stats, native);
                }
            }
            None => {}
        }
        if !reception.requested {
            self.more_data = reception.more_data;
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
            self.ride = Some(id);
            stats.rides += 1;
            stats.ride_bytes += frame.len() as u64;
            stats.rides_beyond_aifs += u64::from(frame.len() > budget);
        }
        // There is nothing that the rest could wait for.
        if config.policy == Policy::MoreData && !self.more_data && self.compressor.pending() > 0 {
            self.drain(stats, native);
        }
    }

    /// Whether what is held would rather go natively than wait for a response.
    pub(crate) fn wants_medium(&self, config: &Config) -> bool {
        let impatient = match config.policy {
            Policy::Native | Policy::Timer(_) | Policy::MoreData => false,
            Policy::Opportunistic => true,
            Policy::Adaptive => !self.more_data,
        };
        impatient && self.compressor.pending() > 0
    }

    /// When what is held has waited for too long.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Gives up to ride: all that is held goes natively, in its order. The peer drops what it has.
    pub(crate) fn drain(&mut self, stats: &mut Stats, native: &mut Vec<Msdu>) {
        self.ride = None;
        self.deadline = None;
        for packet in self.compressor.drain() {
            let envelope = self.envelopes.of(packet).expect("what rides has gone natively before");
            native.push(envelope.around(packet));
            stats.drained += 1;
        }
    }
}
