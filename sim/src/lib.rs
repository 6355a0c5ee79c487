//! Networks in virtual time: hosts with TCP and UDP, wires, and the air between the MACs of `mac`.

mod error_table;

pub use error_table::{ErrorTable, TableError};
