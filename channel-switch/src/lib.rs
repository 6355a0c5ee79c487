//! MultiWifi: one client that is associated with all access points it hears, by one radio.
//!
//! A [`MultiStation`] is several [`Mac`](mac::Mac)s, a virtual station for each AP, behind one PHY:
//! each has its own address, sequence numbers, queues, rider, and power save. Those whose APs are in
//! one channel share the medium as stations next to each other do, but for that they never collide.
//! If the APs are in several channels, the radio goes from one to the next: each gets a slot of a
//! cycle by eq. 3.1, and before the radio leaves, the APs have heard that their station sleeps, and
//! hold back what they have for it.
//!
//! It is sans-IO as the MAC is: time and events in, [`Output`]s out. What runs over the
//! associations, an IP address and an MPTCP subflow each, is its owner's business;
//! [`Notice::Joined`], [`Notice::Lost`] and [`Notice::Priority`] are what a path manager waits for.
//! docs/channel-switch.md has the whole story.

mod air;
mod balance;
mod config;
mod estimate;
mod event;
mod multi_station;
mod plan;
mod slots;
mod station;
mod tuner;

pub use balance::Balance;
pub use config::{Config, Membership, Policy, Switching};
pub use event::{Channel, Loss, Notice, Output, Radio};
pub use multi_station::{Association, MultiStation, RiderFactory};
pub use slots::{MAX_CYCLE, slots};
