//! One line of text a frame.

use super::FrameRecord;
use crate::mac_header::MacHeader;

/// Time, rate, length, quality, and what the frame is or why it is not.
pub fn line(record: &FrameRecord) -> String {
    let rate = record.rate_mbps.map_or("-".to_owned(), |mbps| format!("{mbps}"));
    let len = record.psdu_len.map_or("-".to_owned(), |len| len.to_string());
    let decibel = |value: Option<f32>| value.map_or("-".to_owned(), |db| format!("{db:.1}"));
    let khz = record.cfo_hz.map_or("-".to_owned(), |hz| format!("{:+.1}", hz / 1e3));
    let verdict = match (&record.psdu, record.fcs_ok) {
        (Some(_), true) => "ok ",
        (Some(_), false) => "bad",
        (None, _) => "-  ",
    };
    let what = match (&record.failure_text, &record.psdu) {
        (Some(reason), _) => reason.clone(),
        (None, Some(psdu)) => describe(psdu),
        (None, None) => String::new(),
    };
    format!(
        "{:>12.6} s {rate:>5} Mbit/s {len:>4} B  SNR {:>5} dB  EVM {:>6} dB  CFO {khz:>7} kHz  FCS {verdict} {what}",
        record.time_s,
        decibel(record.snr_db),
        decibel(record.evm_db),
    )
}

/// Type, addresses and sequence number.
fn describe(psdu: &[u8]) -> String {
    let Some(header) = MacHeader::new(psdu) else { return "too short for a MAC header".to_owned() };
    let transmitter = header.transmitter().map_or(String::new(), |from| format!("{from} -> "));
    let sequence = match header.sequence() {
        Some((sequence, 0)) => format!(" seq {sequence}"),
        Some((sequence, fragment)) => format!(" seq {sequence}.{fragment}"),
        None => String::new(),
    };
    let retry = if header.retry() { " retry" } else { "" };
    format!("{} {transmitter}{}{sequence}{retry}", header.name(), header.receiver())
}
