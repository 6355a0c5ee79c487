//! Frames in pcapng files with radiotap headers, out and in.

mod radiotap;
mod read;
mod write;

pub use radiotap::{InAmpdu, OnAir};
pub use read::{PcapFrame, read};
pub use write::PcapWriter;
