use crate::tcp::{self, Algorithm, Transfer};

/// One side of a multipath connection.
#[derive(Debug, Clone)]
pub struct Config {
    /// Each subflow. What it transfers, and its buffer, are the connection's.
    pub tcp: tcp::Config,
    /// What is sent.
    pub transfer: Transfer,
    /// Bytes that may be sent and not acknowledged by the other side's connection.
    pub send_buffer: u64,
    /// Bytes that may wait for others before them.
    pub receive_buffer: u64,
    /// When what was sent by one subflow is sent by another as well.
    pub reinjection: Reinjection,
}

/// When what was sent by one subflow is sent by another as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reinjection {
    /// When the subflow's retransmission timer has expired, or it is closed: Linux today.
    OnTimeout,
    /// Besides, when the window is full and the segment that it waits for is on a subflow that is
    /// slower than one with room; the slower one's window is halved then. Linux of 2014
    /// (Raiciu et al., NSDI 2012, sections 4.2 and 4.3). And when the subflow becomes a backup.
    Opportunistic,
}

impl Config {
    /// Uncoupled as today's Linux is, with its buffers.
    pub fn linux(tcp: tcp::Config, transfer: Transfer) -> Self {
        let (send_buffer, receive_buffer) = (4 << 20, 4 << 20);
        Self { tcp, transfer, send_buffer, receive_buffer, reinjection: Reinjection::OnTimeout }
    }

    /// As the multipath kernel of 2014 was: coupled, and opportunistic.
    pub fn coupled(tcp: tcp::Config, transfer: Transfer) -> Self {
        let tcp = tcp::Config { algorithm: Algorithm::Lia, ..tcp };
        Self { reinjection: Reinjection::Opportunistic, ..Self::linux(tcp, transfer) }
    }

    /// What a subflow is.
    pub(super) fn subflow(&self) -> tcp::Config {
        tcp::Config {
            // Mappings and data ACKs take 20 bytes of a segment.
            mss: self.tcp.mss - 20,
            transfer: Transfer::Fed,
            // A subflow takes what comes: the connection's window is what counts.
            receive_buffer: SUBFLOW_BUFFER,
            ..self.tcp.clone()
        }
    }
}

/// More than a path ever holds; its shift count is what windows are scaled by.
pub(super) const SUBFLOW_BUFFER: u32 = 64 << 20;
/// That of a buffer of 64 MB.
pub(super) const WINDOW_SHIFT: u32 = 11;
