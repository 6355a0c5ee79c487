//! `ackride ap`, `sta` and `monitor`: on the air, in real time, with the kernel's own network behind.
//!
//! [`station`] is a station between samples and packets; [`pipeline`] has the threads between it, a
//! radio and the kernel; [`turnaround`] measures how far ahead of its radio it has to think. docs/live.md
//! tells how to use all that.

mod bench;
mod config;
mod identity;
mod monitor;
mod pipeline;
mod radio;
mod run;
mod station;
pub mod status;
mod tap;
mod turnaround;
mod view;

pub use bench::measure as measure_pipeline;
pub use monitor::{Args as MonitorArgs, run as run_monitor};
pub use run::{ApArgs, StaArgs, run_ap, run_sta};
