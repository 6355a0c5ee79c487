//! What is told of a frame: one record, as JSON or a line, and the summary over many.

mod failure;
mod ht_sig;
mod line;
mod mpdu;
mod record;
mod ride;
mod summary;

pub use line::write_frame;
pub use mpdu::Aggregate;
pub use record::FrameRecord;
pub use ride::Rides;
pub use summary::Summary;
