//! Networks in virtual time: hosts with TCP and UDP, wires, and the air between the MACs of `mac`.

mod error_table;
mod medium;

pub use error_table::{ErrorTable, TableError};
pub use medium::{
    Channel, LogDistance, Medium, MediumConfig, NodeConfig, NodeId, Position, PreambleDetection,
    ReceiverConfig,
};
