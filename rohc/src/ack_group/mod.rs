//! The ACK-group profile.

mod chain;
mod compressor;
mod crc16;
mod decompressor;
mod delivered;
mod directory;
mod fields;
mod flow_key;
mod frame;
mod model;
mod packet;
mod range_coder;
mod receivers;
mod record;
mod senders;

pub use compressor::{Compressor, FrameId, Verdict};
pub use decompressor::{Decompressor, Gap, Native};
pub use flow_key::FlowKey;
pub use senders::Reason;
