//! IEEE 802.11 OFDM PHYs: baseband samples to PSDUs and back.
//!
//! - [`Receiver`] takes samples in chunks of any size and gives an [`RxFrame`] for each PPDU it
//!   finds: its PSDU or the reason why there is none, and what was measured on the way.
//! - [`Transmitter`] turns a PSDU and a [`TxVector`] into samples.
//!
//! Both know the eight non-HT rates (802.11-2020 clause 17) at 5 to 40 MHz, there in either half or
//! as a duplicate in both, and HT-mixed PPDUs of one stream (clause 19), MCS 0 to 7 at 20 and
//! 40 MHz with both guard intervals. They work at one sample per hertz of bandwidth and know
//! nothing of files, radios or MAC frames; the FCS belongs to the MAC.
//!
//! ```
//! use phy80211::{Bandwidth, OfdmRate, Receiver, RxConfig, Transmitter, TxVector};
//!
//! let psdu = b"any bytes, 1 to 4095 of them";
//! let mut air = vec![Default::default(); 200];
//! let tx = TxVector::new(OfdmRate::Mbps54, 0x5d);
//! Transmitter::new(Bandwidth::Mhz20).modulate(&tx, psdu, &mut air)?;
//! air.resize(air.len() + 200, Default::default());
//!
//! let mut receiver = Receiver::new(RxConfig::default());
//! receiver.push(&air);
//! let frame = receiver.next_frame().expect("one frame");
//! assert_eq!(frame.psdu(), Some(&psdu[..]));
//! # Ok::<(), phy80211::TxError>(())
//! ```

mod bandwidth;
mod constellation;
mod convolutional;
mod gather;
mod ht_sig;
mod interleaver;
mod rate;
mod rx;
mod scrambler;
mod signal;
mod subcarriers;
mod tables;
mod timing;
mod training;
mod tx;

/// The receiver's stages, for benches only: no part of the API.
#[doc(hidden)]
pub mod stages {
    pub use crate::rx::stages::{BITS, Material, SEARCH, SYMBOL, Stage};
    pub use crate::rx::{Kernel, Viterbi};
}

pub use num_complex::Complex32;

pub use bandwidth::Bandwidth;
pub use ht_sig::{HtSig, HtSigError};
pub use rate::{CodeRate, GuardInterval, HtRate, HtWidth, Mcs, Modulation, OfdmRate, Rate};
pub use rx::{
    ChannelEstimate, Data, Detail, Format, FrameDetail, Measured, Receiver, RxConfig, RxEvent,
    RxFailure, RxFrame, RxHeader, RxStats, RxVector, SampleIndex, Unsupported,
};
pub use signal::{Signal, SignalError};
pub use timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES, ppdu_samples, txtime};
pub use tx::{Begun, MAX_HT_PSDU_LEN, MAX_PSDU_LEN, Placement, Transmitter, TxError, TxVector};
