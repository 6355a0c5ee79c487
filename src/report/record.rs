//! The frame record that `decode --json` prints, documented field by field in docs/decode.md.

use mac::fcs;
use phy80211::{Bandwidth, Format, Placement, Rate, RxFrame, RxVector};
use serde::{Serialize, Serializer};

use super::failure;
use super::ht_sig::HtSigRecord;
use super::mpdu::Aggregate;
use super::ride::RideRecord;

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
    /// Data rate of the PSDU.
    pub rate_mbps: Option<f64>,
    /// HT modulation and coding scheme; none in non-HT.
    pub mcs: Option<u8>,
    /// Bandwidth of the receiver's channel.
    pub bandwidth_mhz: u32,
    /// What the PPDU takes of it.
    pub width_mhz: Option<u32>,
    /// The part of a 40 MHz channel that it takes; none where the receiver has 20 or less.
    pub placement: Option<&'static str>,
    /// Short guard interval.
    pub short_gi: bool,
    /// The PSDU is an A-MPDU.
    pub aggregation: bool,
    /// Bytes of the PSDU, from SIGNAL or HT-SIG.
    pub psdu_len: Option<usize>,
    /// Whether there is a PSDU and its FCS is right, or those of all its MPDUs.
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
    /// What HT-SIG says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ht_sig: Option<HtSigRecord>,
    /// What an A-MPDU is made of.
    #[serde(flatten)]
    pub aggregate: Option<Aggregate>,
    /// TCP ACKs that ride on the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ride: Option<RideRecord>,
    /// The PSDU.
    #[serde(rename = "psdu_hex", serialize_with = "hex_or_null")]
    pub psdu: Option<Vec<u8>>,
    /// The rate by its own name.
    #[serde(skip)]
    pub rate: Option<Rate>,
}

impl FrameRecord {
    /// The record of a frame that a receiver of some `bandwidth` found in the recording `file`.
    pub fn new(file: &str, frame: RxFrame, bandwidth: Bandwidth, file_rate_hz: f64) -> Self {
        let measured = |value: f32| Some(value).filter(|value| value.is_finite());
        let rxvector = frame.rxvector;
        let rate = rxvector.and_then(|rx| rx.rate());
        let ht_sig = rxvector.and_then(|rx| rx.ht_sig);
        let aggregation = rxvector.is_some_and(|rx| rx.aggregation());
        let psdu = frame.psdu();
        let aggregate = psdu.filter(|_| aggregation).map(Aggregate::of);
        let fcs_ok = match &aggregate {
            Some(aggregate) => aggregate.is_whole(),
            None => psdu.is_some_and(fcs::is_right),
        };
        let failure = frame.outcome.as_ref().err();
        let time_s = frame.start.0 as f64 / bandwidth.sample_rate_hz();
        Self {
            file: file.to_owned(),
            start_sample: (time_s * file_rate_hz).round() as u64,
            time_s,
            format: rxvector.map(|rx| match rx.format {
                Format::NonHt => "non-ht",
                Format::NonHtDuplicate => "non-ht-dup",
                Format::HtMixed => "ht-mf",
                Format::HtGreenfield => "ht-gf",
            }),
            rate_mbps: rate.map(|rate| rate.mbps(bandwidth)),
            mcs: ht_sig.map(|ht_sig| ht_sig.mcs),
            bandwidth_mhz: bandwidth.mhz(),
            width_mhz: rxvector.map(taken_mhz),
            placement: rxvector.filter(|_| bandwidth == Bandwidth::Mhz40).map(|rx| {
                match rx.placement {
                    Placement::Whole => "whole",
                    Placement::Lower => "lower",
                    Placement::Upper => "upper",
                }
            }),
            short_gi: ht_sig.is_some_and(|ht_sig| ht_sig.short_gi),
            aggregation,
            psdu_len: rxvector.and_then(|rx| rx.psdu_len()),
            fcs_ok,
            snr_db: measured(frame.measured.snr_db),
            evm_db: measured(frame.measured.evm_db),
            cfo_hz: measured(frame.measured.cfo_hz),
            clock_ppm: measured(frame.measured.clock_ppm),
            power_db: measured(frame.measured.power_db),
            scrambler_init: frame.outcome.as_ref().ok().map(|data| data.scrambler_init),
            failure: failure.map(failure::code),
            failure_text: failure.map(ToString::to_string),
            ht_sig: ht_sig.map(HtSigRecord::from),
            aggregate,
            ride: None,
            rate,
            psdu: frame.outcome.ok().map(|data| data.psdu),
        }
    }
}

/// The bandwidth that a PPDU takes of the receiver's.
fn taken_mhz(rxvector: RxVector) -> u32 {
    match (rxvector.bandwidth, rxvector.placement) {
        (Bandwidth::Mhz40, Placement::Lower | Placement::Upper) => 20,
        // Half of it was seen.
        _ if rxvector.ht_sig.is_some_and(|ht_sig| ht_sig.wide) => 40,
        (bandwidth, _) => bandwidth.mhz(),
    }
}

/// Bytes as a hexadecimal string.
fn hex_or_null<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.as_ref().map(const_hex::encode).serialize(serializer)
}
