//! HACK as a scenario writes it: which TCP ACKs of a node ride, and how.

use std::any::Any;
use std::time::Duration;

use hack::{Budget, Config, Hack, Policy, Stats};
use mac::Mac;
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
    rider.downcast_ref::<Hack>().map(|hack| *hack.stats())
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
