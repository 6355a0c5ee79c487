//! Robust header compression of TCP.
//!
//! [`ack_group`] is the profile of TCP/HACK: the ACKs of a whole A-MPDU behind one Block Ack.

pub mod ack_group;
