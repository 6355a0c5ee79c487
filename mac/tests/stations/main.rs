//! Whole MACs on an ideal link in virtual time: what they send when, and what arrives.

mod air;
mod membership;
