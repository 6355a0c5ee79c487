//! The frame record that `decode --json` prints, documented field by field in docs/decode.md.

use phy80211::{Format, OfdmRate, RxFailure, RxFrame, SignalError};
use serde::{Serialize, Serializer};

use crate::fcs;

/// One PPDU of a recording. Other programs rely on the names.
#[derive(Debug, Clone, Serialize)]
pub struct FrameRecord {
    /// The recording as it was named or found.
    pub file: String,
    /// First sample of the preamble, in samples of the recording.
    pub start_sample: u64,
    /// The same in seconds.
    pub time_s: f64,
    /// PPDU format; `null` if SIGNAL could not be read.
    pub format: Option<&'static str>,
    /// Data rate.
    pub rate_mbps: Option<f64>,
    /// HT modulation and coding scheme; none in non-HT.
    pub mcs: Option<u8>,
    /// Channel spacing.
    pub bandwidth_mhz: u32,
    /// Guard interval of 400 ns.
    pub short_gi: bool,
    /// Bytes of the PSDU, from SIGNAL.
    pub psdu_len: Option<u16>,
    /// Whether there is a PSDU and its FCS is right.
    pub fcs_ok: bool,
    /// Signal-to-noise ratio.
    pub snr_db: Option<f32>,
    /// Error vector magnitude.
    pub evm_db: Option<f32>,
    /// Carrier frequency offset.
    pub cfo_hz: Option<f32>,
    /// Sample clock offset.
    pub clock_ppm: Option<f32>,
    /// Mean power of the preamble relative to full scale.
    pub power_db: Option<f32>,
    /// Initial state of the transmitter's scrambler.
    pub scrambler_init: Option<u8>,
    /// Why there is no PSDU, as a stable code.
    pub failure: Option<&'static str>,
    /// The same as a sentence.
    pub failure_text: Option<String>,
    /// The PSDU.
    #[serde(rename = "psdu_hex", serialize_with = "hex_or_null")]
    pub psdu: Option<Vec<u8>>,
    /// The rate by its own name, for the summary.
    #[serde(skip)]
    pub rate: Option<OfdmRate>,
}

impl FrameRecord {
    /// The record of a frame that a receiver found at `rate_ratio` times the samples of the
    /// recording `file`.
    pub fn new(file: &str, frame: RxFrame, bandwidth_mhz: u32, file_rate_hz: f64) -> Self {
        let phy_rate_hz = f64::from(bandwidth_mhz) * 1e6;
        let measured = |value: f32| Some(value).filter(|value| value.is_finite());
        let rxvector = frame.rxvector;
        let failure = frame.outcome.as_ref().err();
        let time_s = frame.start.0 as f64 / phy_rate_hz;
        Self {
            file: file.to_owned(),
            start_sample: (time_s * file_rate_hz).round() as u64,
            time_s,
            format: rxvector.map(|rx| match rx.format {
                Format::NonHt => "non-ht",
                Format::HtMixed => "ht-mf",
            }),
            // L_DATARATE of an HT-mixed PPDU is not its rate.
            rate_mbps: rxvector
                .filter(|rx| rx.format == Format::NonHt)
                .map(|rx| rx.rate.mbps(rx.spacing)),
            mcs: None,
            bandwidth_mhz,
            short_gi: false,
            psdu_len: rxvector.filter(|rx| rx.format == Format::NonHt).map(|rx| rx.length),
            fcs_ok: frame.psdu().is_some_and(fcs::is_right),
            snr_db: measured(frame.measured.snr_db),
            evm_db: measured(frame.measured.evm_db),
            cfo_hz: measured(frame.measured.cfo_hz),
            clock_ppm: measured(frame.measured.clock_ppm),
            power_db: measured(frame.measured.power_db),
            scrambler_init: frame.outcome.as_ref().ok().map(|data| data.scrambler_init),
            failure: failure.map(failure_code),
            failure_text: failure.map(ToString::to_string),
            rate: rxvector.filter(|rx| rx.format == Format::NonHt).map(|rx| rx.rate),
            psdu: frame.outcome.ok().map(|data| data.psdu),
        }
    }
}

/// A word for each reason, which does not change when the sentence does.
fn failure_code(failure: &RxFailure) -> &'static str {
    match failure {
        RxFailure::Signal(SignalError::Parity(_)) => "signal-parity",
        RxFailure::Signal(SignalError::ReservedRate(_)) => "signal-reserved-rate",
        RxFailure::Signal(SignalError::ReservedBit(_)) => "signal-reserved-bit",
        RxFailure::Signal(SignalError::Tail(_)) => "signal-tail",
        RxFailure::Signal(SignalError::ZeroLength(_)) => "signal-zero-length",
        RxFailure::SignalNotACodeword { .. } => "signal-not-a-codeword",
        RxFailure::LengthTooLarge { .. } => "length-too-large",
        RxFailure::UnsupportedFormat => "unsupported-format",
        RxFailure::CarrierLost { .. } => "carrier-lost",
        RxFailure::Captured { .. } => "captured",
        RxFailure::OutOfSamples { .. } => "out-of-samples",
        _ => "other",
    }
}

/// Bytes as a hexadecimal string.
fn hex_or_null<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.as_ref().map(hex::encode).serialize(serializer)
}
