use mac::Msdu;
use rohc::ack_group::{Decompressor, Native};

use crate::Stats;
use crate::envelope::Envelopes;

/// The end of a link to which TCP ACKs ride: it delivers each of them once, whether it rode or
/// came natively, and makes the peer drain when riders were lost.
#[derive(Default)]
pub(crate) struct Taker {
    decompressor: Decompressor,
    envelopes: Envelopes,
    /// The peer has to be told to drain: by data without More Data.
    gap: bool,
}

impl Taker {
    /// Riders have come on a response.
    pub(crate) fn received(&mut self, riders: &[u8], stats: &mut Stats, delivered: &mut Vec<Msdu>) {
        stats.rides_received += 1;
        match self.decompressor.frame_received(riders) {
            Ok(packets) => {
                for packet in packets {
                    // A flow rides from a native ACK, whose envelope came with it.
                    let Some(envelope) = self.envelopes.of(packet) else { continue };
                    delivered.push(envelope.around(packet));
                    stats.delivered += 1;
                }
            }
            Err(_) => {
                stats.gaps += 1;
                self.gap = true;
            }
        }
    }

    /// A packet has come natively. Whether it is to be delivered.
    pub(crate) fn admits(&mut self, msdu: &Msdu, stats: &mut Stats) -> bool {
        self.envelopes.learn(msdu);
        let new = self.decompressor.native_seen(&msdu.payload) == Native::New;
        stats.copies += u64::from(!new);
        new
    }

    /// Whether data to the peer may promise more. Once after a gap it may not.
    pub(crate) fn may_promise(&mut self) -> bool {
        !std::mem::take(&mut self.gap)
    }
}
