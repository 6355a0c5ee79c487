//! Robust header compression of TCP.

pub mod cid;
pub mod crc;
mod error;
pub mod feedback;
pub mod rohc_tcp;

pub use error::{Error, Native};
