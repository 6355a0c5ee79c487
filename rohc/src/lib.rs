//! Robust header compression of TCP.

pub mod ack_group;
