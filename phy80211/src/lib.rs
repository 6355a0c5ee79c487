//! IEEE 802.11 OFDM PHY (802.11-2020 clause 17): baseband samples to PSDUs and back.
//!
//! - [`Receiver`] takes samples in chunks of any size and gives an [`RxFrame`] for each PPDU it
//!   finds: its PSDU or the reason why there is none, and what was measured on the way.
//! - [`Transmitter`] turns a PSDU and a [`TxVector`] into samples.
//!
//! Both know all eight non-HT rates at 20, 10 and 5 MHz. They work at one sample per hertz of
//! channel spacing and know nothing of files, radios or MAC frames; the FCS belongs to the MAC.
//!
//! ```
//! use phy80211::{OfdmRate, Receiver, RxConfig, Transmitter, TxVector};
//!
//! let psdu = b"any bytes, 1 to 4095 of them";
//! let mut air = vec![Default::default(); 200];
//! let tx = TxVector { rate: OfdmRate::Mbps54, scrambler_init: 0x5d };
//! Transmitter::new().modulate(&tx, psdu, &mut air)?;
//! air.resize(air.len() + 200, Default::default());
//!
//! let mut receiver = Receiver::new(RxConfig::default());
//! receiver.push(&air);
//! let frame = receiver.next_frame().expect("one frame");
//! assert_eq!(frame.psdu(), Some(&psdu[..]));
//! # Ok::<(), phy80211::TxError>(())
//! ```

mod constellation;
mod convolutional;
mod interleaver;
mod rate;
mod rx;
mod scrambler;
mod signal;
mod spacing;
mod subcarriers;
mod timing;
mod training;
mod tx;

pub use num_complex::Complex32;

pub use rate::{CodeRate, Modulation, OfdmRate};
pub use rx::{
    ChannelEstimate, Data, Detail, Format, FrameDetail, Measured, Receiver, RxConfig, RxFailure,
    RxFrame, RxStats, RxVector, SampleIndex,
};
pub use signal::{Signal, SignalError};
pub use spacing::ChannelSpacing;
pub use timing::{PREAMBLE_SAMPLES, SYMBOL_SAMPLES, ppdu_samples, txtime};
pub use tx::{MAX_PSDU_LEN, Transmitter, TxError, TxVector};
