use serde::Serialize;

/// What became of TCP ACKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Responses that riders were sent on.
    pub rides: u64,
    /// Bytes of those riders.
    pub ride_bytes: u64,
    /// Of the rides those that ended more than AIFS later than the plain response.
    pub rides_beyond_aifs: u64,
    /// Of the rides those on which not all that waited found room.
    pub rides_split: u64,
    /// ACKs that were held back to ride.
    pub held: u64,
    /// ACKs that were sent natively without having been held back.
    pub native: u64,
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

impl Stats {
    /// What was counted since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        self.zip(earlier, |now, then| now - then)
    }

    /// What two of them count together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    /// Bytes that an ACK that rode took of the responses, all that was repeated included.
    pub fn bytes_per_ack(&self) -> Option<f64> {
        share(self.ride_bytes, self.confirmed)
    }

    /// The share of the rides that fit into AIFS with all that waited.
    pub fn fit_aifs_fraction(&self) -> Option<f64> {
        let whole = self.rides.saturating_sub(self.rides_split + self.rides_beyond_aifs);
        share(whole, self.rides)
    }

    fn zip(&self, other: &Self, with: fn(u64, u64) -> u64) -> Self {
        Self {
            rides: with(self.rides, other.rides),
            ride_bytes: with(self.ride_bytes, other.ride_bytes),
            rides_beyond_aifs: with(self.rides_beyond_aifs, other.rides_beyond_aifs),
            rides_split: with(self.rides_split, other.rides_split),
            held: with(self.held, other.held),
            native: with(self.native, other.native),
            confirmed: with(self.confirmed, other.confirmed),
            not_heard: with(self.not_heard, other.not_heard),
            drained: with(self.drained, other.drained),
            safety_drains: with(self.safety_drains, other.safety_drains),
            polls: with(self.polls, other.polls),
            rides_received: with(self.rides_received, other.rides_received),
            delivered: with(self.delivered, other.delivered),
            gaps: with(self.gaps, other.gaps),
            copies: with(self.copies, other.copies),
        }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
