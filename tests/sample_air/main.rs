//! TCP/HACK over waveforms: an AP and a station whose frames are samples.

mod command;
#[path = "../common/mod.rs"]
mod common;
mod download;
mod link;
mod recording;
