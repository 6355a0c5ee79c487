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

mod access_category;
mod address;
mod aggregate;
mod bits;
mod block_ack;
mod control;
mod data;
mod duration;
mod elements;
mod error;
pub mod fcs;
mod frame;
mod frame_control;
mod frame_kind;
mod instant;
mod management;
mod phy_service;
pub mod radiotap;
mod reader;
mod sequence;
#[cfg(test)]
mod test_hex;
mod time_units;

pub use access_category::AccessCategory;
pub use address::{BadAddress, MacAddr};
pub use aggregate::*;
pub use block_ack::*;
pub use control::{Control, ControlBody};
pub use data::{AckPolicy, Data, DataHeader, QosControl, Snap};
pub use duration::{DurationId, MAX_AID};
pub use elements::*;
pub use error::FrameError;
pub use frame::Frame;
pub use frame_control::FrameControl;
pub use frame_kind::{ControlSubtype, DataSubtype, FrameKind, ManagementSubtype};
pub use instant::Instant;
pub use management::*;
pub use phy_service::{PhyIndication, RxPpdu, TxPpdu};
pub use sequence::{SequenceControl, SequenceNumber};
pub use time_units::TimeUnits;
