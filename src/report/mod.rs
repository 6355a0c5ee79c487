//! What the command says of frames: as a record for programs, as a line and as a summary for
//! people.

mod line;
mod record;
mod summary;

pub use line::line;
pub use record::FrameRecord;
pub use summary::Summary;
