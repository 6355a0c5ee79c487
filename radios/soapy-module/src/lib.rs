//! A SoapySDR module (`libackrideSupport.so`): each radio in simulated air is a device of the driver
//! `ackride`.
//!
//! SoapySDR's interface for drivers is a C++ class. `module.cpp` is that class, and no more; what it
//! calls is `bridge.rs`, over a C interface, and what that calls is a `Device`.
#![allow(non_snake_case, reason = "SoapySDR's modules are named so")]

#[cfg(feature = "module")]
mod bridge;
#[cfg(feature = "module")]
mod device;
