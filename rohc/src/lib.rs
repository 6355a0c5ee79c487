//! Robust header compression of TCP.
