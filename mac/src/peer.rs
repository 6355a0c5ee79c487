use bytes::Bytes;
use phy80211::{Bandwidth, Rate};

use crate::rate_control::{FixedRate, RateControl};
use crate::recipient::{LastReceived, Recipient};
use crate::{Capabilities, DataHeader, Instant, MacAddr, RateSelection};

/// A data frame that waits for those before it.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) header: DataHeader,
    /// What was between header and FCS.
    pub(crate) body: Bytes,
}

/// Another station with which data is exchanged.
pub(crate) struct Peer {
    pub(crate) address: MacAddr,
    /// What both of us can do.
    pub(crate) common: Capabilities,
    pub(crate) rate_control: Box<dyn RateControl>,
    /// Block Ack agreements for what the peer sends, by TID.
    pub(crate) recipients: [Option<Box<Recipient<Received>>>; 8],
    pub(crate) last_received: LastReceived,
    /// What it can do is a guess: it has not told yet.
    pub(crate) assumed: bool,
    /// It has told us that it sleeps.
    pub(crate) sleeps: bool,
    pub(crate) last_heard: Instant,
    pub(crate) rssi_dbm: f32,
}

impl Peer {
    pub(crate) fn new(
        now: Instant,
        address: MacAddr,
        common: Capabilities,
        bandwidth: Bandwidth,
        selection: RateSelection,
    ) -> Self {
        let rate_control = rate_control(&common, bandwidth, selection);
        Self {
            address,
            common,
            rate_control,
            recipients: Default::default(),
            last_received: LastReceived::default(),
            assumed: false,
            sleeps: false,
            last_heard: now,
            rssi_dbm: f32::NEG_INFINITY,
        }
    }

    /// It has told what it can do, or told otherwise than before.
    pub(crate) fn set_common(
        &mut self,
        common: Capabilities,
        bandwidth: Bandwidth,
        selection: RateSelection,
    ) {
        self.rate_control = rate_control(&common, bandwidth, selection);
        self.common = common;
    }
}

fn rate_control(
    common: &Capabilities,
    bandwidth: Bandwidth,
    selection: RateSelection,
) -> Box<dyn RateControl> {
    let rates = common.data_rates(bandwidth);
    let fastest = rates.last().copied().unwrap_or(Rate::NonHt(phy80211::OfdmRate::Mbps6));
    match selection {
        RateSelection::Fixed(rate) if common.receives(rate) => Box::new(FixedRate(rate)),
        RateSelection::Fixed(_) | RateSelection::Minstrel => Box::new(FixedRate(fastest)),
    }
}
