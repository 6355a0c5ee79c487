//! A line of text for each frame, and for each MPDU of an aggregate.

use std::io::{self, Write};

use mac::{Frame, fcs};

use super::FrameRecord;

/// Time, rate, length, quality, and what the frame is or why it is not; then what an aggregate is
/// made of.
pub fn write_frame(out: &mut impl Write, record: &FrameRecord) -> io::Result<()> {
    let rate = record.rate_mbps.map_or("-".to_owned(), |mbps| format!("{mbps:.4}"));
    let rate = rate.trim_end_matches('0').trim_end_matches('.');
    let rate = if rate.len() > 5 { &rate[..5] } else { rate };
    let len = record.psdu_len.map_or("-".to_owned(), |len| len.to_string());
    let decibel = |value: Option<f32>| value.map_or("-".to_owned(), |db| format!("{db:.1}"));
    let khz = record.cfo_hz.map_or("-".to_owned(), |hz| format!("{:+.1}", hz / 1e3));
    let verdict = match (&record.psdu, record.fcs_ok) {
        (Some(_), true) => "ok ",
        (Some(_), false) => "bad",
        (None, _) => "-  ",
    };
    let what = match (&record.failure_text, &record.aggregate, &record.psdu) {
        (Some(reason), _, _) => reason.clone(),
        (None, Some(aggregate), _) => {
            format!("A-MPDU, {} of {} MPDUs good", aggregate.good(), aggregate.mpdus.len())
        }
        (None, None, Some(psdu)) => describe(psdu),
        (None, None, None) => String::new(),
    };
    writeln!(
        out,
        "{:>12.6} s {rate:>5} Mbit/s {:<14} {len:>5} B  SNR {:>5} dB  EVM {:>6} dB  CFO {khz:>7} kHz  FCS {verdict} {what}",
        record.time_s,
        mode(record),
        decibel(record.snr_db),
        decibel(record.evm_db),
    )?;
    if let Some(ride) = &record.ride {
        writeln!(out, "{:>20} {ride}", "")?;
    }
    let (Some(aggregate), Some(psdu)) = (&record.aggregate, &record.psdu) else { return Ok(()) };
    for mpdu in &aggregate.mpdus {
        let verdict = if mpdu.fcs_ok { "ok " } else { "bad" };
        let what = describe(&psdu[mpdu.range()]);
        writeln!(
            out,
            "{:>20} {:>5} {:>12} B  FCS {verdict} {what}",
            "MPDU at", mpdu.offset, mpdu.len
        )?;
    }
    for gap in &aggregate.gaps {
        writeln!(out, "{:>20} {:>5} {:>12} B  no delimiter", "gap at", gap.offset, gap.len)?;
    }
    Ok(())
}

/// How the frame was sent, where that is not plain non-HT.
fn mode(record: &FrameRecord) -> String {
    let mut mode = match (record.format, record.mcs) {
        (_, Some(mcs)) => format!("MCS {mcs}"),
        (Some("non-ht-dup"), _) => "duplicate".to_owned(),
        (Some("ht-mf" | "ht-gf"), _) => "HT".to_owned(),
        _ => String::new(),
    };
    if record.short_gi {
        mode += " SGI";
    }
    match record.placement {
        Some("whole") => mode += " 40",
        Some(half) => mode = format!("{mode} {half}").trim_start().to_owned(),
        None => {}
    }
    mode
}

/// Type, addresses and sequence number.
fn describe(mpdu: &[u8]) -> String {
    let body = &mpdu[..mpdu.len().saturating_sub(fcs::LEN)];
    let frame = match Frame::parse(body) {
        Ok(frame) => frame,
        Err(error) => return error.to_string(),
    };
    let transmitter = frame.transmitter().map_or(String::new(), |from| format!("{from} -> "));
    let receiver = frame.receiver().map_or(String::new(), |to| to.to_string());
    let sequence =
        match frame.sequence_control().map(|control| (control.sequence, control.fragment)) {
            Some((sequence, 0)) => format!(" seq {}", sequence.value()),
            Some((sequence, fragment)) => format!(" seq {}.{fragment}", sequence.value()),
            None => String::new(),
        };
    let retry = if frame.frame_control().retry() { " retry" } else { "" };
    format!("{} {transmitter}{receiver}{sequence}{retry}", frame.kind().name())
}
