//! Reverse direction (10.29): whoever has sent an A-MPDU lets its receiver send one too, SIFS after
//! the Block Ack, without contention.
//!
//! A station that may grant this is an AP, and sets RDG/More PPDU in the HT Control field of its
//! A-MPDUs (Table 9-14). Not here: capabilities (all stations of the BSS are configured alike),
//! Durations that cover the response (it begins SIFS after the Block Ack, which all can sense), more
//! than one PPDU in response, and a Block Ack in the same A-MPDU as the data.

use std::time::Duration;

use super::exchange::{Place, Txop};
use super::{Exchange, Lower};
use crate::access::Function;
use crate::queue::Direction;
use crate::{DataHeader, Instant, MacAddr};

/// RDG/More PPDU in the HT Control field of an HT variant.
pub(crate) const RDG_MORE_PPDU: u32 = 1 << 31;

/// The right to respond with an A-MPDU.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    to: MacAddr,
    function: Function,
    /// End of our Block Ack.
    at: Instant,
    /// How long the A-MPDU may last.
    limit: Duration,
}

impl Grant {
    pub(super) fn at(&self) -> Instant {
        self.at
    }
}

/// Whether a frame grants it.
pub(super) fn is_granted(header: &DataHeader) -> bool {
    header.ht_control.is_some_and(|control| control & RDG_MORE_PPDU != 0)
}

impl Lower {
    /// Whether our A-MPDUs grant a response.
    pub(super) fn grants_reverse(&self) -> bool {
        self.config.reverse_direction.is_some() && self.direction == Direction::FromAp
    }

    /// A Block Ack to who granted a response leaves until then.
    pub(super) fn accept_grant(&mut self, to: MacAddr, block_ack_end: Instant) {
        let Some(limit) = self.config.reverse_direction else { return };
        let function = super::RIDERS;
        self.grant = Some(Grant { to, function, at: block_ack_end, limit });
    }

    /// The Block Ack has left: what there is for its receiver follows.
    pub(super) fn use_grant(&mut self, now: Instant) {
        let Some(grant) = self.grant.take_if(|grant| grant.at <= now) else { return };
        let to_peer = |stream: &crate::queue::Stream| {
            let agreed = stream.agreement.window().is_some() && stream.request.is_none();
            stream.receiver == grant.to && agreed && stream.is_eligible() && stream.len() > 0
        };
        let Some(stream) = self.queues.streams.iter().position(to_peer) else { return };
        if !matches!(self.exchange, Exchange::Idle) {
            return;
        }
        let start = now + self.access.timing.sifs;
        let end = Some(start + grant.limit);
        let txop = Txop { function: grant.function, end };
        self.send_data(now, start, stream, txop, Place::Later);
        if let Exchange::Awaiting(awaiting) = &mut self.exchange {
            // One PPDU, and then the medium is who granted it's again.
            awaiting.txop.end = None;
        }
    }
}
