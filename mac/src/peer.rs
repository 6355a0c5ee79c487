use bytes::Bytes;
use phy80211::OfdmRate;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::rate_control::{FixedRate, Minstrel, Policy, RateControl};
use crate::recipient::{LastReceived, Recipient};
use crate::{Capabilities, Config, DataHeader, Instant, MacAddr, RateSelection};

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
        config: &Config,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let rate_control = rate_control(now, &common, config, rng);
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
        now: Instant,
        common: Capabilities,
        config: &Config,
        rng: &mut ChaCha8Rng,
    ) {
        self.rate_control = rate_control(now, &common, config, rng);
        self.common = common;
    }
}

fn rate_control(
    now: Instant,
    common: &Capabilities,
    config: &Config,
    rng: &mut ChaCha8Rng,
) -> Box<dyn RateControl> {
    let rates = common.data_rates(config.bandwidth);
    let Some(&fastest) = rates.last() else {
        return Box::new(FixedRate(OfdmRate::Mbps6.into()));
    };
    let policy = match config.data_rate {
        RateSelection::Fixed(rate) if common.receives(rate) => return Box::new(FixedRate(rate)),
        RateSelection::Fixed(_) => return Box::new(FixedRate(fastest)),
        RateSelection::Minstrel => Policy::Throughput,
        RateSelection::Cautious => Policy::Cautious,
    };
    Box::new(Minstrel::new(now, &rates, config, policy, ChaCha8Rng::from_rng(rng)))
}
