//! What a host's administrator and its application set.

use std::time::Duration;

/// How the congestion window grows and shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 5681 and 6582: one segment a round trip more, half after a loss.
    NewReno,
    /// RFC 9438, Linux's default: a cubic function of the time since the last loss.
    Cubic,
    /// RFC 6356: New Reno whose window grows as one of several of a connection,
    /// [`Connection::couple`](super::Connection::couple); alone, as New Reno.
    Lia,
}

/// What one ACK counts for when the congestion window grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckCounting {
    /// One segment at most, however much it acknowledges (RFC 5681, equations 2 and 3): ns-3's
    /// `TcpNewReno`.
    PerAck,
    /// The bytes it acknowledges (RFC 3465, without its limit L): Linux.
    PerByte,
}

/// How much may be sent during fast recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryRule {
    /// The window halves at once, sending pauses until half of the flight has left the network
    /// (RFC 6675 section 5 with SACK, RFC 6582 section 3.2 without).
    Classic,
    /// Proportional rate reduction with the slow-start reduction bound (RFC 6937): Linux, ns-3.
    Proportional,
}

/// What the application sends, from the moment the connection is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Nothing. Closes when the other side does.
    Nothing,
    /// So many bytes of [`pattern`](super::pattern), and then a FIN.
    Bytes(u64),
    /// [`pattern`](super::pattern) until [`Connection::close`](super::Connection::close).
    Unlimited,
    /// What [`Connection::feed`](super::Connection::feed) allows, until
    /// [`Connection::close`](super::Connection::close).
    Fed,
}

/// What the application does with what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Reads at once, and only counts.
    Discard,
    /// Leaves it to [`Connection::read`](super::Connection::read). What is not read fills the
    /// receive buffer.
    Keep,
}

/// One side of a connection. The default is a Linux host of today, apart from its minimum RTO's
/// and delayed ACK's finer points.
#[derive(Clone, Debug)]
pub struct Config {
    /// The maximum segment size to announce and to send at most (RFC 9293 section 3.7.1): the MTU
    /// without the IP and TCP headers. Timestamps come out of it.
    pub mss: u16,
    /// Segments that may be sent before the first ACK (RFC 6928).
    pub initial_window: u32,
    /// Congestion control.
    pub algorithm: Algorithm,
    /// Leave slow start when round trips become longer: HyStart++ (RFC 9406).
    pub hystart: bool,
    /// What an ACK counts for.
    pub ack_counting: AckCounting,
    /// Sending during fast recovery.
    pub recovery: RecoveryRule,
    /// Offer selective acknowledgments (RFC 2018, RFC 6675).
    pub sack: bool,
    /// With SACK, also find retransmissions that are lost (RFC 8985), as Linux does and ns-3 does
    /// not.
    pub rack: bool,
    /// Offer timestamps (RFC 7323).
    pub timestamps: bool,
    /// Offer explicit congestion notification (RFC 3168).
    pub ecn: bool,
    /// Offer window scaling (RFC 7323), with the shift that the receive buffer needs.
    pub window_scaling: bool,
    /// Bytes that may wait for the application or for a gap before them to be filled.
    pub receive_buffer: u32,
    /// The least retransmission timeout. RFC 6298 says 1 s, Linux and ns-3 200 ms.
    pub min_rto: Duration,
    /// The retransmission timeout before there is a round-trip time (RFC 6298 section 2.1).
    pub initial_rto: Duration,
    /// Full-sized segments that one ACK waits for (RFC 9293 section 3.8.6.3: at most 2).
    pub ack_every: u32,
    /// How long an ACK waits for them.
    pub ack_delay: Duration,
    /// Receive offload, as of a Linux host's network card or GRO: in-order segments that come in
    /// one burst are taken as one of up to 64 KB, and get one ACK. A burst ends when
    /// [`Connection::poll_transmit`](super::Connection::poll_transmit) is called.
    pub receive_offload: bool,
    /// What to send.
    pub transfer: Transfer,
    /// What to do with what arrives.
    pub reader: Reader,
    /// The initial send sequence number.
    pub iss: u32,
    /// Record every change of the congestion window.
    pub trace: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            mss: 1460,
            initial_window: 10,
            algorithm: Algorithm::Cubic,
            hystart: true,
            ack_counting: AckCounting::PerByte,
            recovery: RecoveryRule::Proportional,
            sack: true,
            rack: true,
            timestamps: true,
            ecn: false,
            window_scaling: true,
            receive_buffer: 4 << 20,
            min_rto: Duration::from_millis(200),
            initial_rto: Duration::from_secs(1),
            ack_every: 2,
            ack_delay: Duration::from_millis(40),
            receive_offload: false,
            transfer: Transfer::Nothing,
            reader: Reader::Discard,
            iss: 1,
            trace: false,
        }
    }
}

impl Config {
    /// The hosts of the ns-3 baseline: `TcpNewReno`, SACK, no timestamps, delayed ACKs of 200 ms.
    pub fn ns3() -> Config {
        Config {
            algorithm: Algorithm::NewReno,
            hystart: false,
            rack: false,
            ack_counting: AckCounting::PerAck,
            timestamps: false,
            ack_delay: Duration::from_millis(200),
            ..Config::default()
        }
    }

    /// The window in a SYN, which is never scaled (RFC 7323 section 2.2).
    pub(super) fn syn_window(&self) -> u16 {
        u16::try_from(self.receive_buffer).unwrap_or(u16::MAX)
    }

    /// The least shift count with which the receive buffer fits into a header's 16 bits (RFC 7323
    /// section 2.2).
    pub(super) fn window_shift(&self) -> u8 {
        (0..14).find(|shift| self.receive_buffer >> shift <= u16::MAX.into()).unwrap_or(14)
    }
}
