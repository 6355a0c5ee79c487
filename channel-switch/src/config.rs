use std::time::Duration;

use crate::balance::Balance;
use crate::event::Channel;

/// What a client is, and how it divides its time.
#[derive(Debug, Clone)]
pub struct Config {
    /// What each of its virtual stations is like. Its role is that of a station; its address is
    /// the radio's own, from which those of the stations are derived. Its queue limit is that of
    /// each station.
    pub station: mac::Config,
    /// Where it looks for APs, by the numbers of the channels.
    pub channels: Vec<Channel>,
    /// Who gets how much of its time.
    pub policy: Policy,
    /// What it does about an AP that takes the time of another one in its channel.
    pub balance: Balance,
    /// C of eq. 3.1: a round through all channels.
    pub cycle: Duration,
    /// The least slot.
    pub min_slot: Duration,
    /// How it goes from channel to channel.
    pub switching: Switching,
    /// Which APs it joins.
    pub membership: Membership,
}

/// Who gets how much of a client's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Policy {
    /// All channels the same.
    Equal,
    /// Eq. 3.1: in proportion to a power of what a channel brings while it is in use.
    Adaptive {
        /// The power; with 0 all are equal.
        alpha: f64,
    },
    /// Each as much as it used of what it had, the fastest first, after FatVAP.
    FatVap,
    /// As `Adaptive`, but a channel that brings less than 80 % of the best is a backup: it keeps the
    /// least slot, and its paths carry nothing as long as there are others.
    PrimaryBackup {
        /// The power.
        alpha: f64,
    },
    /// A radio for each channel, or one that receives and sends in all of them at once: no slots.
    Wideband,
    /// Not a client of all APs, but what it is compared with: of one at a time, from which it moves
    /// to another one that is stronger by so much, and breaks before it makes.
    Handover {
        /// In decibels.
        margin_db: f32,
    },
}

/// How a radio goes from channel to channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switching {
    /// How long it is deaf when it is tuned.
    pub retune: Duration,
    /// How long it listens when its APs have heard that it sleeps, after the last frame of theirs:
    /// to what was in their hardware already.
    pub linger: Duration,
    /// It leaves after so long though an AP has not heard that it does.
    pub farewell: Duration,
}

/// Which APs a client joins, and when it takes them for lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Membership {
    /// At most so many.
    pub max_stations: usize,
    /// Those that are at least as strong as this; any if it has none.
    pub join_dbm: f32,
    /// It leaves those that are weaker than this on average, if it has a better one. The paths of
    /// those that are hardly stronger are backups then: nothing is under way by them when it leaves.
    pub leave_dbm: f32,
    /// Those of which nothing was heard for so long are lost.
    pub lost_after: Duration,
    /// How often it looks for others, channel by channel.
    pub probe_every: Duration,
    /// How long it stays for that in a channel in which it has none.
    pub probe_for: Duration,
}

impl Default for Switching {
    /// What a card of 2014 takes.
    fn default() -> Self {
        Self {
            retune: Duration::from_millis(5),
            linger: Duration::from_micros(500),
            farewell: Duration::from_millis(50),
        }
    }
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            max_stations: 8,
            join_dbm: -75.0,
            leave_dbm: -79.0,
            lost_after: Duration::from_millis(800),
            probe_every: Duration::from_millis(500),
            probe_for: Duration::from_millis(20),
        }
    }
}

impl Config {
    /// A client by default: the rule that fits today's MPTCP, 200 ms, 10 ms.
    pub fn new(station: mac::Config, channels: Vec<Channel>) -> Self {
        Self {
            station,
            channels,
            policy: Policy::PrimaryBackup { alpha: 2.0 },
            balance: Balance::Off,
            cycle: crate::MAX_CYCLE,
            min_slot: Duration::from_millis(10),
            switching: Switching::default(),
            membership: Membership::default(),
        }
    }
}
