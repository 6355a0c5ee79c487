use std::time::Duration;

use phy80211::Rate;

use crate::Instant;
use crate::access::Function;
use crate::queue::StreamIndex;

/// Where a station is in a frame exchange that it began (10.23.2.2).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Exchange {
    /// In none.
    Idle,
    /// A frame that needs no answer is on the air until then.
    Sending { function: Function, until: Instant },
    /// A frame is on the air, or its answer is awaited.
    Awaiting(Awaiting),
}

/// An answer that is awaited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Awaiting {
    pub(crate) txop: Txop,
    pub(crate) stream: StreamIndex,
    pub(crate) answer: Answer,
    /// When the frame that is to be answered has left.
    pub(crate) sent: Instant,
    /// If it has not begun by then it will not come; once it has begun, when it should be over.
    pub(crate) deadline: Instant,
    /// Rate of the frame that is to be answered.
    pub(crate) rate: Rate,
    /// MPDUs in it.
    pub(crate) mpdus: usize,
}

/// The right to transmit, of which an exchange is a part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Txop {
    pub(crate) function: Function,
    /// Further exchanges may follow if they end by then; none without.
    pub(crate) end: Option<Instant>,
}

impl Txop {
    /// Whether something that begins then and lasts so long is over in time.
    pub(crate) fn has_time(&self, start: Instant, lasting: Duration) -> bool {
        self.end.is_none_or(|end| start + lasting <= end)
    }
}

/// Where in a TXOP an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It opens the TXOP: it takes place however long it lasts.
    First,
    /// It follows others: it has to fit into what is left.
    Later,
    /// A CTS has come, which has reserved the time for it.
    Cleared,
}

/// What an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Cts,
    Ack,
    /// To data.
    BlockAck,
    /// To a Block Ack request.
    RequestedBlockAck,
}
