//! What the receiver says of one PPDU: RXVECTOR, PSDU or failure, and measurements.

use std::fmt;

use num_complex::Complex32;
use thiserror::Error;

use super::unsupported::Unsupported;
use crate::{Bandwidth, HtSig, HtSigError, Placement, Rate, Signal, SignalError};

/// Number of a sample, counted from the first one pushed into the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SampleIndex(pub u64);

impl fmt::Display for SampleIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// PPDU format (FORMAT and NON_HT_MODULATION of RXVECTOR, Table 19-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Clause 17.
    NonHt,
    /// Clause 17, the same in both halves of 40 MHz (NON_HT_DUP_OFDM).
    NonHtDuplicate,
    /// Clause 19 behind a non-HT preamble.
    HtMixed,
    /// Clause 19 without one. Recognised, and its HT-SIG read.
    HtGreenfield,
}

/// What the PHY tells the MAC with a PSDU (RXVECTOR, Tables 17-2 and 19-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RxVector {
    /// PPDU format.
    pub format: Format,
    /// Bandwidth that the receiver is clocked for.
    pub bandwidth: Bandwidth,
    /// The part of a 40 MHz channel in which the PPDU was received.
    pub placement: Placement,
    /// L_DATARATE and L_LENGTH, from SIGNAL; none in greenfield.
    pub l_sig: Option<Signal>,
    /// The fields of HT-SIG, if there is one and its CRC is right.
    pub ht_sig: Option<HtSig>,
}

impl RxVector {
    /// Whether this is an HT PPDU.
    pub fn is_ht(&self) -> bool {
        matches!(self.format, Format::HtMixed | Format::HtGreenfield)
    }

    /// The rate of the DATA field; none if HT-SIG could not be read or names one that this PHY
    /// does not decode.
    pub fn rate(&self) -> Option<Rate> {
        if self.is_ht() {
            return self.ht_sig.and_then(|ht_sig| ht_sig.rate()).map(Rate::Ht);
        }
        self.l_sig.map(|l_sig| Rate::NonHt(l_sig.rate))
    }

    /// Bytes of the PSDU, as the header announces them.
    pub fn psdu_len(&self) -> Option<usize> {
        if self.is_ht() {
            return self.ht_sig.map(|ht_sig| ht_sig.length.into());
        }
        self.l_sig.map(|l_sig| l_sig.length.into())
    }

    /// AGGREGATION: the PSDU is an A-MPDU.
    pub fn aggregation(&self) -> bool {
        self.ht_sig.is_some_and(|ht_sig| ht_sig.aggregation)
    }
}

/// What the header of a PPDU announces, known long before the PPDU's end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RxHeader {
    /// First sample of the preamble.
    pub start: SampleIndex,
    /// One past the last sample, by the transmitter's clock.
    pub end: SampleIndex,
    /// What the header said so far. A non-HT PPDU of which the other half of the channel is not yet
    /// looked at may still turn out to be a duplicate.
    pub rxvector: RxVector,
    /// Rate of the DATA field.
    pub rate: Rate,
    /// Bytes of the PSDU.
    pub psdu_len: usize,
}

/// What a receiver has to tell.
#[derive(Debug, Clone, PartialEq)]
pub enum RxEvent {
    /// A PPDU is on the air whose PSDU is being decoded (PHY-RXSTART.indication).
    Header(RxHeader),
    /// A PPDU has ended (PHY-RXEND.indication).
    Frame(Box<RxFrame>),
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
    #[error("the PSDU has {length} bytes, the receiver takes {max}")]
    LengthTooLarge {
        /// LENGTH of SIGNAL or HT-SIG.
        length: usize,
        /// [`RxConfig::max_psdu_len`](crate::RxConfig::max_psdu_len).
        max: usize,
    },
    /// HT-SIG was decoded and breaks a rule.
    #[error(transparent)]
    HtSig(#[from] HtSigError),
    /// HT-SIG announces more symbols than SIGNAL leaves time for: one of the two is wrong.
    #[error("HT-SIG announces more than SIGNAL leaves time for ({ht_sig})")]
    HtSigBeyondSignal {
        /// The fields of HT-SIG.
        ht_sig: HtSig,
    },
    /// The PPDU is of a kind that the receiver recognises and does not decode.
    #[error("{what}, which is not decoded ({ht_sig})")]
    Unsupported {
        /// The kind.
        what: Unsupported,
        /// The fields of its HT-SIG.
        ht_sig: HtSig,
    },
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
        /// Symbols of the DATA field; 0 while they are not known.
        symbols: usize,
    },
}

/// Scalars measured over one PPDU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Mean power of the training symbols, in dB relative to a sample of magnitude 1.
    pub power_db: f32,
    /// Signal power over noise power in the whole sample bandwidth, from how the two long
    /// training symbols differ.
    pub snr_db: f32,
    /// Error vector magnitude of the DATA field, or of the header where that is all that was
    /// demodulated, against the nearest points, over the mean
    /// power of the constellation (17.3.9.8). NaN while no symbol was demodulated.
    pub evm_db: f32,
    /// The transmitter's carrier minus the receiver's, in Hz.
    pub cfo_hz: f32,
    /// The transmitter's sample clock minus the receiver's, in parts per million, from the
    /// drift of the symbols. NaN while it is not measurable.
    pub clock_ppm: f32,
}

/// Channel at the occupied subcarriers of the DATA field, numbered from the middle of what the
/// PPDU occupies, of a non-HT duplicate in one of its halves.
///
/// A frame of unit mean power that came through unchanged has gains of magnitude 1. The phase
/// slope includes where in the guard interval the receiver placed its FFT window, 150 ns before
/// the first path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChannelEstimate(pub(crate) Vec<(i32, Complex32)>);

impl ChannelEstimate {
    /// Gain at a subcarrier; zero where there is none.
    pub fn at(&self, subcarrier: i32) -> Complex32 {
        let at = self.0.binary_search_by_key(&subcarrier, |&(number, _)| number);
        at.map_or(Complex32::ZERO, |at| self.0[at].1)
    }

    /// Subcarriers and their gains, lowest frequency first.
    pub fn iter(&self) -> impl Iterator<Item = (i32, Complex32)> + '_ {
        self.0.iter().copied()
    }
}

/// What was asked for in [`Detail`](crate::Detail), for the symbols that were demodulated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrameDetail {
    /// Equalised points of the data subcarriers (48, 52 or 108), symbol after symbol of the DATA
    /// field, at unit mean power.
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
    /// What the header said; `None` if SIGNAL could not be read.
    pub rxvector: Option<RxVector>,
    /// The DATA field, or where and why decoding stopped.
    pub outcome: Result<Data, RxFailure>,
    /// Power, SNR, EVM and offsets.
    pub measured: Measured,
    /// The channel, as estimated from the training symbols.
    pub channel: ChannelEstimate,
    /// What [`RxConfig::detail`](crate::RxConfig::detail) asked for.
    pub detail: FrameDetail,
}

impl RxFrame {
    /// The PSDU, if there is one.
    pub fn psdu(&self) -> Option<&[u8]> {
        self.outcome.as_ref().ok().map(|data| &data.psdu[..])
    }
}
