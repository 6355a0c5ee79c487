//! What a monitor has heard, written to a file and decoded by the command.

use mac::{Control, Frame, fcs};
use phy80211::Bandwidth;
use radios::{SampleFormat, SigmfWriter};
use serde_json::Value;
use sim::Position;

use crate::common::{frames, tell};
use crate::link::{Link, Sent};

/// Whether no other PPDU was on the air at the same time.
fn was_alone(sent: &Sent, all: &[Sent]) -> bool {
    let overlaps = |other: &&Sent| other.ppdu.start < sent.end && sent.ppdu.start < other.end;
    all.iter().filter(overlaps).count() == 1
}

/// The bytes that ride on a response.
fn ride(psdu: &[u8]) -> Option<Vec<u8>> {
    match Frame::parse(fcs::strip(psdu)?).ok()? {
        Frame::Control(Control { trailing, .. }) if !trailing.is_empty() => Some(trailing.to_vec()),
        _ => None,
    }
}

fn psdu(frame: &Value) -> Vec<u8> {
    const_hex::decode(frame["psdu_hex"].as_str().unwrap_or_default()).expect("hexadecimal")
}

#[test]
fn frames_and_rides_are_decoded_from_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link");
    let rate_hz = Bandwidth::Mhz20.sample_rate_hz();
    let mut writer = SigmfWriter::create(&path, SampleFormat::CI16_LE, rate_hz, false).unwrap();

    let mut link = Link::new(Bandwidth::Mhz20, 150_000, 2);
    let before = link.network.observer().0.len();
    let monitor = link.network.medium_mut().add_monitor(Position::new(3.0, 3.0));
    link.finish(|network| {
        writer.write(&network.medium_mut().take_recording(monitor)).unwrap();
    });
    writer.finish().unwrap();
    let decoded = frames([path.with_extension("sigmf-meta")]);

    let sent = &link.network.observer().0[before..];
    let alone: Vec<_> = sent.iter().filter(|ppdu| was_alone(ppdu, sent)).collect();
    assert!(
        alone.len() > 50 && alone.len() * 10 > sent.len() * 9,
        "{} of {}",
        alone.len(),
        sent.len()
    );
    let mut decoded = decoded.iter();
    for ppdu in &alone {
        let found = decoded.any(|frame| psdu(frame) == ppdu.ppdu.psdu);
        assert!(found, "what {} sent at {} was not decoded", ppdu.node, ppdu.ppdu.start);
    }
    let rides = alone.iter().filter_map(|sent| ride(&sent.ppdu.psdu)).count();
    assert!(rides > 5, "{rides} rides");
    tell(&format!("{} PPDUs of {} decoded, {rides} with riders", alone.len(), sent.len()));
}
