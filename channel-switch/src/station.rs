//! One virtual station: the MAC of an association, and what its host wants sent by it.

use std::collections::VecDeque;

use mac::{
    AccessCategory, Config, Event, Instant, Mac, MacAddr, Msdu, QueueLimit, Rider, Role, Scan,
    StationConfig,
};
use rand_chacha::ChaCha8Rng;

use crate::balance::Effort;

/// How much a new measurement of the signal counts.
const SIGNAL_WEIGHT: f32 = 0.25;
/// No beacon is missed by the MAC itself: its owner knows when it could have heard one.
const NO_BEACON_LOSS: u32 = 1_000_000;
/// What the MAC of a station gets at a time, so that it can be flushed soon: with A-MPDUs, and
/// without, where each packet may have to wait for a long one of the AP.
const FEED: [usize; 2] = [64, 2];

/// A virtual station.
pub(crate) struct Station {
    pub(crate) ap: MacAddr,
    /// Where, by its place in the client's list.
    pub(crate) channel: usize,
    pub(crate) mac: Mac,
    pub(crate) state: State,
    /// When the AP was last heard, and how strong it is, in dBm.
    pub(crate) heard: Instant,
    pub(crate) signal: f32,
    /// When it was associated.
    pub(crate) joined: Instant,
    /// The path is only for when there is no other.
    pub(crate) backup: bool,
    /// It is because the AP will be left before long.
    pub(crate) weak: bool,
    /// The time that its AP needs for a packet.
    pub(crate) effort: Effort,
    queue: VecDeque<Msdu>,
    queue_limit: usize,
    feed: usize,
}

/// How far a virtual station has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It joins nothing, but asks who is there.
    Scout,
    /// It has heard its AP, and wants to be associated.
    Joining,
    /// It is associated.
    Joined {
        /// The AP sends what it has for it.
        awake: bool,
    },
    /// It has told its AP that it leaves, and is gone then.
    Leaving {
        /// At the latest.
        until: Instant,
    },
}

/// What makes a new virtual station.
pub(crate) struct Seed<'a> {
    pub(crate) template: &'a Config,
    pub(crate) address: MacAddr,
    pub(crate) rider: Box<dyn Rider>,
    pub(crate) rng: ChaCha8Rng,
}

impl Station {
    /// A station that looks for one AP.
    pub(crate) fn joining(
        now: Instant,
        seed: Seed<'_>,
        ap: MacAddr,
        channel: usize,
        signal: f32,
        scan: Scan,
    ) -> Self {
        let config = config(&seed, ap, scan);
        let queue_limit = match config.queue_limit {
            QueueLimit::Shared(limit) | QueueLimit::PerReceiver(limit) => limit,
        };
        let feed = if config.ampdu.is_some() { FEED[0] } else { FEED[1] };
        Self {
            ap,
            channel,
            mac: Mac::new(now, config, seed.rider, seed.rng),
            state: State::Joining,
            heard: now,
            signal,
            joined: now,
            backup: false,
            weak: false,
            effort: Effort::default(),
            queue: VecDeque::new(),
            queue_limit,
            feed,
        }
    }

    /// A station that asks who is there, in vain as far as it can tell itself: the AP that it looks
    /// for is nobody.
    pub(crate) fn scout(now: Instant, seed: Seed<'_>, channel: usize, scan: Scan) -> Self {
        let nobody = seed.address;
        Self { state: State::Scout, ..Self::joining(now, seed, nobody, channel, 0.0, scan) }
    }

    pub(crate) fn address(&self) -> MacAddr {
        self.mac.config().address
    }

    pub(crate) fn is_joined(&self) -> bool {
        matches!(self.state, State::Joined { .. })
    }

    pub(crate) fn is_awake(&self) -> bool {
        self.state == State::Joined { awake: true }
    }

    /// The AP was heard.
    pub(crate) fn hears(&mut self, now: Instant, signal_dbm: f32) {
        self.heard = now;
        self.signal += SIGNAL_WEIGHT * (signal_dbm - self.signal);
    }

    /// The host wants a packet sent: whether there is room for it.
    pub(crate) fn push(&mut self, mut msdu: Msdu) -> bool {
        let room = self.is_joined() && self.queued() < self.queue_limit;
        if room {
            msdu.source = self.address();
            self.queue.push_back(msdu);
        }
        room
    }

    /// Packets that are to be sent.
    pub(crate) fn queued(&self) -> usize {
        self.queue.len() + self.in_mac()
    }

    fn in_mac(&self) -> usize {
        AccessCategory::ALL.into_iter().map(|category| self.mac.queued(category)).sum()
    }

    /// Gives the MAC what it can send soon. Bytes of that.
    pub(crate) fn feed(&mut self, now: Instant) -> usize {
        let mut bytes = 0;
        while self.in_mac() < self.feed
            && let Some(msdu) = self.queue.pop_front()
        {
            bytes += msdu.payload.len();
            self.mac.handle(now, Event::Msdu(msdu));
        }
        bytes
    }
}

fn config(seed: &Seed<'_>, ap: MacAddr, scan: Scan) -> Config {
    let ssid = match &seed.template.role {
        Role::Station(station) => station.ssid.clone(),
        Role::Ap(_) | Role::Ibss(_) => panic!("a client of APs is a station"),
    };
    let role = StationConfig { ssid, bssid: Some(ap), scan, beacon_loss: NO_BEACON_LOSS };
    Config { address: seed.address, role: Role::Station(role), ..seed.template.clone() }
}
