//! Aggregates: MPDUs in a PSDU (9.7), and MSDUs in an MPDU (9.3.2.2).

mod ampdu;
mod amsdu;
mod delimiter;

pub use ampdu::{AmpduBuilder, AmpduItem, AmpduLayout, AmpduSubframes};
pub use amsdu::{AmsduBuilder, AmsduSubframe, AmsduSubframes, MAX_MSDU};
pub use delimiter::Delimiter;
