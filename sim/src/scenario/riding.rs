//! HACK as a scenario writes it: which TCP ACKs of a node ride, and how.

use std::any::Any;
use std::time::Duration;

use hack::{Budget, Config, Hack, Policy, Stats, Thin, Thinning};
use mac::{Mac, NoRider, Rider};
use serde::{Deserialize, Serialize};

use super::units::Time;

/// How a node treats TCP ACKs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HackTable {
    /// Which ones ride.
    pub policy: PolicyName,
    /// How long an ACK waits for a response if the policy is `timer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Time>,
    /// What may ride on a response at most, even if that ends more than AIFS later; without it
    /// what does not fit into AIFS is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_bytes: Option<usize>,
    /// ACKs that nothing came for are sent natively after this time.
    #[serde(default = "safety")]
    pub safety: Time,
}

/// Which TCP ACKs ride.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyName {
    /// None.
    Native,
    /// All wait for a response, a fixed time at most.
    Timer,
    /// Those for which a response comes before the medium does.
    Opportunistic,
    /// Those that are to send while the peer has more data.
    MoreData,
    /// Those, and others as in `opportunistic`; the peer promises more data if it expects ACKs.
    Adaptive,
}

/// How a node's driver thins TCP ACKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThinTable {
    /// One in so many is sent.
    pub one_in: u32,
    /// The last one is sent after this time.
    #[serde(default = "flush")]
    pub flush: Time,
}

impl ThinTable {
    /// One in so many.
    pub fn new(one_in: u32) -> Self {
        Self { one_in, flush: flush() }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=1000).contains(&self.one_in) {
            return Err(format!("one_in is 1 to 1000, not {}", self.one_in));
        }
        if !(1..RTO.as_nanos()).contains(&self.flush.0.as_nanos()) {
            return Err("flush is more than 0 s and less than 200 ms, TCP's timeout".to_owned());
        }
        Ok(())
    }
}

fn flush() -> Time {
    Time(Thinning::default().flush)
}

/// Who rides on the responses of a node.
pub(super) fn rider(hack: Option<&HackTable>, thin: Option<&ThinTable>) -> Box<dyn Rider> {
    let thinning = thin.map(|&ThinTable { one_in, flush: Time(flush) }| Thinning { one_in, flush });
    match (hack.map(|table| Hack::new(table.config())), thinning) {
        (None, None) => Box::new(NoRider),
        (Some(hack), None) => Box::new(hack),
        (None, Some(thinning)) => Box::new(Thin::new(NoRider, thinning)),
        (Some(hack), Some(thinning)) => Box::new(Thin::new(hack, thinning)),
    }
}

/// How long ACKs wait if the scenario does not say so.
const TIMER: Time = Time(Duration::from_millis(10));
/// TCP takes ACKs for lost after this time.
const RTO: Duration = Duration::from_millis(200);
/// What rides at most in the largest frames of either profile.
const MAX_RISK: usize = 1024;

fn safety() -> Time {
    Time(Config::default().safety)
}

/// What became of a node's TCP ACKs, if it has HACK.
pub fn hack_stats(mac: &Mac) -> Option<Stats> {
    let rider: &dyn Any = mac.rider();
    let thin = rider.downcast_ref::<Thin<Hack>>().map(Thin::inner);
    rider.downcast_ref::<Hack>().or(thin).map(|hack| *hack.stats())
}

/// TCP ACKs that a node did not send because a newer one was.
pub(super) fn thinned(mac: &Mac) -> u64 {
    let rider: &dyn Any = mac.rider();
    let alone = rider.downcast_ref::<Thin<NoRider>>().map(Thin::dropped);
    let with_hack = rider.downcast_ref::<Thin<Hack>>().map(Thin::dropped);
    alone.or(with_hack).unwrap_or(0)
}

impl PolicyName {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Native, Self::Timer, Self::Opportunistic, Self::MoreData, Self::Adaptive];

    /// As scenarios write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Timer => "timer",
            Self::Opportunistic => "opportunistic",
            Self::MoreData => "more-data",
            Self::Adaptive => "adaptive",
        }
    }
}

impl HackTable {
    /// A policy with all else as it is by default.
    pub fn new(policy: PolicyName) -> Self {
        Self { policy, timer: None, risk_bytes: None, safety: safety() }
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    /// Says what does not.
    pub fn check(&self) -> Result<(), String> {
        let waits = 1..RTO.as_nanos();
        let makes_sense = |time: &Time| waits.contains(&time.0.as_nanos());
        if self.timer.is_some() && self.policy != PolicyName::Timer {
            return Err("timer is of the policy \"timer\"".to_owned());
        }
        if !self.timer.iter().chain([&self.safety]).all(makes_sense) {
            return Err(
                "ACKs may wait for more than 0 s, and less than the 200 ms after which TCP \
                        takes them for lost"
                    .to_owned(),
            );
        }
        if self.risk_bytes.is_some_and(|bytes| !(1..=MAX_RISK).contains(&bytes)) {
            return Err(format!("risk_bytes is 1 to {MAX_RISK}"));
        }
        Ok(())
    }

    /// The same for [`hack`].
    pub fn config(&self) -> Config {
        Config {
            policy: match self.policy {
                PolicyName::Native => Policy::Native,
                PolicyName::Timer => Policy::Timer(self.timer.unwrap_or(TIMER).0),
                PolicyName::Opportunistic => Policy::Opportunistic,
                PolicyName::MoreData => Policy::MoreData,
                PolicyName::Adaptive => Policy::Adaptive,
            },
            budget: self.risk_bytes.map_or(Budget::Split, Budget::Risk),
            safety: self.safety.0,
            ..Config::default()
        }
    }
}
