//! A word for each reason why there is no PSDU, which does not change when the sentence does.

use phy80211::{HtSigError, RxFailure, SignalError, Unsupported};

/// The code that docs/decode.md lists.
pub fn code(failure: &RxFailure) -> &'static str {
    match failure {
        RxFailure::Signal(error) => signal(error),
        RxFailure::SignalNotACodeword { .. } => "signal-not-a-codeword",
        RxFailure::HtSig(HtSigError::Crc(_)) => "ht-sig-crc",
        RxFailure::HtSig(HtSigError::Tail(_)) => "ht-sig-tail",
        RxFailure::HtSig(HtSigError::ReservedBit(_)) => "ht-sig-reserved-bit",
        RxFailure::HtSigBeyondSignal { .. } => "ht-sig-beyond-signal",
        RxFailure::Unsupported { what, .. } => unsupported(*what),
        RxFailure::LengthTooLarge { .. } => "length-too-large",
        RxFailure::CarrierLost { .. } => "carrier-lost",
        RxFailure::Captured { .. } => "captured",
        RxFailure::OutOfSamples { .. } => "out-of-samples",
        _ => "other",
    }
}

fn signal(error: &SignalError) -> &'static str {
    match error {
        SignalError::Parity(_) => "signal-parity",
        SignalError::ReservedRate(_) => "signal-reserved-rate",
        SignalError::ReservedBit(_) => "signal-reserved-bit",
        SignalError::Tail(_) => "signal-tail",
        SignalError::ZeroLength(_) => "signal-zero-length",
    }
}

fn unsupported(what: Unsupported) -> &'static str {
    match what {
        Unsupported::Streams => "unsupported-streams",
        Unsupported::Mcs32 => "unsupported-mcs-32",
        Unsupported::ReservedMcs => "unsupported-reserved-mcs",
        Unsupported::Stbc => "unsupported-stbc",
        Unsupported::Ldpc => "unsupported-ldpc",
        Unsupported::ExtensionStreams => "unsupported-extension-streams",
        Unsupported::NullDataPacket => "unsupported-null-data-packet",
        Unsupported::Wide => "unsupported-40-mhz",
        Unsupported::Greenfield => "unsupported-greenfield",
        _ => "unsupported",
    }
}
