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

impl std::ops::Add for Counters {
    type Output = Self;

    /// What two stations have done together.
    fn add(self, other: Self) -> Self {
        Self {
            data_ppdus: self.data_ppdus + other.data_ppdus,
            data_ppdus_unanswered: self.data_ppdus_unanswered + other.data_ppdus_unanswered,
            data_mpdus: self.data_mpdus + other.data_mpdus,
            ampdus: self.ampdus + other.ampdus,
            ampdu_mpdus: self.ampdu_mpdus + other.ampdu_mpdus,
            acknowledged: self.acknowledged + other.acknowledged,
            acknowledged_retries: self.acknowledged_retries + other.acknowledged_retries,
            block_ack_requests: self.block_ack_requests + other.block_ack_requests,
            rts: self.rts + other.rts,
            rts_unanswered: self.rts_unanswered + other.rts_unanswered,
            responses: self.responses + other.responses,
            beacons: self.beacons + other.beacons,
            delivered: self.delivered + other.delivered,
            dropped_queue_full: self.dropped_queue_full + other.dropped_queue_full,
            dropped_retry_limit: self.dropped_retry_limit + other.dropped_retry_limit,
            dropped_lifetime: self.dropped_lifetime + other.dropped_lifetime,
            dropped_other: self.dropped_other + other.dropped_other,
            garbled: self.garbled + other.garbled,
            duplicates: self.duplicates + other.duplicates,
        }
    }
}
