//! What a connection reports.

use std::time::Duration;

use mac::Instant;

/// Counters and gauges of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Of what it sends.
    pub sender: SenderStats,
    /// Of what it receives.
    pub receiver: ReceiverStats,
}

/// How sending goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderStats {
    /// Bytes of the application that the other side has acknowledged.
    pub bytes_acknowledged: u64,
    /// Segments with data or FIN, retransmissions included.
    pub segments_sent: u64,
    /// Retransmissions.
    pub segments_retransmitted: u64,
    /// Expiries of the retransmission timer.
    pub timeouts: u64,
    /// Times that fast recovery began.
    pub fast_recoveries: u64,
    /// Windows reduced because of a congestion mark.
    pub ecn_reductions: u64,
    /// Congestion window, in bytes.
    pub cwnd: u64,
    /// Slow-start threshold, in bytes; `u64::MAX` before the first loss.
    pub ssthresh: u64,
    /// pipe of RFC 6675, in bytes.
    pub bytes_in_flight: u64,
    /// SRTT.
    pub srtt: Option<Duration>,
    /// The retransmission timeout.
    pub rto: Duration,
}

/// How receiving goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverStats {
    /// Bytes that the application could read, in order.
    pub bytes_delivered: u64,
    /// Segments with data or FIN.
    pub segments_received: u64,
    /// Those that came before one that should have come first.
    pub out_of_order: u64,
    /// Those whose data was here already.
    pub duplicates: u64,
    /// ACKs sent, with data or without.
    pub acks_sent: u64,
}

/// The congestion window after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracePoint {
    /// When.
    pub at: Instant,
    /// Congestion window, in bytes.
    pub cwnd: u64,
    /// Slow-start threshold, in bytes; `u64::MAX` before the first loss.
    pub ssthresh: u64,
    /// SRTT.
    pub srtt: Option<Duration>,
}
