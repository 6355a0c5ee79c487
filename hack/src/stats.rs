/// What became of TCP ACKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Responses that riders were sent on.
    pub rides: u64,
    /// Bytes of those riders.
    pub ride_bytes: u64,
    /// Of the rides those that ended more than AIFS later than the plain response.
    pub rides_beyond_aifs: u64,
    /// ACKs that were held back to ride.
    pub held: u64,
    /// ACKs of which the peer has shown that they arrived.
    pub confirmed: u64,
    /// Rides that the peer did not hear.
    pub not_heard: u64,
    /// ACKs that had been held back and were then sent natively.
    pub drained: u64,
    /// Times that this was so because nothing came for too long.
    pub safety_drains: u64,
    /// Polls for ACKs.
    pub polls: u64,
    /// Responses with riders that came from peers.
    pub rides_received: u64,
    /// ACKs that rode here and were delivered.
    pub delivered: u64,
    /// Received riders that could not be made ACKs.
    pub gaps: u64,
    /// Native copies of delivered ACKs, which were dropped.
    pub copies: u64,
}
