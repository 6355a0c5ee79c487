//! The path manager of the kernel's MPTCP (RFC 8684): which subflows its connections have, by
//! generic netlink.
//!
//! Two ways lead there. Under the kernel's own path manager a host has *endpoints*, from each of which
//! every connection gets a subflow; they come and go with associations. Under that of user space
//! (`net.mptcp.path_manager=userspace`) each subflow is opened, closed and given its priority by
//! [`policy`]. Not here: MPTCP itself, which is the kernel's.

mod address;
mod attributes;
mod changes;
mod command;
mod event;
mod manager;
mod message;
mod netlink;
mod path_manager;
mod policy;
mod statistics;
#[cfg(test)]
mod tests;

pub use address::{Endpoint, EndpointFlags};
pub use changes::{AllowedAlgorithm, Changes, SourceRoute};
pub use command::{Args, run};
pub use message::Limits;
pub use path_manager::PathManager;
