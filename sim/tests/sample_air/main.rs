//! Sample-level air: what nodes hear of each other's waveforms.

mod bed;
mod collisions;
mod errors;
mod reception;
