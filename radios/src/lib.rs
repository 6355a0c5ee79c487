//! Sample streams.
