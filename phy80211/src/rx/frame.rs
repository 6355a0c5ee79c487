//! What the receiver says of one PPDU: RXVECTOR, PSDU or failure, and measurements.

use std::fmt;

use num_complex::Complex32;
use thiserror::Error;

use crate::subcarriers::{EDGE, N_ST, OCCUPIED, occupied_index};
use crate::{ChannelSpacing, OfdmRate, SignalError};

/// Number of a sample, counted from the first one pushed into the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SampleIndex(pub u64);

impl fmt::Display for SampleIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// PPDU format (FORMAT of RXVECTOR, Table 19-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Clause 17.
    NonHt,
    /// Clause 19 behind a non-HT preamble. Recognised, not decoded.
    HtMixed,
}

/// What the PHY tells the MAC with a PSDU (RXVECTOR, Table 17-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RxVector {
    /// PPDU format.
    pub format: Format,
    /// Channel spacing that the receiver is clocked for.
    pub spacing: ChannelSpacing,
    /// L_DATARATE, from SIGNAL.
    pub rate: OfdmRate,
    /// L_LENGTH in bytes, from SIGNAL. For a non-HT PPDU the length of the PSDU.
    pub length: u16,
}

/// The decoded DATA field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// The PSDU, its FCS not yet looked at.
    pub psdu: Vec<u8>,
    /// Initial state of the transmitter's scrambler, X7 highest. 0 if SERVICE was damaged.
    pub scrambler_init: u8,
}

/// Why a PPDU that was detected gave no PSDU.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum RxFailure {
    /// SIGNAL was decoded and breaks a rule (RXERROR FormatViolation, UnsupportedRate).
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// SIGNAL decodes to a word from which too many of its 48 coded bits differ.
    #[error("SIGNAL is no codeword: {wrong_bits} of its 48 coded bits differ from the nearest")]
    SignalNotACodeword {
        /// Hard decisions that differ from the re-encoded field.
        wrong_bits: u32,
    },
    /// LENGTH is beyond what the receiver was configured to take.
    #[error("LENGTH is {length} bytes, the receiver takes {max}")]
    LengthTooLarge {
        /// LENGTH of the SIGNAL field.
        length: usize,
        /// [`RxConfig::max_psdu_len`](crate::RxConfig::max_psdu_len).
        max: usize,
    },
    /// The PPDU is of a format that the receiver recognises and does not decode.
    #[error("an HT-mixed PPDU, which this receiver does not decode")]
    UnsupportedFormat,
    /// The signal was gone before the PPDU's end (RXERROR CarrierLost).
    #[error("the carrier was lost at sample {at}, in symbol {symbol} of {symbols}")]
    CarrierLost {
        /// First sample of the first symbol without signal.
        at: SampleIndex,
        /// That symbol, 0 being the first of the DATA field.
        symbol: usize,
        /// Symbols of the DATA field.
        symbols: usize,
    },
    /// A stronger PPDU began before this one ended, and reception moved to it.
    #[error("a stronger frame began at sample {at}, in symbol {symbol} of {symbols}")]
    Captured {
        /// First sample of the stronger PPDU.
        at: SampleIndex,
        /// The symbol of the DATA field that it hit.
        symbol: usize,
        /// Symbols of the DATA field.
        symbols: usize,
    },
    /// The samples ended before the PPDU.
    #[error("the samples ended in symbol {symbol} of {symbols}")]
    OutOfSamples {
        /// The symbol that could not be read, 0 being the first of the DATA field.
        symbol: usize,
        /// Symbols of the DATA field; 0 while SIGNAL was not yet read.
        symbols: usize,
    },
}

/// Scalars measured over one PPDU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Mean power of the preamble, in dB relative to a sample of magnitude 1.
    pub power_db: f32,
    /// Signal power over noise power in the whole sample bandwidth, from how the two long
    /// training symbols differ.
    pub snr_db: f32,
    /// Error vector magnitude of the DATA field against the nearest points, over the mean
    /// power of the constellation (17.3.9.8). NaN while no symbol was demodulated.
    pub evm_db: f32,
    /// The transmitter's carrier minus the receiver's, in Hz.
    pub cfo_hz: f32,
    /// The transmitter's sample clock minus the receiver's, in parts per million, from the
    /// drift of the symbols. NaN while it is not measurable.
    pub clock_ppm: f32,
}

/// Channel at the 52 occupied subcarriers; a frame of unit mean power that came through
/// unchanged has gains of magnitude 1.
///
/// The phase slope includes where in the guard interval the receiver placed its FFT window,
/// a few samples before the first path.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelEstimate(pub(crate) [Complex32; N_ST]);

impl ChannelEstimate {
    /// Gain at a subcarrier from -26 to 26; zero at subcarrier 0 and outside.
    pub fn at(&self, subcarrier: i32) -> Complex32 {
        if subcarrier == 0 || subcarrier.abs() > EDGE {
            return Complex32::ZERO;
        }
        self.0[occupied_index(subcarrier)]
    }

    /// Subcarriers and their gains, lowest frequency first.
    pub fn iter(&self) -> impl Iterator<Item = (i32, Complex32)> + '_ {
        OCCUPIED.into_iter().zip(self.0)
    }
}

/// What was asked for in [`Detail`](crate::Detail), for the symbols that were demodulated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrameDetail {
    /// Equalised points of the 48 data subcarriers, symbol after symbol of the DATA field,
    /// at unit mean power.
    pub constellation: Vec<Complex32>,
    /// EVM in dB of each data subcarrier over the frame, lowest frequency first.
    pub subcarrier_evm_db: Vec<f32>,
}

/// One PPDU found in the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct RxFrame {
    /// First sample of the preamble.
    pub start: SampleIndex,
    /// One past the last sample that was taken for this PPDU.
    pub end: SampleIndex,
    /// What SIGNAL said; `None` if it could not be read.
    pub rxvector: Option<RxVector>,
    /// The DATA field, or where and why decoding stopped.
    pub outcome: Result<Data, RxFailure>,
    /// Power, SNR, EVM and offsets.
    pub measured: Measured,
    /// The channel, as estimated from the long training field.
    pub channel: Box<ChannelEstimate>,
    /// What [`RxConfig::detail`](crate::RxConfig::detail) asked for.
    pub detail: FrameDetail,
}

impl RxFrame {
    /// The PSDU, if there is one.
    pub fn psdu(&self) -> Option<&[u8]> {
        self.outcome.as_ref().ok().map(|data| &data.psdu[..])
    }
}
