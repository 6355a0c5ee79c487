/// What a station has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// PPDUs with data that were sent.
    pub data_ppdus: u64,
    /// PPDUs with data to one receiver for which no response came.
    pub data_ppdus_unanswered: u64,
    /// MPDUs with data that were sent, each time they were.
    pub data_mpdus: u64,
    /// A-MPDUs that were sent; lone MPDUs are not sent as such.
    pub ampdus: u64,
    /// MPDUs in them.
    pub ampdu_mpdus: u64,
    /// MPDUs with data that were acknowledged.
    pub acknowledged: u64,
    /// Those of them that had been sent more than once.
    pub acknowledged_retries: u64,
    /// Block Ack requests that were sent.
    pub block_ack_requests: u64,
    /// RTS that were sent.
    pub rts: u64,
    /// RTS for which no CTS came.
    pub rts_unanswered: u64,
    /// Acks and Block Acks that were sent.
    pub responses: u64,
    /// Beacons that were sent.
    pub beacons: u64,
    /// Packets that were delivered.
    pub delivered: u64,
    /// Packets that were dropped because the queue was full.
    pub dropped_queue_full: u64,
    /// Packets that were dropped because they had been sent too often.
    pub dropped_retry_limit: u64,
    /// Packets that were dropped because they had waited for too long.
    pub dropped_lifetime: u64,
    /// Packets that were dropped for another reason.
    pub dropped_other: u64,
    /// MPDUs whose FCS was wrong, and PPDUs that could not be read.
    pub garbled: u64,
    /// MPDUs with data that had been received before.
    pub duplicates: u64,
}
