//! An 802.11 MAC without I/O, and the frames it speaks, after IEEE Std 802.11-2020.
//!
//! [`Mac`] is a station, an access point or a member of an IBSS: time and [`Event`]s in, [`Output`]s
//! out, without a clock, a thread or a socket. Its owner brings what the PHY indicates
//! ([`PhyIndication`]) and the packets of the host ([`Msdu`]), asks [`Mac::poll`] what to do, and
//! comes again at [`Mac::next_timeout`]. The same code flies on a radio and in virtual time. A
//! [`Rider`] may send along with its Acks and Block Acks. docs/mac.md has the whole story.
//!
//! ```
//! use std::time::Duration;
//! use mac::{Config, Event, IbssConfig, Instant, Mac, Msdu, NoRider, Output, RateSelection, Role};
//! use phy80211::OfdmRate;
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let bssid = "02:00:00:00:00:ff".parse()?;
//! let ibss = IbssConfig { ssid: b"lab".to_vec(), bssid, channel: 36, beacon_interval: None };
//! let rate = RateSelection::Fixed(OfdmRate::Mbps54.into());
//! let config = Config::dot11a("02:00:00:00:00:01".parse()?, Role::Ibss(ibss), rate);
//! let rng = ChaCha8Rng::seed_from_u64(1);
//! let mut mac = Mac::new(Instant::ZERO, config, Box::new(NoRider), rng);
//!
//! let packet = Msdu {
//!     destination: "02:00:00:00:00:02".parse()?,
//!     source: "02:00:00:00:00:01".parse()?,
//!     priority: 0,
//!     ethertype: 0x0800,
//!     payload: vec![0x45; 100].into(),
//! };
//! mac.handle(Instant::ZERO, Event::Msdu(packet));
//! // The medium is idle, and has to be so for DIFS.
//! let difs = mac.next_timeout().expect("there is something to send");
//! assert_eq!(difs - Instant::ZERO, Duration::from_micros(34));
//! mac.handle_timeout(difs);
//! let Some(Output::Transmit(ppdu)) = mac.poll() else { panic!("it is sent now") };
//! assert_eq!((ppdu.start, ppdu.psdu.len()), (difs, 24 + 8 + 100 + 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Frames
//!
//! [`Frame::parse`] reads an MPDU whose FCS [`fcs::strip`] has checked and taken off: the header's
//! fields are copied out, the body stays where it was received. Bodies are read on demand:
//! [`Management::read_body`] and its [`Elements`], [`Snap`] and [`AmsduSubframes`] in data
//! frames; [`AmpduSubframes`] finds the MPDUs of an aggregate. A frame that parses is emitted byte
//! for byte as it was: reserved bits, unknown variants and bytes after the last field are kept.
//!
//! Everything off the air is hostile: wrong bytes give a [`FrameError`], never a panic. Only what
//! we would send wrong ourselves, such as a header that contradicts its frame control, panics.
//!
//! ```
//! use mac::{Control, ControlBody, DurationId, Frame, MacAddr, fcs};
//!
//! let receiver: MacAddr = "e4:90:7e:15:2a:16".parse()?;
//! let mut mpdu = vec![];
//! Control::new(receiver, DurationId(0), ControlBody::Ack).emit(&mut mpdu);
//! fcs::append(&mut mpdu, 0);
//!
//! let frame = Frame::parse(fcs::strip(&mpdu).expect("nothing is damaged"))?;
//! assert_eq!((frame.kind().name(), frame.receiver()), ("Ack", Some(receiver)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod access_category;
mod address;
mod aggregate;
mod bits;
mod block_ack;
mod bss;
mod capabilities;
mod config;
mod control;
mod counters;
mod data;
mod duration;
mod elements;
mod error;
mod event;
pub mod fcs;
mod frame;
mod frame_control;
mod frame_kind;
mod instant;
mod lower;
mod management;
mod peer;
mod phy_service;
mod queue;
pub mod radiotap;
mod rate_control;
mod reader;
mod recipient;
mod rider;
mod sequence;
#[cfg(test)]
mod test_hex;
mod time_units;

pub use access::SlotTiming;
pub use access_category::AccessCategory;
pub use address::{BadAddress, MacAddr};
pub use aggregate::*;
pub use block_ack::*;
pub use bss::{Mac, PeerStatus};
pub use capabilities::Capabilities;
pub use config::{
    AmpduLimits, ApConfig, Config, IbssConfig, RateSelection, Role, Scan, StationConfig,
};
pub use control::{Control, ControlBody};
pub use counters::Counters;
pub use data::{AckPolicy, Data, DataHeader, QosControl, Snap};
pub use duration::{DurationId, MAX_AID};
pub use elements::*;
pub use error::FrameError;
pub use event::{Command, DropReason, Event, Msdu, Notice, Output};
pub use frame::Frame;
pub use frame_control::FrameControl;
pub use frame_kind::{ControlSubtype, DataSubtype, FrameKind, ManagementSubtype};
pub use instant::Instant;
pub use management::*;
pub use phy_service::{PhyIndication, RxPpdu, TxPpdu};
pub use queue::{QueueLimit, Schedule};
pub use rate_control::{FixedRate, RateControl, TxStatus, response_rate};
pub use rider::{Departure, NoRider, Reception, Response, ResponseKind, Rider};
pub use sequence::{SequenceControl, SequenceNumber};
pub use time_units::TimeUnits;
