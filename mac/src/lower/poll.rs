//! Block Ack requests by which the rider has peers polled: they carry nothing and move nothing, but
//! are answered.

use super::exchange::{Place, Txop};
use super::{Exchange, Lower};
use crate::queue::StreamIndex;
use crate::{Instant, MacAddr};

impl Lower {
    /// Asks the peer for a response that the rider wants one of.
    pub(super) fn send_poll(&mut self, now: Instant, start: Instant, txop: Txop) -> bool {
        let Some(stream) = self.next_poll(now) else { return false };
        // A limit of zero is one of data only.
        let limited = start > now && txop.end.is_some();
        let place = if limited { Place::Later } else { Place::First };
        self.send_block_ack_request(now, start, stream, txop, place);
        matches!(self.exchange, Exchange::Awaiting(_))
    }

    /// The stream of the next peer that is to be polled and can be.
    fn next_poll(&mut self, now: Instant) -> Option<StreamIndex> {
        while let Some(peer) = self.rider.poll(now) {
            match self.poll_stream(peer) {
                Some(stream) => return Some(stream),
                None => self.rider.response_missed(now, peer, None, true),
            }
        }
        None
    }

    /// The stream by which a peer can be polled: one with an agreement, and nothing to be asked
    /// about.
    pub(super) fn poll_stream(&self, peer: MacAddr) -> Option<StreamIndex> {
        self.queues.streams.iter().position(|stream| {
            let agreed = stream.agreement.window().is_some();
            stream.receiver == peer && agreed && !stream.held && stream.request.is_none()
        })
    }
}
