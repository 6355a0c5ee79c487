//! 802.11 MAC frames, from bytes and to bytes, after IEEE Std 802.11-2020.
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
pub use bss::Mac;
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
