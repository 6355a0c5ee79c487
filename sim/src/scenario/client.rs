//! Clients of several APs as a scenario writes them.

use channel_switch::{Balance, Config, MAX_CYCLE, Membership, Policy, Switching};
use serde::{Deserialize, Serialize};

use super::units::Time;

/// How a client of several APs divides its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientTable {
    /// Who gets how much.
    pub policy: SlotPolicy,
    /// The power of eq. 3.1.
    pub alpha: f64,
    /// A round through all channels.
    pub cycle: Time,
    /// The least slot.
    pub min_slot: Time,
    /// How long the radio is deaf when it is tuned.
    pub retune: Time,
    /// How long it listens for what an AP had in its hardware already.
    pub linger: Time,
    /// An AP that was not heard for so long is lost.
    pub lost_after: Time,
    /// The least power of an AP that is joined.
    pub join_dbm: f32,
    /// The least power of one that is kept.
    pub leave_dbm: f32,
    /// By how much another AP must be stronger to be moved to.
    pub margin_db: f32,
    /// What it does about an AP that takes the time of another one in its channel.
    pub balance: BalanceName,
}

/// What a client does about an AP that needs much longer for a packet than another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalanceName {
    /// Nothing.
    #[default]
    Off,
    /// Its path becomes a backup.
    Backup,
    /// Its packets are marked.
    Ecn,
}

/// A policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlotPolicy {
    /// All channels the same.
    Equal,
    /// Eq. 3.1.
    Adaptive,
    /// As much as is used.
    Fatvap,
    /// Eq. 3.1, and MPTCP keeps away from channels that bring less than half of the best.
    #[default]
    PrimaryBackup,
    /// No slots: it hears all channels at once.
    Wideband,
    /// One AP at a time.
    Handover,
}

impl Default for ClientTable {
    fn default() -> Self {
        let (switching, membership) = (Switching::default(), Membership::default());
        Self {
            policy: SlotPolicy::default(),
            alpha: 2.0,
            cycle: Time(MAX_CYCLE),
            min_slot: Time::millis(10),
            retune: Time(switching.retune),
            linger: Time(switching.linger),
            lost_after: Time(membership.lost_after),
            join_dbm: membership.join_dbm,
            leave_dbm: membership.leave_dbm,
            margin_db: 6.0,
            balance: BalanceName::default(),
        }
    }
}

impl ClientTable {
    /// Whether a client can be like that.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.cycle.0 > MAX_CYCLE || self.cycle.0.as_millis() < 10 {
            return Err("a cycle is 10 to 200 ms: TCP takes longer silence for loss".to_owned());
        }
        if self.min_slot.0 > self.cycle.0 || self.min_slot.0 <= self.retune.0 {
            return Err("min_slot is longer than retune, and at most the cycle".to_owned());
        }
        if !(0.0..=10.0).contains(&self.alpha) {
            return Err(format!("alpha is 0 to 10, not {}", self.alpha));
        }
        Ok(())
    }

    /// The client, in channels, with stations of this kind.
    pub(super) fn config(&self, station: mac::Config, channels: Vec<u8>) -> Config {
        let alpha = self.alpha;
        Config {
            policy: match self.policy {
                SlotPolicy::Equal => Policy::Equal,
                SlotPolicy::Adaptive => Policy::Adaptive { alpha },
                SlotPolicy::Fatvap => Policy::FatVap,
                SlotPolicy::PrimaryBackup => Policy::PrimaryBackup { alpha },
                SlotPolicy::Wideband => Policy::Wideband,
                SlotPolicy::Handover => Policy::Handover { margin_db: self.margin_db },
            },
            balance: match self.balance {
                BalanceName::Off => Balance::Off,
                BalanceName::Backup => Balance::Backup,
                BalanceName::Ecn => Balance::Ecn,
            },
            cycle: self.cycle.0,
            min_slot: self.min_slot.0,
            switching: Switching {
                retune: self.retune.0,
                linger: self.linger.0,
                ..Switching::default()
            },
            membership: Membership {
                lost_after: self.lost_after.0,
                join_dbm: self.join_dbm,
                leave_dbm: self.leave_dbm,
                ..Membership::default()
            },
            ..Config::new(station, channels)
        }
    }
}
