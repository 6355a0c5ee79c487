//! Whole MACs on an ideal link in virtual time: what they send when, and what arrives.

mod access;
mod air;
mod block_ack;
mod exchange;
mod hostile;
mod ibss;
mod lossy;
mod membership;
mod network;
mod power_save;
mod relay;
